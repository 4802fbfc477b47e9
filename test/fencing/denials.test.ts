import { describe, expect, it } from 'vitest';
import { type Denials, type DeniedFlow, tellDenials } from '../../src/fencing/denials.ts';

const flow = (port: number, more: Partial<DeniedFlow> = {}): DeniedFlow => ({
  flow: `web -> api TCP/${port}`,
  times: 1,
  fate: 'cut',
  isPlanned: true,
  ...more,
});
const denials = (more: Partial<Denials> = {}): Denials => ({
  flows: [],
  lines: 10,
  malformed: 0,
  lost: 0,
  beyond: 0,
  leftOut: {},
  older: 0,
  holes: [],
  troubles: [],
  ...more,
});

/** A log that says what it is told to, and what a person hears of it. */
function listen() {
  const heard: string[] = [];
  const log = { says: denials() };
  let elapsed = 0;
  const teller = tellDenials(
    { now: () => log.says, stop: async () => log.says },
    { clock: { uptime: () => elapsed, sleep: async () => undefined }, progress: (line) => void heard.push(line) },
  );
  /** A look after so many seconds. Returns what it told. */
  const look = (says: Partial<Denials>, seconds = 2): readonly string[] => {
    log.says = denials(says);
    elapsed += seconds * 1000;
    teller.look();
    return heard.splice(0);
  };
  const end = async (says: Partial<Denials>) => {
    log.says = denials(says);
    return (await teller.end()).lines;
  };
  return { look, end };
}

