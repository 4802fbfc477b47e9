import { describe, expect, it } from 'vitest';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { reachablePath } from '../../src/installation/address.ts';
import { pod, request, review, setUp, uid } from '../admission/scene.ts';
import { type Answered, ask, build, json, post } from './webhook-server.ts';

const right = JSON.stringify(review(request('Pod', pod())));

describe('the webhook server', () => {
  it('answers a review with a review', async () => {
    const { status, headers, body } = await post(setUp(), right);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    expect(body).toMatchObject({ kind: 'AdmissionReview', response: { uid, allowed: true } });
  });

  it('says that it can be reached, and of which release it is', async () => {
    const answer = await ask(build(setUp()), { method: 'GET', url: reachablePath });
    expect({ status: answer.statusCode, body: answer.json() }).toEqual({
      status: 200,
      body: { status: 'ok', release: '0.1.0' },
    });
  });

  it('ends connections while it drains, and only then', async () => {
    expect((await post(setUp(), right)).headers['connection']).not.toBe('close');
    const answer = await post({ ...setUp(), isDraining: () => true }, right);
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });

  it('shows nothing of an error that should not happen', async () => {
    const { status, body } = await post({ handle: () => Promise.reject(new Error('secret')) }, right);
    expect({ status, body }).toEqual({ status: 500, body: { error: 'internal error' } });
  });

  it('decides on each review by itself, a thousand at once', async () => {
    const app = build(setUp());
    const uids = Array.from({ length: 1000 }, (_, index) => `uid-${index}`);
    const answers = await Promise.all(
      uids.map((each) =>
        ask(app, { method: 'POST', url: webhookPaths.enforced, headers: json, payload: right.replace(uid, each) }),
      ),
    );
    expect(answers.map((answer) => answer.json<Answered['body']>().response?.uid)).toEqual(uids);
    await app.close();
  });
});
