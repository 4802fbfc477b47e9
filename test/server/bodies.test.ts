import { describe, expect, it } from 'vitest';
import { limitBodies } from '../../src/server/bodies.ts';
import { defaultLimits } from '../../src/server/limits.ts';

const limits = { ...defaultLimits, free: 10, held: 100, judged: 1000 };

/** The names of the requests that got room, in their order. */
function queue() {
  const bodies = limitBodies(limits);
  const came: string[] = [];
  return {
    bodies,
    came,
    ask(name: string, weight: number) {
      const turn = bodies.turn(weight);
      if (turn === undefined) came.push(name);
      else void turn.then(() => came.push(name));
    },
    /** Lets the next requests continue. */
    settle: () => new Promise((resolve) => setTimeout(resolve, 5)),
  };
}

describe('the bytes of bodies', () => {
  const body = () => ({ held: 0 });

  it('are free at first, and then from what all have', () => {
    const bodies = limitBodies(limits);
    const [a, b, c] = [body(), body(), body()];
    const asked = [bodies.hold(a, 10), bodies.hold(a, 70), bodies.hold(b, 50), bodies.hold(b, 51), bodies.hold(c, 10)];
    expect(asked).toEqual([true, true, true, false, true]);
    expect(bodies.hold(c, 11)).toBe(false);
  });

  it('are there again when a body is gone, once', () => {
    const bodies = limitBodies(limits);
    const a = body();
    expect(bodies.hold(a, 110)).toBe(true);
    expect(bodies.hold(body(), 11)).toBe(false);
    bodies.release(a);
    bodies.release(a);
    expect([bodies.hold(body(), 110), bodies.hold(body(), 11)]).toEqual([true, false]);
  });

  it('come in pieces as well as whole', () => {
    const bodies = limitBodies(limits);
    const a = body();
    expect(Array.from({ length: 110 }, (_, index) => bodies.hold(a, index + 1)).every(Boolean)).toBe(true);
    expect(bodies.hold(a, 111)).toBe(false);
  });
});

describe('the turns', () => {
  it('are taken at once while there is room', () => {
    const { ask, came } = queue();
    for (const name of ['a', 'b', 'c']) ask(name, 400);
    expect(came).toEqual(['a', 'b']);
  });

  it('come in order, as room is made', async () => {
    const { ask, bodies, came, settle } = queue();
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 600);
    bodies.leave(600);
    await settle();
    expect(came).toEqual(['a', 'b']);
    bodies.leave(600);
    await settle();
    expect(came).toEqual(['a', 'b', 'c']);
  });

  it('of light bodies do not wait behind heavy ones', async () => {
    const { ask, bodies, came, settle } = queue();
    ask('a', 600);
    ask('heavy', 600);
    ask('light', 10);
    expect(came).toEqual(['a', 'light']);
    ask('b', 390);
    ask('late', 10);
    expect(came).toEqual(['a', 'light', 'late']);
    bodies.leave(600);
    await settle();
    expect(came).toEqual(['a', 'light', 'late', 'heavy']);
  });

  it('of light bodies come first, where there was no room for any', async () => {
    const { ask, bodies, came, settle } = queue();
    ask('a', 1000);
    ask('heavy', 400);
    ask('light', 10);
    bodies.leave(1000);
    await settle();
    expect(came).toEqual(['a', 'light', 'heavy']);
  });

  it('are for what fits at all', () => {
    const { bodies } = queue();
    expect([bodies.admits(1000), bodies.admits(1001)]).toEqual([true, false]);
  });
});
