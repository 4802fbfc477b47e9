import { describe, expect, it } from 'vitest';
import { reachWarning } from '../../src/admission/reach.ts';
import { createReach } from '../../src/installation/reach.ts';
import { refusal } from '../api-server/object-store.ts';
import { handClock } from '../hand-clock.ts';

type Answer = (name: string) => Promise<readonly string[]>;

const reached: Answer = async (name) => ['of another webhook', reachWarning(name)];
const passed: Answer = async () => [];
const refused =
  (code: number, message: string): Answer =>
  () =>
    Promise.reject(Object.assign(refusal(code), { message }));
const unreachable = refused(500, 'POST /x: 500 failed calling webhook "reach.ringfence.dev": no such host');

/**
 * Proves reach with these answers in turn, the last of them for ever, on a clock that moves by
 * itself while `isMoving`.
 */
function scene(...answers: readonly Answer[]) {
  const [clock, stop, said, names]: [ReturnType<typeof handClock>, AbortController, string[], string[]] = [
    handClock(),
    new AbortController(),
    [],
    [],
  ];
  const say = ({ reason = '' }: { reason?: string }, message: string): void =>
    void said.push(`${message} ${reason}`.trim());
  const reach = createReach({
    tryCreate(name) {
      names.push(name);
      return (answers[Math.min(names.length, answers.length) - 1] ?? passed)(name);
    },
    log: { info: say, warn: say },
    clock,
  });
  const started = reach.start(stop.signal).then(
    () => 'proved',
    () => 'aborted',
  );
  return {
    reach,
    said,
    names,
    stop,
    started,
    /** Waits until this number of attempts have their answer. */
    async until(attempts: number): Promise<void> {
      while (names.length < attempts) {
        await new Promise((resolve) => setImmediate(resolve));
        if (names.length < attempts) clock.move(500);
      }
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('reach', () => {
  it('is proved by an answer that carries the warning for its own name', async () => {
    const { reach, started, said } = scene(reached);
    expect([reach.isProved(), reach.isReached()]).toEqual([false, undefined]);
    expect(await started).toBe('proved');
    expect([reach.isProved(), reach.isReached(), reach.problem()]).toEqual([true, true, undefined]);
    expect(said).toEqual(['webhooks are reached by the API server']);
  });

  it('is not proved by a write that passes, nor by the warning for another name', async () => {
    const stale: Answer = async () => [reachWarning('ringfence-reach-00000000-0000-0000-0000-000000000000')];
    const { reach, until } = scene(passed, stale);
    await until(6);
    expect([reach.isProved(), reach.isReached()]).toEqual([false, false]);
    expect(reach.problem()).toMatch(/^the API server answers, but did not call the webhooks/);
  });

  it('asks with a new name each time', async () => {
    const { names, until } = scene(passed);
    await until(5);
    expect(new Set(names).size).toBe(5);
  });

  it.each<[string, Answer, RegExp]>([
    ['the API server to us', unreachable, /^the API server cannot reach the webhooks: .*no such host$/],
    ['us to the API server', refused(0, 'POST /x: ECONNREFUSED'), /^this process cannot reach the API server: /],
    [
      'neither, but a refusal',
      refused(403, 'POST /x: 403 Forbidden'),
      /^the API server refuses the dry run that proves/,
    ],
  ])('says which direction fails: %s', async (_, answer, sentence) => {
    const { reach, until, said } = scene(answer);
    await until(4);
    expect(reach.problem()).toMatch(sentence);
    expect(said).toEqual([expect.stringMatching(/^webhooks are not reached by the API server /)]);
  });

  it('that one call misses is not lost; that several miss is, until it is back', async () => {
    const { reach, until, said, started } = scene(reached, unreachable, reached, unreachable, unreachable, reached);
    await started;
    await until(3);
    expect([reach.isReached(), said.length]).toEqual([true, 1]);
    await until(5);
    expect([reach.isReached(), reach.isProved()]).toEqual([false, true]);
    await until(6);
    expect([reach.isReached(), reach.problem()]).toEqual([true, undefined]);
    expect(said.map((line) => line.split(' by ')[0])).toEqual([
      'webhooks are reached',
      'webhooks are not reached',
      'webhooks are reached',
    ]);
  });

  it('ends when it is aborted', async () => {
    const { started, stop, until } = scene(passed);
    await until(2);
    stop.abort();
    expect(await started).toBe('aborted');
  });
});
