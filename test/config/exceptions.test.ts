import { describe, expect, it } from 'vitest';
import { exceptionStates, inForce, isDate, stateOf } from '../../src/config/exceptions.ts';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const now = Date.parse('2026-12-01T12:00:00Z');
const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
const entry = {
  name: 'node-exporter',
  checks: ['host-network'],
  namespace: 'monitoring',
  workloads: [{ kind: 'DaemonSet', name: 'node-exporter' }] as readonly unknown[],
  reason: 'it reads the node',
  until: '2027-01-31',
};

function load(exceptions: readonly unknown[], at = now) {
  const context = { file: 'f', version: '1', ownNamespace: undefined, checkIds: [], now: at };
  return parseConfig(`${head}exceptions: ${JSON.stringify(exceptions)}\n`, context);
}

function problemOf(change: object): string {
  try {
    load([{ ...entry, ...change }]);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return '';
}

describe('exceptions in the configuration', () => {
  it('are compiled, and named as written', () => {
    const [exception] = load([entry]).exceptions;
    expect(exception).toMatchObject({ name: 'node-exporter', until: '2027-01-31' });
  });

  it.each<[string, object, string]>([
    ['the gate', { checks: ['baseline-gate'] }, 'checks[0]: the gate cannot be waived: no Pod enters'],
    ['the guard of the baseline', { checks: ['baseline-guard'] }, 'baseline-guard cannot be waived: the guard holds'],
    ['the guard of the mode', { checks: ['lower'] }, 'lower cannot be waived: the guard holds'],
    ['the mark', { checks: ['fence-mark'] }, 'fence-mark cannot be waived: the guard holds'],
    [
      'a permission',
      { checks: ['host-network', 'claim'] },
      'checks[1]: claim is a permission, which an exception cannot give',
    ],
    ['a check on policies', { checks: ['flow-matrix'] }, 'flow-matrix judges no Pods'],
    ['a check on namespaces', { checks: ['mode-value'] }, 'mode-value judges no Pods'],
    ['no check', { checks: ['host-netwrok'] }, 'there is no such check; did you mean "host-network"?'],
    ['no checks', { checks: [] }, 'checks: is empty'],
    ['a prototype', { checks: ['constructor'] }, 'there is no such check'],
    [
      'an end too far',
      { until: '2027-05-31' },
      'until: 2027-05-31 is more than 180 days ahead; today the latest end is 2027-05-30',
    ],
    ['no date', { until: 'soon' }, '"soon" is not a date (2027-01-31)'],
    ['a day that is none', { until: '2027-02-30' }, '"2027-02-30" is not a date'],
    ['a moment', { until: '2027-01-31T00:00:00Z' }, 'is not a date'],
    ['no end', { until: undefined }, 'until: missing'],
    ['no reason', { reason: '' }, 'is not one line'],
    ['no namespace of one name', { namespace: 'team-*' }, 'is not a namespace name'],
    ['a kind without a name', { workloads: [{ kind: 'DaemonSet' }] }, 'needs either kind and name, or serviceAccount'],
    [
      'both',
      { workloads: [{ kind: 'Pod', name: 'a', serviceAccount: 'b' }] },
      'needs either kind and name, or serviceAccount',
    ],
    ['nothing', { workloads: [{}] }, 'needs either kind and name, or serviceAccount'],
    ['a kind that makes no Pods', { workloads: [{ kind: 'Service', name: 'a' }] }, '"Service" makes no Pods'],
    ['a pattern that is none', { workloads: [{ kind: 'Pod', name: '(' }] }, 'RE2 syntax'],
  ])('refuse %s', (_, change, message) => {
    expect(problemOf(change)).toContain(message);
  });

  it('take a name once', () => {
    expect(() => load([entry, entry])).toThrow('"node-exporter" is already the name of another exception');
  });

  it('may end in 180 days, and what was right when it was written stays right', () => {
    const written = { ...entry, until: '2027-05-30' };
    expect(load([written]).exceptions).toHaveLength(1);
    const later = Date.parse('2030-01-01T00:00:00Z');
    const config = load([written], later);
    expect(config.exceptions).toHaveLength(1);
    expect(inForce(config, later).exceptions).toEqual([]);
  });

  it.each([
    ['2026-12-01T12:00:00Z', 'holds'],
    ['2027-01-23T23:59:59Z', 'holds'],
    ['2027-01-24T00:00:00Z', 'ending'],
    ['2027-01-30T23:59:59Z', 'ending'],
    ['2027-01-31T00:00:00Z', 'ended'],
    ['2028-01-01T00:00:00Z', 'ended'],
  ])('stand at %s: %s', (time, state) => {
    const config = load([entry]);
    const at = Date.parse(time);
    expect(stateOf(entry, at)).toBe(state);
    expect(exceptionStates).toContain(state);
    expect(inForce(config, at) === config).toBe(state !== 'ended');
  });
});

describe('isDate', () => {
  it.each([
    ['2027-01-31', true],
    ['2028-02-29', true],
    ['2027-02-29', false],
    ['2027-13-01', false],
    ['27-01-31', false],
    ['2027-1-31', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isDate(text)).toBe(expected);
  });
});