describe('what is denied', () => {
  it('is told once, when it comes, with what the plan says', () => {
    const { look } = listen();
    const one = 'denied: web -> api TCP/1 (the plan had called it cut)';
    expect(look({ flows: [flow(1)] })).toEqual([one]);
    expect(
      look({
        flows: [
          flow(1, { times: 9 }),
          flow(2, { fate: 'kept' }),
          flow(3, { fate: 'forbidden', isPlanned: false }),
          flow(4, { fate: 'denied-already', isPlanned: false }),
          flow(5, { fate: 'unknown', isPlanned: false }),
        ],
      }),
    ).toEqual([
      'denied: web -> api TCP/2 (the plan had called it kept)',
      'denied: web -> api TCP/3 (not in the plan, which would call it forbidden)',
      'denied: web -> api TCP/4 (not in the plan, which would call it denied already before the fence)',
      'denied: web -> api TCP/5 (there is no plan)',
    ]);
    expect(look({ flows: [flow(1)] })).toEqual([]);
  });

  it('is bounded at each look, and what was not shown is not told later', () => {
    const { look } = listen();
    const flows = Array.from({ length: 14 }, (_, port) => flow(port));
    const told = look({ flows });
    expect([told.length, told.at(-1)]).toEqual([11, 'and 4 more denied flows']);
    expect(look({ flows })).toEqual([]);
  });

  it('comes with the rate of the lines, each half a minute, and with the troubles of a log', () => {
    const { look } = listen();
    expect(look({ lines: 5 })).toEqual([]);
    expect(look({ lines: 60, flows: [] }, 28)).toEqual([
      'the flow logs: 60 lines in 30 s (2.0 a second); denied so far: 0 flows',
    ]);
    const troubles = ['-: the flow log has ended, after 60 lines'];
    expect(look({ lines: 60, troubles })).toEqual(troubles);
    expect(look({ lines: 60, troubles }, 28)).toEqual([
      'the flow logs: 0 lines in 30 s (0.0 a second); denied so far: 0 flows',
    ]);
  });

  it('is summed up: first what the plan was wrong about, then by the number of lines', async () => {
    const flows = [
      flow(1, { times: 5 }),
      flow(2, { times: 7 }),
      flow(3, { fate: 'kept' }),
      flow(4, { isPlanned: false }),
    ];
    expect(await listen().end({ flows, malformed: 2, lost: 1, beyond: 3, troubles: ['-: it broke'] })).toEqual([
      [
        'Denied since the fence: 4 flows; the flow logs had 10 lines during the trial; 2 lines could not be read; 1 event lost before they were written; -: it broke',
        '  web -> api TCP/3: 1 line; the plan had called it kept',
        '  web -> api TCP/4: 1 line; not in the plan, which would call it cut',
        '  web -> api TCP/2: 7 lines; the plan had called it cut',
        '  web -> api TCP/1: 5 lines; the plan had called it cut',
        '  and 3 lines of still more flows',
      ].join('\n'),
    ]);
  });

  it('is not called nothing where no line came', async () => {
    expect(await listen().end({ lines: 0 })).toEqual([
      'What was denied since the fence is not known: the flow logs had 0 lines during the trial',
    ]);
    expect(await listen().end({})).toEqual([
      'Nothing was denied since the fence, by the flow logs: the flow logs had 10 lines during the trial',
    ]);
  });

  it.each<[string, Partial<Denials>, string]>([
    [
      'denied lines that make no flow',
      { leftOut: { 'TCP packets that begin no connection': 3, 'UDP without a direction': 1 } },
      '4 denied lines could not be placed: TCP packets that begin no connection (3), UDP without a direction (1)',
    ],
    [
      'denied lines whose time is before the fence',
      { older: 2 },
      '2 denied lines are older than the fence, or come from a node whose clock is more than two minutes late',
    ],
    [
      'holes',
      { holes: ['The node two went away to Hubble for some time.'] },
      'The node two went away to Hubble for some time',
    ],
    ['lines that nobody can read', { malformed: 1 }, '1 line could not be read'],
    ['lost events', { lost: 2 }, '2 events lost before they were written'],
    ['a log that has ended', { troubles: ['-: it broke'] }, '-: it broke'],
  ])('is not called nothing where a log has %s', async (_, lacks, said) => {
    expect(await listen().end(lacks)).toEqual([
      `What was denied since the fence is not known: the flow logs had 10 lines during the trial; ${said}`,
    ]);
    const [text] = await listen().end({ ...lacks, flows: [flow(1)] });
    expect(text).toContain(`Denied since the fence: 1 flow; the flow logs had 10 lines during the trial; ${said}\n`);
  });

  it('is not called nothing where lines are of more flows than are told apart', async () => {
    expect(await listen().end({ beyond: 2 })).toEqual([
      'What was denied since the fence is not known: the flow logs had 10 lines during the trial; 2 denied lines are of more flows than are told apart',
    ]);
  });

  it('is told once for each reason for which denied lines make no flow, as is what a log lacks', () => {
    const { look } = listen();
    const reason = 'TCP packets that begin no connection';
    const hole = 'The node two went away to Hubble for some time.';
    const told = [
      `${hole} What was denied there is not known`,
      `denied lines that cannot be placed: ${reason}`,
      'denied lines are older than the fence, or come from a node whose clock is more than two minutes late; they do not count',
    ];
    expect(look({ leftOut: { [reason]: 1 }, holes: [hole], older: 1 })).toEqual(told);
    expect(look({ leftOut: { [reason]: 9 }, holes: [hole], older: 9 })).toEqual([]);
  });

  it('has the reason why the plan does not know of it', async () => {
    const stray = flow(1, {
      fate: 'unknown',
      isPlanned: false,
      why: 'an end may be a Pod that the plan does not know',
    });
    const { look, end } = listen();
    expect(look({ flows: [stray] })).toEqual([
      'denied: web -> api TCP/1 (an end may be a Pod that the plan does not know)',
    ]);
    const [text] = await end({ flows: [stray] });
    expect(text).toContain('TCP/1: 1 line; an end may be a Pod that the plan does not know');
  });

  it('fills at most twenty lines of a summary', async () => {
    const flows = Array.from({ length: 25 }, (_, port) => flow(port));
    const [text = ''] = await listen().end({ flows });
    expect(text.split('\n')).toHaveLength(22);
    expect(text).toContain('  and 5 more (-o json lists them)');
  });
});
