import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/policy/check.ts';
import { flowMatrix } from '../../src/policy/checks/flow-matrix.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';
import type { Opened } from '../../src/policy/opening.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { config, minimalPod, podLabels, shop, subjectOf } from './minimal.ts';

const choice = (mode: Mode) => ({ mode, source: 'cluster' }) as const;
const judge = (object: unknown, mode: Mode = 'enforce', before?: unknown) =>
  evaluate(
    checks,
    subjectOf('Pod', object, undefined, before === undefined ? 'CREATE' : 'UPDATE'),
    before === undefined ? undefined : subjectOf('Pod', before, undefined, 'UPDATE'),
    choice(mode),
    config,
  );
const lines = (decision: ReturnType<typeof judge>) =>
  decision.findings.map((one) => `${one.check} ${one.subject} ${one.action} ${one.because}`);

describe('what a NetworkPolicy opens', () => {
  const spec = { ingress: Array.from({ length: 3_000 }, () => ({})) };
  const tooComplex = subjectOf('NetworkPolicy', {
    metadata: { name: 'policy', namespace: 'shop', labels: podLabels },
    spec,
  });
  const capsOf = (...ids: readonly string[]) => new Map(ids.map((id) => [id, 'warn' as const]));
  const without = (...keys: readonly string[]) => ({
    ...config.taxonomy,
    keys: new Map([...config.taxonomy.keys].filter(([key]) => !keys.includes(key))),
  });

  it('is worked out once for all checks, and not for those that do not ask', () => {
    let reads = 0;
    const subject = subjectOf('NetworkPolicy', { metadata: { name: 'policy', labels: podLabels } });
    const counted: Subject = Object.defineProperty({ ...subject }, 'networkPolicySpec', { get: () => ++reads && {} });
    const handed: Opened[] = [];
    const asking = (id: string): Check => ({
      ...flowMatrix,
      id,
      judge(opened) {
        handed.push(opened);
        return [];
      },
    });
    evaluate(
      // This check reads the specification itself.
      checks.filter((check) => 'run' in check && check.id !== 'policy-types'),
      counted,
      undefined,
      choice('enforce'),
      config,
    );
    expect(reads).toBe(0);
    evaluate([asking('one'), asking('two')], counted, undefined, choice('enforce'), config);
    expect(reads).toBe(1);
    expect(handed).toEqual([handed[0], handed[0]]);
  });

  it.each([
    ['flow-matrix', {}, 'flow-matrix'],
    ['the next that is as strict, where it may only warn', { caps: capsOf('flow-matrix') }, 'cross-environment'],
    ['the strictest that is left', { caps: capsOf('flow-matrix', 'cross-environment') }, 'exposes-unexposed'],
    ['another check, where its key is not in the taxonomy', { taxonomy: without('tier') }, 'cross-environment'],
    [
      'a check that needs no key, where there is none',
      { taxonomy: without('tier', 'env', 'expose') },
      'ingress-broad-cidr',
    ],
  ] as const)('is not decided, says %s, and none else', (_, change, reporter) => {
    const decision = evaluate(checks, tooComplex, undefined, choice('enforce'), { ...config, ...change });
    expect(decision.findings.filter(({ undecided }) => undecided).map(({ check }) => check)).toEqual([reporter]);
    expect(decision.outcome).toBe('denied');
  });
});

describe('a specification that has not its form', () => {
  const malformed = subjectOf('NetworkPolicy', {
    metadata: { name: 'policy', labels: { env: 'prod', tier: 'api', team: 'shop' } },
    spec: { ingress: [{ ports: [{ endPort: 90 }] }] },
  });

  it.each(modes)('is a finding of readable, whichever check reports it, with every cap at %s', (cap) => {
    const caps = new Map(checks.map(({ id }) => [id, cap]));
    const { outcome, findings } = evaluate(checks, malformed, undefined, choice('enforce'), { ...config, caps });
    expect(findings.map(({ check, action, reason }) => ({ check, action, reason }))).toEqual([
      { check: 'readable', action: 'deny', reason: 'needs port, the first port of the range' },
    ]);
    expect(outcome).toBe('denied');
  });

  it('follows the mode', () => {
    expect(lines(evaluate(checks, malformed, undefined, choice('warn'), config))).toEqual([
      'readable ingress[0].ports[0].endPort warn cluster',
    ]);
  });
});

