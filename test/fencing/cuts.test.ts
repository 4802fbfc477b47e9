import { describe, expect, it } from 'vitest';
import { type Cuts, weighCuts } from '../../src/fencing/cuts.ts';

const flows = Array.from({ length: 12 }, (_, index) => `web -> api TCP/${8000 + index}`);
const none = { flows: [], unseen: [], forbidden: [], stillOpen: [], undecided: [] };
const weigh = (cuts: Partial<Cuts>, isAccepted = false) =>
  weighCuts('shop', async () => ({ ...none, notes: ['the log: Monday to Friday'], ...cuts }), isAccepted);

describe('what a fence cuts', () => {
  it('is refused, with the number and the first flows', async () => {
    await expect(weigh({ flows })).rejects.toMatchObject({
      outcome: 'refused',
      message: [
        'nothing was changed: the fence would cut 12 flows that are declared or seen, first:',
        ...flows.slice(0, 10).map((flow) => `  ${flow}`),
        '  and 2 more',
        'The plan:',
        '  the log: Monday to Friday',
        'To see all of them, and to write the policies that keep them: ringfence plan shop. To fence all the same: --accept-cuts',
      ].join('\n'),
    });
    await expect(weigh({ flows: flows.slice(0, 1) })).rejects.toThrow('would cut a flow that is declared or seen');
  });

  it('is shown where it is accepted', async () => {
    expect(await weigh({ flows: flows.slice(0, 2) }, true)).toEqual([
      'This cuts 2 flows that are declared or seen, first:\n  web -> api TCP/8000\n  web -> api TCP/8001\nThe plan:\n  the log: Monday to Friday',
    ]);
  });

  it('is said to be nothing, and on which ground', async () => {
    expect(await weigh({})).toEqual(['The plan knows of no flow that this cuts:\n  the log: Monday to Friday']);
  });

  it('is refused as well where the rules forbid it: it passes today, and no policy keeps it', async () => {
    const forbidden = ['web -> store TCP/5432: flow-matrix'];
    const named = 'a flow that passes today and that the rules forbid, first:\n  web -> store TCP/5432: flow-matrix';
    await expect(weigh({ forbidden })).rejects.toMatchObject({
      outcome: 'refused',
      message: [
        `nothing was changed: the fence would cut ${named}`,
        'The plan:',
        '  the log: Monday to Friday',
        'No policy is written for what the rules forbid. End such a flow, or correct the labels or the rules.',
        'To see all of them: ringfence plan shop. To fence all the same: --accept-cuts',
      ].join('\n'),
    });
    await expect(weigh({ flows: flows.slice(0, 1), forbidden })).rejects.toThrow(
      `would cut a flow that is declared or seen, first:\n  web -> api TCP/8000\nIt also cuts ${named}\nThe plan:`,
    );
    expect(await weigh({ forbidden: [...forbidden, 'a -> b TCP/1: flow-matrix'] }, true)).toEqual([
      expect.stringMatching(/^This cuts 2 flows that pass today and that the rules forbid, first:\n {2}web/),
    ]);
  });

  it('is not what the rules forbid and a policy allows, which is named and does not refuse', async () => {
    const stillOpen = ['web -> store TCP/5432: flow-matrix'];
    expect(await weigh({ stillOpen })).toEqual([
      expect.stringContaining('knows of no flow that this cuts'),
      `Behind the fence stays open, or may stay open, a flow that the rules forbid, first:\n  ${stillOpen[0]}`,
    ]);
  });

  it('is refused as well where it is declared and no log shows it, and told apart', async () => {
    const unseen = ['web -> api TCP/80'];
    await expect(weigh({ unseen })).rejects.toMatchObject({
      outcome: 'refused',
      message: [
        'nothing was changed: the fence would cut a flow that is declared and that no log shows, first:',
        '  web -> api TCP/80',
        'The plan:',
        '  the log: Monday to Friday',
        'With --observed, ringfence plan writes no policy for what no log shows. Without --observed it does.',
        'To see all of them, and to write the policies that keep them: ringfence plan shop. To fence all the same: --accept-cuts',
      ].join('\n'),
    });
    expect(await weigh({ flows: flows.slice(0, 1), unseen: [...unseen, 'web -> api TCP/81'] }, true)).toEqual([
      expect.stringContaining(
        'TCP/8000\nIt also cuts 2 flows that are declared and that no log shows, first:\n  web -> api TCP/80\n',
      ),
    ]);
  });

  it('may be what is not decided, which is named, also in a refusal, and does not refuse', async () => {
    const text = 'The fence may cut 12 flows whose fate is not decided, first:\n  web -> api TCP/8000\n';
    const [first, second] = await weigh({ undecided: flows });
    expect(first).toContain('knows of no flow that this cuts');
    expect(second).toContain(text);
    expect(second).toMatch(/TCP\/8009\n {2}and 2 more$/);
    await expect(weigh({ flows: flows.slice(0, 1), undecided: flows })).rejects.toThrow(text);
  });

  it('is refused where nobody knows, unless that is accepted', async () => {
    const fail = () => Promise.reject(new Error('pods is forbidden'));
    const why = 'what a fence would cut is not known, because no plan can be made: pods is forbidden';
    await expect(weighCuts('shop', fail, false)).rejects.toMatchObject({
      outcome: 'refused',
      message: `nothing was changed: ${why}\nTo fence all the same: --accept-cuts`,
    });
    expect(await weighCuts('shop', fail, true)).toEqual([why]);
  });
});
