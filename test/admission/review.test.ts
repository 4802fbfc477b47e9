import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { envelopeSchema, readReview } from '../../src/admission/review.ts';
import { pod, request, review, uid } from './scene.ts';

const whole = review(request('Pod', pod()));
const without = (field: string): unknown => {
  const { [field]: _, ...rest } = { ...request('Pod', pod()) } as Record<string, unknown>;
  return review(rest);
};
const withRequest = (more: object): unknown => review({ ...request('Pod', pod()), ...more });

describe('readReview', () => {
  it('has a schema that is one: the process compiles it without asking', () => {
    const ajv = new Ajv();
    expect(ajv.validateSchema(envelopeSchema), ajv.errorsText()).toBe(true);
  });

  it('gives the request of a review as it came', () => {
    expect(readReview(whole)).toEqual(request('Pod', pod()));
  });

  it.each<[string, unknown]>([
    ['fields that it does not know', withRequest({ requestKind: {}, options: { a: 1 } })],
    ['a deletion, whose object is null', withRequest({ operation: 'DELETE', object: null })],
    ['no name, as of a generateName', without('name')],
    ['an object that is no object: whoever reads it says so', withRequest({ object: 'text' })],
    [
      'extra groups of the user',
      withRequest({ userInfo: { extra: { 'example.com/roles': ['a'], constructor: ['b'] } } }),
    ],
  ])('takes %s', (_, body) => {
    expect(readReview(body)).not.toHaveProperty('malformed');
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['null', null, 'the body must be object', undefined],
    ['a list', [], 'the body must be object', undefined],
    ['a text', 'AdmissionReview', 'the body must be object', undefined],
    ['an empty object', {}, "the body must have required property 'apiVersion'", undefined],
    ['another kind', { ...whole, kind: 'Review' }, 'kind must be equal to constant "AdmissionReview"', uid],
    [
      'v1beta1',
      { ...whole, apiVersion: 'admission.k8s.io/v1beta1' },
      'apiVersion must be equal to constant "admission.k8s.io/v1"',
      uid,
    ],
    ['no uid', without('uid'), "request must have required property 'uid'", undefined],
    ['an empty uid', withRequest({ uid: '' }), 'request.uid must NOT have fewer than 1 characters', undefined],
    ['a uid that is a number', withRequest({ uid: 7 }), 'request.uid must be string', undefined],
    ['no request', { ...whole, request: undefined }, "the body must have required property 'request'", undefined],
    ['a request that is a list', review([]), 'request must be object', undefined],
    ['no user', without('userInfo'), "request must have required property 'userInfo'", uid],
    [
      'groups that are a text',
      withRequest({ userInfo: { groups: 'all' } }),
      'request.userInfo.groups must be array',
      uid,
    ],
    [
      'an unknown operation',
      withRequest({ operation: 'PATCH' }),
      'request.operation must be equal to one of the allowed values',
      uid,
    ],
    [
      'extra facts that are no lists, whatever their names are',
      withRequest({ userInfo: { extra: { [`a/${'~'.repeat(100_000)}\n`]: 'b' } } }),
      'request.userInfo.extra must be array',
      uid,
    ],
    ['dryRun in words', withRequest({ dryRun: 'true' }), 'request.dryRun must be boolean', uid],
  ])('says of %s what is wrong with it, and finds the uid where there is one', (_, body, wrong, found) => {
    expect(readReview(body)).toEqual({ malformed: `not an admission.k8s.io/v1 AdmissionReview: ${wrong}`, uid: found });
  });

  it('is not taken in by fields of a prototype', () => {
    expect(readReview(JSON.parse(`{"__proto__": ${JSON.stringify(whole)}}`))).toHaveProperty('malformed');
  });
});
