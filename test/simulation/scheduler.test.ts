import { describe, expect, it } from 'vitest';
import { createOwner, createScheduler } from './scheduler.ts';

function setUp() {
  const world = createOwner('world');
  const replica = createOwner('replica');
  const errors: unknown[] = [];
  const said: string[] = [];
  const scheduler = createScheduler({ world, limit: 100, onError: (error) => errors.push(error) });
  const say = (text: string) => () => said.push(`${scheduler.now()} ${scheduler.owner().name}: ${text}`);
  return { world, replica, errors, said, scheduler, say };
}

describe('the scheduler', () => {
  it('takes what is planned in the order of its time, and of two at one time the one planned first', async () => {
    const { scheduler, world, said, say } = setUp();
    for (const at of [30, 10, 20, 10, 5, 40]) scheduler.at(at, world, say(`for ${at}, ${said.push('planned')}`));
    said.length = 0;
    await scheduler.runUntil(30);
    expect(said.map((line) => line.split(', ')[0])).toEqual([5, 10, 10, 20, 30].map((at) => `${at} world: for ${at}`));
    expect(said[1]?.endsWith('2')).toBe(true);
    expect(scheduler.now()).toBe(30);
  });

  it('runs a step to the end of its microtasks, for its owner, before the next', async () => {
    const { scheduler, world, replica, said, say } = setUp();
    scheduler.at(1, replica, () => {
      let turns = Promise.resolve();
      for (let turn = 0; turn < 50; turn += 1) turns = turns.then(() => undefined);
      void turns.then(say('late'));
    });
    scheduler.at(1, world, say('next'));
    await scheduler.runUntil(2);
    expect(said).toEqual(['1 replica: late', '1 world: next']);
  });

  it('drops what the dead had planned, and puts off what the frozen have', async () => {
    const { scheduler, world, replica, said, say } = setUp();
    const dead = createOwner('dead');
    scheduler.at(3, dead, say('never'));
    scheduler.at(1, world, () => {
      dead.isAlive = false;
      replica.frozenUntil = 10;
    });
    scheduler.at(4, replica, say('put off'));
    scheduler.at(5, world, say('in time'));
    await scheduler.runUntil(20);
    expect(said).toEqual(['5 world: in time', '10 replica: put off']);
  });

  it('stops where it is asked to, at an error, and at a loop without end', async () => {
    const { scheduler, world, errors, said, say } = setUp();
    for (const at of [1, 2, 3]) scheduler.at(at, world, say('one'));
    await scheduler.runUntil(10, () => said.length === 2);
    expect(scheduler.now()).toBe(2);
    scheduler.at(4, world, () => {
      throw new Error('broken');
    });
    await scheduler.runUntil(10);
    const loop = (): void => void scheduler.after(0, world, loop);
    loop();
    await scheduler.runUntil(10);
    expect(errors.map(String)).toEqual(['Error: broken', 'Error: more than 100 steps']);
  });
});
