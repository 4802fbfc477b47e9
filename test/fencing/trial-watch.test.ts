// What a trial could not see is in its report too, and not only on the terminal.
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { openTrialScene } from './trial-scene.ts';

let { scene, run } = openTrialScene();

beforeEach(() => {
  ({ scene, run } = openTrialScene());
});

describe.each(['Pod', 'Event'])('%ss that a trial cannot watch', (kind) => {
  const what = `${kind}s of shop`;
  /** Lists of the kind fail from the first number on, before the second. */
  function fail(from: number, before: number, code: number, reason: string, words: string): void {
    let count = 0;
    scene.api.world.before = (call) => {
      if (call !== `LIST ${kind.toLowerCase()}s/shop`) return;
      count += 1;
      if (count >= from && count < before) throw refusal(code, reason, words);
    };
  }

  it.each([
    ['without the right', 403, 'Forbidden', 'you may not'],
    ['while the API server does not answer', 0, '', 'no answer'],
    ['while it is too busy', 429, 'TooManyRequests', 'not now'],
  ])('are named in the report: %s', async (_, code, reason, words) => {
    fail(1, Number.POSITIVE_INFINITY, code, reason, words);
    const { outcome, messages } = await run();
    expect(outcome).toBe('ended');
    expect(messages.slice(1)).toEqual([`not watched: ${what} (${words}), so it is not known how they fared`]);
  });

  it('are named where they were not seen at the end', async () => {
    fail(5, Number.POSITIVE_INFINITY, 500, 'InternalError', 'etcd is away');
    expect((await run()).messages.slice(1)).toEqual([`not seen at the end of the trial: ${what} (etcd is away)`]);
  });

  it('are not named where they could be seen again', async () => {
    fail(1, 5, 500, 'InternalError', 'etcd is away');
    const { messages } = await run();
    expect(messages).toHaveLength(1);
    expect(scene.lines).toContain(`not seen for now: ${what} (etcd is away)`);
  });
});
