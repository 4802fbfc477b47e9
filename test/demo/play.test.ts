import { describe, expect, it } from 'vitest';
import { exitCodeOf, play } from './play.ts';
import type { Answer, Scene, Step } from './scene.ts';

const created: Answer = { exitCode: 0, stdout: 'created\n', stderr: '' };
const denied: Answer = { exitCode: 1, stdout: '', stderr: 'admission webhook "x" denied the request: no labels\n' };

describe('playing scenes', () => {
  it('is a success when every answer is as expected', async () => {
    const { tally } = await playWith([created, denied], [step('accepted'), step('refused')]);
    expect(tally).toEqual({ expected: 2, unexpected: 0 });
    expect(exitCodeOf(tally)).toBe(0);
  });

  it.each([
    ['something accepted that should be refused', [created, created]],
    ['something refused that should be accepted', [denied, denied]],
  ])('fails on %s, and goes on', async (_, answers) => {
    const { tally } = await playWith(answers, [step('accepted'), step('refused')]);
    expect(tally).toEqual({ expected: 1, unexpected: 1 });
    expect(exitCodeOf(tally)).toBe(1);
  });

  it('is no success when nothing was played', () => {
    expect(exitCodeOf({ expected: 0, unexpected: 0 })).toBe(1);
  });

  it('shows the command, what came back, and the judgement, in this order', async () => {
    const { shown } = await playWith([denied], [step('accepted')]);
    expect(shown).toMatch(
      /== a scene ==.*developer\$ kubectl get pods.*denied the request: no labels.*✗ expected to be accepted/s,
    );
  });

  it('asks again for what settles, and shows the last answer only', async () => {
    const { tally, shown, pauses } = await playWith(
      [denied, denied, created],
      [{ ...step('accepted'), settles: true }],
    );
    expect({ tally, pauses }).toEqual({ tally: { expected: 1, unexpected: 0 }, pauses: 2 });
    expect(shown).not.toContain('denied');
  });

  it('gives up on what never settles', async () => {
    const { tally, pauses } = await playWith([], [{ ...step('refused'), settles: true }]);
    expect(tally).toEqual({ expected: 0, unexpected: 1 });
    expect(pauses).toBeGreaterThan(10);
  });

  it('asks once for what does not settle', async () => {
    const { pauses } = await playWith([denied, created], [step('accepted')]);
    expect(pauses).toBe(0);
  });
});

function step(answer: 'accepted' | 'refused'): Step {
  return { as: 'developer', kubectl: ['get', 'pods'], expect: { answer, says: [], shows: '' } };
}

/** Plays one scene. The answers come in order, and then `created` for ever. */
async function playWith(answers: readonly Answer[], steps: readonly Step[]) {
  const left = [...answers];
  const written: string[] = [];
  let pauses = 0;
  const scene: Scene = { title: 'a scene', steps };
  const tally = await play([scene], {
    run: async () => left.shift() ?? created,
    write: (text) => void written.push(text),
    pause: async () => {
      pauses += 1;
    },
  });
  return { tally, pauses, shown: written.join('\n') };
}
