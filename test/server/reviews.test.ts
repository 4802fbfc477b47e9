import { describe, expect, it } from 'vitest';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { pod, request, review, setUp, uid } from '../admission/scene.ts';
import { ask, build, json, post } from './webhook-server.ts';

const right = JSON.stringify(review(request('Pod', pod())));

describe('the routes of reviews', () => {
  it('answers only when the audit line is written', async () => {
    const steps: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const answered = post({ ...setUp(), written: () => promise }, right).then(() => steps.push('answered'));
    setTimeout(() => {
      steps.push('written');
      resolve();
    }, 20);
    await answered;
    expect(steps).toEqual(['written', 'answered']);
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'APPLICATION/JSON'])(
    'takes %s for JSON',
    async (type) => {
      const { status } = await post(setUp(), right, { headers: { 'content-type': type } });
      expect(status).toBe(200);
    },
  );

  it.each(['application/jsonp', 'application/json-patch+json', 'text/json'])(
    'does not take %s for it',
    async (type) => {
      const { status, headers } = await post(setUp(), right, { headers: { 'content-type': type } });
      expect({ status, connection: headers['connection'] }).toEqual({ status: 415, connection: 'close' });
    },
  );

  it.each([
    ['type', right, { 'content-type': 'text/plain' }],
    ['size', '{', { ...json, 'content-length': String(8 * 1024 * 1024 + 1) }],
    ['size', `"${'x'.repeat(8 * 1024 * 1024)}"`, { ...json, 'content-length': '1' }],
    ['json', '{', json],
  ])('tells of a body that it refuses by its %s, once', async (reason, body, headers) => {
    const told: string[] = [];
    await post({ ...setUp(), refused: (why) => told.push(why) }, body, { headers });
    expect(told).toEqual([reason]);
  });

  it('tells of no body that it hands on', async () => {
    const told: string[] = [];
    await post({ ...setUp(), refused: (why) => told.push(why) }, right);
    expect(told).toEqual([]);
  });

  it('refuses a body by what it says of its length, before it has come', async () => {
    const headers = { ...json, 'content-length': String(8 * 1024 * 1024 + 1) };
    const { status } = await post(setUp(), '{', { headers });
    expect(status).toBe(413);
  });

  it('takes a body that comes in pieces, a character cut in two among them', async () => {
    const text = right.replace('"web"', '"wéb"');
    const { body } = await post(setUp(), Buffer.from(text));
    expect(body.response?.uid).toBe(uid);
  });

  it.each(Object.values(webhookPaths))('answers %s with the query that the API server sends', async (path) => {
    const { status, body } = await post(setUp(), right, { url: `${path}?timeout=5s` });
    expect({ status, uid: body.response?.uid }).toEqual({ status: 200, uid });
  });

  it.each(Object.values(webhookPaths))('finds nothing by other methods of %s, nor below it', async (path) => {
    const app = build(setUp());
    for (const options of [{ method: 'GET', url: path } as const, { method: 'POST', url: `${path}/x` } as const]) {
      const { statusCode } = await ask(app, { ...options, headers: json, payload: '{}' });
      expect(statusCode).toBe(404);
    }
    await app.close();
  });
});
