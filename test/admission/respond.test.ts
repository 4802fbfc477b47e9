import { describe, expect, it } from 'vitest';
import { allow, complete, deny, patch } from '../../src/admission/respond.ts';

describe('a response', () => {
  it('admits with nothing but the uid where there is nothing to say', () => {
    expect(allow('u')).toEqual({ uid: 'u', allowed: true });
  });

  it('has no empty list of warnings', () => {
    expect(allow('u', { warnings: [] })).toEqual({ uid: 'u', allowed: true });
  });

  it('carries warnings and audit annotations beside the answer', () => {
    const extras = { warnings: ['Pod shop/web: x'], auditAnnotations: { decision: 'warned' } };
    expect(allow('u', extras)).toEqual({ uid: 'u', allowed: true, ...extras });
  });

  it('refuses as Forbidden, so that kubectl prints the message', () => {
    expect(deny('u', 'Pod shop/web: no')).toEqual({
      uid: 'u',
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: 'Pod shop/web: no' },
    });
  });

  it('carries a JSON Patch in base64', () => {
    const operations = [{ op: 'add', path: '/metadata/labels/a~1b', value: 'größe' }] as const;
    const { patch: encoded, ...rest } = patch('u', operations);
    expect(rest).toEqual({ uid: 'u', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(encoded ?? '', 'base64').toString('utf8'))).toEqual(operations);
  });

  it('says nothing of a patch without operations: the API server refuses an empty one', () => {
    expect(patch('u', [])).toEqual(allow('u'));
  });

  it('goes back in a review of its own version', () => {
    const response = allow('u');
    expect(complete(response)).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  });
});
