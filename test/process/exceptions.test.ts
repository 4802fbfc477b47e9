import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { openExceptions } from '../../src/process/exceptions.ts';

const configuration = (until: string) =>
  parseConfig(
    `apiVersion: ringfence.dev/v1alpha1
kind: Configuration
exceptions:
  - name: node-exporter
    checks: [host-network]
    namespace: monitoring
    workloads: [{kind: DaemonSet, name: node-exporter}, {serviceAccount: agents}]
    reason: it reads the node
    until: ${until}
`,
    { file: 'f', version: '1', ownNamespace: undefined, checkIds: [], now: Date.parse('2026-12-01T00:00:00Z') },
  );

function open(at: string) {
  let now = Date.parse(at);
  const said: string[] = [];
  const details: unknown[] = [];
  const write = (details_: object, message: string) => {
    details.push(details_);
    said.push(message);
  };
  const exceptions = openExceptions(configuration('2027-01-31'), { info: write, warn: write } as never, () => now);
  return { exceptions, said, details, at: (time: string) => (now = Date.parse(time)) };
}

describe('exceptions by the clock', () => {
  afterEach(() => void vi.useRealTimers());

  it('are listed at the start, and say what stands outside the fence', () => {
    const { said, details } = open('2026-12-01T00:00:00Z');
    expect(said).toEqual(['exception in force: its Pods stand outside the fence']);
    expect(details).toEqual([
      {
        exception: 'node-exporter',
        checks: ['host-network'],
        namespace: 'monitoring',
        workloads: ['DaemonSet node-exporter', 'ServiceAccount agents'],
        reason: 'it reads the node',
        until: '2027-01-31',
      },
    ]);
  });

  it('hold, are about to end, and have ended, without another configuration', async () => {
    const { exceptions, said, at } = open('2026-12-01T00:00:00Z');
    expect(exceptions.census()).toEqual({ holds: 1, ending: 0, ended: 0 });
    expect(exceptions.current()).toBe(exceptions.current());
    expect(exceptions.current().exceptions).toHaveLength(1);
    vi.useFakeTimers();
    const stop = new AbortController();
    const following = exceptions.follow(stop.signal);
    at('2027-01-24T00:00:00Z');
    await vi.advanceTimersByTimeAsync(70_000);
    expect(exceptions.census()).toEqual({ holds: 0, ending: 1, ended: 0 });
    expect(said.at(-2)).toBe('exception ends within a week');
    at('2027-01-31T00:00:00Z');
    expect(exceptions.current().exceptions).toEqual([]);
    expect(exceptions.current()).toBe(exceptions.current());
    await vi.advanceTimersByTimeAsync(140_000);
    expect(exceptions.census()).toEqual({ holds: 0, ending: 0, ended: 1 });
    expect(said.slice(3)).toEqual(['exception has ended, its findings refuse again']);
    stop.abort();
    await following;
  });

  it('are listed again at each change', () => {
    const { exceptions, said } = open('2026-12-01T00:00:00Z');
    exceptions.adopt(configuration('2027-02-28'));
    expect(said).toHaveLength(2);
    expect(exceptions.current().exceptions[0]?.until).toBe('2027-02-28');
  });
});
