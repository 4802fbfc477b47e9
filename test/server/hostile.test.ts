// Hostile reviews: the answer is right and carries the uid, and nothing crashes.
import { beforeEach, describe, expect, it } from 'vitest';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { identity, namespace, networkPolicy, pod, podLabels, request, review, setUp, uid } from '../admission/scene.ts';
import { ask, build, json, post } from './webhook-server.ts';

const mebibyte = 1024 * 1024;
let scene: ReturnType<typeof setUp>;
beforeEach(() => {
  scene = setUp();
});

/**
 * Returns the text of a review with `text` in place of the quoted word HERE, for JSON that no
 * JavaScript object gives.
 */
function written(object: object, text: string): string {
  return JSON.stringify(review(request('Pod', object))).replace('"HERE"', () => text);
}
/** A right Pod with this many bytes in its annotations. */
function podOf(bytes: number): object {
  return { ...pod(), metadata: { name: 'web', labels: podLabels, annotations: { note: 'x'.repeat(bytes) } } };
}
const open = (depth: number, what: string) => `${what.repeat(depth)}1${(what === '[' ? ']' : '}').repeat(depth)}`;
const labelsOf = (text: string) => JSON.parse(`{${text}, ${JSON.stringify(podLabels).slice(1)}`) as object;
const right = JSON.stringify(review(request('Pod', pod())));

describe('a review', () => {
  it.each<[string, string | Buffer, boolean]>([
    ['that is right', right, true],
    ['with a label named __proto__', JSON.stringify(review(request('Pod', pod(labelsOf('"__proto__": "x"'))))), true],
    [
      'whose only env is in a label named __proto__',
      written(pod('HERE'), '{"__proto__": {"env": "prod", "tier": "api"}}'),
      false,
    ],
    [
      'with a label named constructor',
      JSON.stringify(review(request('Pod', pod(labelsOf('"constructor": "x"'))))),
      true,
    ],
    [
      'with constructor.prototype in a volume',
      written(
        { ...pod(), spec: { volumes: 'HERE' } },
        '[{"csi": {"volumeAttributes": {"constructor": {"prototype": {}}}}}]',
      ),
      true,
    ],
    [
      'with __proto__ in a volume',
      written(
        { ...pod(), spec: { volumes: 'HERE' } },
        '[{"csi": {"volumeAttributes": {"__proto__": "x", "\\u005f_proto__": "y"}}}]',
      ),
      true,
    ],
    [
      'with a team of 63 characters in a namespace',
      JSON.stringify(
        review(request('Namespace', namespace({ ...identity, team: 'x'.repeat(63), 'ringfence.dev/fence': '' }))),
      ),
      true,
    ],
    [
      'with a team of 64',
      JSON.stringify(
        review(request('Namespace', namespace({ ...identity, team: 'x'.repeat(64), 'ringfence.dev/fence': '' }))),
      ),
      false,
    ],
    [
      'with letters that look like others',
      JSON.stringify(review(request('Pod', pod({ ...podLabels, env: 'рrod' })))),
      false,
    ],
    ['with a value in emoji', JSON.stringify(review(request('Pod', pod({ ...podLabels, env: '🏭' })))), false],
    ['with half of a character', written(pod({ ...podLabels, env: 'HERE' }), '"\\ud83d"'), false],
    [
      'with 10,000 annotations',
      JSON.stringify(
        review(request('Pod', { ...pod(), metadata: { name: 'web', labels: podLabels, annotations: many(10_000) } })),
      ),
      true,
    ],
    [
      'with 100,000 labels that are not ours',
      JSON.stringify(review(request('Pod', pod({ ...many(100_000), ...podLabels })))),
      true,
    ],
    ['with 100,000 labels and none of ours', JSON.stringify(review(request('Pod', pod(many(100_000))))), false],
    [
      'with a label value of a mebibyte',
      JSON.stringify(review(request('Pod', pod({ ...podLabels, env: '"x'.repeat(mebibyte / 2) })))),
      false,
    ],
    ['of 3 MiB', JSON.stringify(review(request('Pod', podOf(3 * mebibyte)))), true],
    ['of 7 MiB', JSON.stringify(review(request('Pod', podOf(7 * mebibyte)))), true],
    [
      'of 7 MiB that is wrong',
      JSON.stringify(review(request('Pod', { ...podOf(7 * mebibyte), spec: { hostNetwork: true } }))),
      false,
    ],
    ['with objects nested 10,000 deep', written({ ...pod(), spec: 'HERE' }, open(10_000, '{"a":')), true],
    ['with lists nested a million deep', written({ ...pod(), status: 'HERE' }, open(1_000_000, '[')), true],
    ['whose labels are nested 10,000 deep', written(pod('HERE'), open(10_000, '{"a":')), false],
    [
      'whose labels are twice there: the last count',
      written({ ...pod(), metadata: 'HERE' }, `{"labels": ${JSON.stringify(podLabels)}, "labels": {}}`),
      false,
    ],
    ['whose object is null', JSON.stringify(review(request('Pod', null))), false],
    ['whose object is a list', JSON.stringify(review(request('Pod', [pod()]))), false],
    ['whose metadata is a number', JSON.stringify(review(request('Pod', { metadata: 7 }))), false],
    ['of a kind that we do not judge', JSON.stringify(review(request('Secret', {}))), false],
    [
      'of a NetworkPolicy whose specification is a text',
      JSON.stringify(review(request('NetworkPolicy', { ...networkPolicy('deny-all-baseline'), spec: 'x' }))),
      false,
    ],
    ['of the wrong version', right.replace('admission.k8s.io/v1"', 'admission.k8s.io/v1beta1"'), false],
    ['of the wrong kind', right.replace('"AdmissionReview"', '"ConversionReview"'), false],
    ['without a user', right.replace('"userInfo"', '"who"'), false],
    [
      'that is not whole UTF-8',
      Buffer.concat([
        Buffer.from(right.slice(0, -2)),
        Buffer.from(', "x": "'),
        Buffer.from([0xff]),
        Buffer.from('"}}'),
      ]),
      true,
    ],
  ])('%s is answered with 200 and its uid', async (_, body, allowed) => {
    const { status, headers, body: answer } = await post(scene, body);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    expect(answer.response).toMatchObject({ uid, allowed });
    expect(answer.response?.status?.message.length ?? 0).toBeLessThan(20_000);
    expect(scene.defects).toEqual([]);
  });

  it('is answered in the mutating phase as well, whatever it is', async () => {
    for (const object of [namespace(identity), null, [], { metadata: { labels: [] } }, pod()]) {
      for (const url of [webhookPaths.mark, webhookPaths.markAsked, webhookPaths.inherit]) {
        const { status, body } = await post(scene, JSON.stringify(review(request('Namespace', object))), { url });
        expect({ status, response: body.response }).toMatchObject({ status: 200, response: { uid, allowed: true } });
      }
    }
  });

  it.each<Mode>(['observe', 'warn'])('that is malformed is admitted in %s', async (mode) => {
    scene = setUp(mode);
    const url = webhookPaths.unenforced;
    const { body } = await post(scene, right.replace('"AdmissionReview"', '"ConversionReview"'), { url });
    expect(body.response).toEqual({ uid, allowed: true });
  });
});

