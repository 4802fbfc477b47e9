import { beforeEach, describe, expect, it } from 'vitest';
import type { Denials } from '../../src/fencing/denials.ts';
import { paths } from '../api-server/address.ts';
import { labels, serverTime } from './scene.ts';
import { openTrialScene, trial } from './trial-scene.ts';

let { scene, shop, at, setAnnotations, run } = openTrialScene();

describe('flow logs that are followed during a trial', () => {
  const flow = { flow: 'shop/deployment/web -> bank/deployment/api TCP/8080', fate: 'cut', isPlanned: true } as const;
  const denials: Denials = {
    flows: [{ ...flow, times: 3 }],
    lines: 40,
    malformed: 0,
    lost: 0,
    beyond: 0,
    leftOut: { replies: 2 },
    older: 1,
    holes: [],
    troubles: [],
  };
  const { flows: _flows, ...flowLogs } = denials;
  const nothing: Denials = { ...denials, flows: [], lines: 0 };
  const summary = [
    'Denied since the fence: 1 flow; the flow logs had 40 lines during the trial; 2 denied lines could not be placed: replies (2); 1 denied line is older than the fence, or comes from a node whose clock is more than two minutes late',
    `  ${flow.flow}: 3 lines; the plan had called it cut`,
  ].join('\n');
  const since: number[] = [];
  let stops = 0;

  beforeEach(() => {
    ({ scene, shop, at, setAnnotations, run } = openTrialScene());
    since.length = 0;
    stops = 0;
    scene.logs.follow = async (time) => {
      since.push(time);
      return {
        now: () => (scene.elapsed() < 10_000 ? nothing : denials),
        async stop() {
          stops += 1;
          return denials;
        },
      };
    };
  });

  it('name what is denied as it comes, and at the end, also in the JSON', async () => {
    const report = await run();
    expect(scene.lines.filter((line) => line.startsWith('denied'))).toEqual([
      'denied lines that cannot be placed: replies',
      'denied lines are older than the fence, or come from a node whose clock is more than two minutes late; they do not count',
      `denied: ${flow.flow} (the plan had called it cut)`,
    ]);
    expect(report).toMatchObject({ outcome: 'ended', denied: denials.flows, flowLogs });
    expect(report.messages.at(-1)).toBe(summary);
    // The log begins before the mark, and ends once.
    expect([since, stops]).toEqual([[serverTime], 1]);
  });

  it('end with a trial that is confirmed, too', async () => {
    at(30_000, () => setAnnotations({}));
    expect((await run()).messages).toEqual([expect.stringContaining('its wall stays'), summary]);
    expect(stops).toBe(1);
  });

  it('are summed up where the trial ends in an error', async () => {
    at(30_000, () => scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels } }));
    expect(await run()).toMatchObject({ outcome: 'refused', denied: denials.flows });
    expect([scene.lines.at(-1), stops]).toEqual([summary, 1]);
  });

  it('are not followed by a dry run, nor where nobody watches', async () => {
    await run({ trial, dryRun: true });
    await run({ trial: { ...trial, isFollowed: false } });
    expect(since).toEqual([]);
  });
});
