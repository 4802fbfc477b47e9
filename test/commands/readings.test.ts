import { beforeEach, describe, expect, it } from 'vitest';
import { createReadings, type Readings } from '../../src/commands/readings.ts';
import type { Model } from '../../src/view/model.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import { model } from '../view/scene.ts';

let clock: HandClock;
let readings: Readings;
let made: string[];
/** How long each takes, in milliseconds, and why it fails. */
let cost: { read: number; remake: number };
let failure: Error | undefined;
let gate: Promise<void> | undefined;

beforeEach(async () => {
  const some = await model();
  clock = handClock();
  made = [];
  cost = { read: 1_000, remake: 100 };
  failure = undefined;
  gate = undefined;
  const make = (how: 'read' | 'remake') => async (): Promise<Model> => {
    made.push(how);
    await gate;
    clock.move(cost[how]);
    if (failure !== undefined) throw failure;
    return { ...some };
  };
  readings = createReadings({ read: make('read'), remake: make('remake'), rereadSeconds: 120, clock });
  await readings.first();
  made = [];
});

/** Lets promises go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function look(): Promise<void> {
  readings.look();
  await settled();
}

describe('a change', () => {
  it('makes no model before somebody looks', async () => {
    readings.changed();
    clock.move(60_000);
    await settled();
    expect([made, readings.state().hasChanged]).toEqual([[], true]);
    await look();
    expect([made, readings.state()]).toEqual([['remake'], expect.objectContaining({ number: 2, hasChanged: false })]);
  });

  it('in a burst makes one model, when the burst is over', async () => {
    for (let index = 0; index < 10; index += 1) {
      readings.changed();
      clock.move(100);
      await look();
    }
    expect(made).toEqual([]);
    clock.move(200);
    await look();
    expect(made).toEqual(['remake']);
    clock.move(60_000);
    await look();
    expect(made).toEqual(['remake']);
  });

  it('in a burst that does not end makes a model after two seconds', async () => {
    for (let index = 0; index < 20; index += 1) {
      readings.changed();
      clock.move(100);
      await look();
    }
    expect(made).toEqual(['remake']);
  });

  it('waits until making models takes a tenth of the time', async () => {
    cost.remake = 3_000;
    readings.changed();
    clock.move(1_000);
    await look();
    readings.changed();
    clock.move(29_000);
    await look();
    expect(made).toEqual(['remake']);
    clock.move(1_500);
    await look();
    expect(made).toEqual(['remake', 'remake']);
  });

  it('that comes while a model is made is in the next one', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    readings.changed();
    clock.move(300);
    await look();
    readings.changed();
    open.resolve();
    await settled();
    expect([made, readings.state().hasChanged]).toEqual([['remake'], true]);
  });

  it('is not lost where the model cannot be made, and the reason is kept until one is', async () => {
    failure = new Error('no answer');
    readings.changed();
    clock.move(300);
    await look();
    expect(readings.state()).toMatchObject({ number: 1, hasChanged: true, failure: 'no answer' });
    failure = undefined;
    clock.move(5_000);
    await look();
    expect(readings.state()).toMatchObject({ number: 2, hasChanged: false, failure: undefined });
  });
});

describe('everything is read again', () => {
  it('when somebody looks and it is too old', async () => {
    clock.move(120_000);
    await look();
    expect(made).toEqual([]);
    clock.move(1);
    await look();
    expect([made, readings.state().seconds]).toEqual([['read'], 1]);
  });

  it('and where that fails, the page is as old as it is, and says so until it is read', async () => {
    failure = new Error('flows.log: gone');
    clock.move(120_001);
    await look();
    expect(readings.state()).toMatchObject({ number: 1, seconds: 122, failure: 'flows.log: gone' });
    failure = undefined;
    readings.changed();
    clock.move(1_000);
    await look();
    expect(made).toEqual(['read', 'remake']);
    expect(readings.state()).toMatchObject({ number: 2, seconds: 0, failure: 'flows.log: gone' });
    await readings.again();
    expect(readings.state()).toMatchObject({ number: 3, seconds: 1, failure: undefined });
  });

  it('not before ten times of what reading takes', async () => {
    cost.read = 30_000;
    await readings.again();
    clock.move(290_000);
    await look();
    clock.move(10_001);
    await look();
    expect(made).toEqual(['read', 'read']);
  });

  it('once for all who ask, and not together with a model of changes', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    readings.changed();
    clock.move(300);
    await look();
    const asked = Promise.all([readings.again(), readings.again()]);
    await settled();
    expect([made, readings.state().isReading]).toEqual([['remake'], false]);
    open.resolve();
    await asked;
    expect(made).toEqual(['remake', 'read']);
  });
});

describe('a page', () => {
  async function page(ms = 500): Promise<number> {
    let isDone = false;
    const done = readings.settle(ms).then(() => {
      isDone = true;
    });
    const begun = clock.uptime();
    for (await settled(); !isDone; await settled()) clock.move(10);
    await done;
    return clock.uptime() - begun;
  }

  it('has what has just changed', async () => {
    readings.changed();
    expect([await page(), made, readings.state().number]).toEqual([350, ['remake'], 2]);
  });

  it('waits for nothing else', async () => {
    expect(await page()).toBe(0);
    clock.move(130_000);
    expect([await page(), made]).toEqual([1_000, ['read']]);
  });

  it('does not wait where that takes longer', async () => {
    cost.remake = 800;
    readings.changed();
    clock.move(300);
    await look();
    readings.changed();
    expect([await page(), made]).toEqual([0, ['remake']]);
  });
});