describe('what is no review', () => {
  const badRequest = 'the body is not JSON';
  const notOne = expect.stringMatching(/^not an admission\.k8s\.io\/v1 AdmissionReview: /);
  it.each<[string, string | Buffer, object, number, unknown]>([
    ['nothing', '', json, 400, expect.any(String)],
    ['a word', 'hello', json, 400, badRequest],
    ['half a review', right.slice(0, 200), json, 400, badRequest],
    ['two reviews', right + right, json, 400, badRequest],
    ['a BOM before a review (RFC 8259 has none)', `\ufeff${right}`, json, 400, badRequest],
    ['a review in UTF-16', Buffer.from(right, 'utf16le'), json, 400, badRequest],
    ['null', 'null', json, 400, notOne],
    ['a list', '[]', json, 400, notOne],
    ['a list of reviews', `[${right}]`, json, 400, notOne],
    ['a number', '7', json, 400, notOne],
    ['an empty object', '{}', json, 400, notOne],
    ['a review without a uid', right.replace('"uid"', '"id"'), json, 400, notOne],
    ['a review whose uid is a number', right.replace(`"${uid}"`, '7'), json, 400, notOne],
    ['a review in the place of a prototype', `{"__proto__": ${right}}`, json, 400, notOne],
    ['lists nested a million deep', open(1_000_000, '['), json, 400, notOne],
    ['text/plain', right, { 'content-type': 'text/plain' }, 415, 'the content type of a review is application/json'],
    [
      'a form',
      right,
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'the content type of a review is application/json',
    ],
    ['no content type', right, {}, 415, 'the content type of a review is application/json'],
    ['9 MiB', Buffer.alloc(9 * mebibyte, ' '), json, 413, 'a body has at most 8388608 bytes'],
    ['one byte more than 8 MiB', Buffer.alloc(8 * mebibyte + 1, ' '), json, 413, 'a body has at most 8388608 bytes'],
  ])('%s is refused without a decision', async (_, body, headers, status, error) => {
    for (const url of Object.values(webhookPaths)) {
      const answer = await post(scene, body, { url, headers });
      expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
    }
    expect(scene.audited).toEqual([]);
    expect(scene.defects).toEqual([]);
  });

  it.each<[string, 'GET' | 'PUT' | 'POST']>([
    [webhookPaths.enforced, 'GET'],
    [webhookPaths.enforced, 'PUT'],
    ['/', 'POST'],
    [`${webhookPaths.enforced}/`, 'POST'],
    ['/validate', 'POST'],
    ['/validate/../mutate', 'GET'],
    ['/%', 'GET'],
  ])('%s by %s is not found, or a bad request', async (url, method) => {
    const app = build(scene);
    const { statusCode, body } = await ask(app, { method, url });
    expect([400, 404]).toContain(statusCode);
    expect(body).toMatch(/"error"/);
    await app.close();
  });
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`example.com/label-${index}`, 'x']));
}