describe('evaluate', () => {
  it('allows what every check passes', () => {
    expect(judge(minimalPod())).toEqual({ outcome: 'allowed', findings: [] });
  });

  it('gives all violations at once, labels in the order of the taxonomy', () => {
    expect(lines(judge({ ...minimalPod({ tier: 'data', env: 'prd' }), spec: { hostNetwork: true } }))).toEqual([
      'label-values env deny cluster',
      'label-agreement tier deny cluster',
      'required-labels team deny cluster',
      'required-labels expose deny cluster',
      'host-network hostNetwork deny cluster',
    ]);
  });

  it.each([
    ['observe', 'allowed', 'record'],
    ['warn', 'warned', 'warn'],
    ['enforce', 'denied', 'deny'],
  ] as const)('in %s a violation is %s', (mode, outcome, action) => {
    const decision = judge(minimalPod({ ...podLabels, env: 'prd' }), mode);
    expect([decision.outcome, decision.findings.map((one) => one.action)]).toEqual([outcome, [action]]);
  });

  it('takes the milder of the cap of a check and the mode', () => {
    const capped = { ...config, caps: new Map([['label-values', 'warn' as const]]) };
    const subject = subjectOf('Pod', minimalPod({ ...podLabels, env: 'prd' }));
    expect(lines(evaluate(checks, subject, undefined, choice('enforce'), capped))).toEqual([
      'label-values env warn cap',
    ]);
    expect(lines(evaluate(checks, subject, undefined, choice('observe'), capped))).toEqual([
      'label-values env record cluster',
    ]);
  });

  it.each([
    ['enforce', undefined, 'host-network hostNetwork warn cap'],
    ['enforce', 'enforce', 'host-network hostNetwork warn cap'],
    ['enforce', 'observe', 'host-network hostNetwork record cap'],
    ['warn', undefined, 'host-network hostNetwork warn cluster'],
    ['observe', undefined, 'host-network hostNetwork record cluster'],
  ] as const)('outside a fence, in %s with the cap %s, the network of the node is: %s', (mode, cap, line) => {
    const unfenced = { ...shop, fenced: false } as typeof shop;
    const subject = subjectOf('Pod', { ...minimalPod(), spec: { hostNetwork: true } }, unfenced);
    const caps = new Map(cap === undefined ? [] : [['host-network', cap] as const]);
    expect(lines(evaluate(checks, subject, undefined, choice(mode), { ...config, caps }))).toEqual([line]);
  });

  describe('on update', () => {
    const legacy = { team: 'shop', env: 'prd' };

    it('weakens what was already wrong to a warning', () => {
      expect(lines(judge(minimalPod({ ...legacy, app: 'web' }), 'enforce', minimalPod(legacy)))).toEqual([
        'label-values env warn ratchet',
        'required-labels tier warn ratchet',
        'required-labels expose warn ratchet',
      ]);
    });

    it('refuses a wrong value that replaces another wrong value', () => {
      expect(lines(judge(minimalPod({ ...legacy, env: 'pord' }), 'enforce', minimalPod(legacy)))[0]).toBe(
        'label-values env deny cluster',
      );
    });

    it('refuses the loss of a label that was there', () => {
      const { team: _, ...without } = podLabels;
      expect(judge(minimalPod(without), 'enforce', minimalPod()).outcome).toBe('denied');
    });

    it('keeps a doubt about a changed label a refusal', () => {
      const unknown = { known: false, reason: 'no answer' } as const;
      const subject = (labels: Record<string, unknown>) => subjectOf('Pod', minimalPod(labels), unknown, 'UPDATE');
      const decision = evaluate(
        checks,
        subject({ ...podLabels, tier: 'data' }),
        subject(podLabels),
        choice('enforce'),
        config,
      );
      expect(lines(decision)).toEqual([
        'label-agreement env warn ratchet',
        'label-agreement tier deny cluster',
        'label-agreement team warn ratchet',
      ]);
    });
  });
});
