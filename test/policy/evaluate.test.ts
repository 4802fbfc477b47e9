import { describe, expect, it } from 'vitest';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { config, minimalPod, podLabels, subjectOf } from './minimal.ts';

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
