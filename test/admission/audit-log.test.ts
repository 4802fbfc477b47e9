import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src/admission/handler.ts';
import { isSilent } from '../../src/admission/outcome.ts';
import type { AuditLog } from '../../src/config/config.ts';
import { inForce } from '../../src/config/exceptions.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { AuditRecord } from '../../src/telemetry/audit.ts';
import { fenced, identity, namespace, pod, podLabels, request, review, setUp } from './scene.ts';

const exception = {
  name: 'charts',
  checks: ['required-labels'],
  namespace: 'shop',
  workloads: [{ kind: 'Pod', name: 'waived' }],
  reason: 'a chart of others',
  until: '2027-01-31',
};

/** What becomes of the audit line of a request, and that it is counted all the same. */
async function lineOf(log: AuditLog, admissionRequest: ReturnType<typeof request>, phase: 'enforced' | 'unenforced') {
  const { ports, permitted, cluster, cached } = setUp('enforce');
  cluster.setNamespace('soft', { ...identity, 'ringfence.dev/mode': 'observe' });
  cached.set('soft', {
    labels: new Map(Object.entries({ ...identity, 'ringfence.dev/mode': 'observe' })),
    fenced: false,
    terminating: false,
  });
  permitted.add('dev relabel shop');
  const text = `apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\naudit: {log: ${log}}\nexceptions: ${JSON.stringify([exception])}\n`;
  const now = Date.parse('2026-12-01T00:00:00Z');
  const context = { file: 'f', version: '7', ownNamespace: 'ringfence-system', checkIds: [], now };
  const config = inForce(parseConfig(text, context), now);
  const decided: (readonly [AuditRecord, boolean])[] = [];
  const handle = createHandler({ ...ports, audit: (...told) => void decided.push(told) }, () => config);
  // The first Pod makes the wall, which is something to say.
  await handle('enforced', review(request('Pod', pod())));
  decided.length = 0;
  await handle(phase, review(admissionRequest));
  expect(decided).toHaveLength(1);
  return decided[0]?.[1] === true ? 'written' : 'left out';
}

const elsewhere = (object: object) => ({ ...request('Pod', object), namespace: 'soft' });
const named = (name: string) => ({ ...pod({}), metadata: { name, namespace: 'shop', labels: {} } });

describe('audit.log', () => {
  it.each<[string, ReturnType<typeof request>, 'enforced' | 'unenforced', string]>([
    ['an allowed request', request('Pod', pod(podLabels)), 'enforced', 'left out'],
    ['a refusal', request('Pod', pod({})), 'enforced', 'written'],
    ['a finding that is recorded', elsewhere(pod({})), 'unenforced', 'written'],
    ['a request without a finding that is only observed', elsewhere(pod(podLabels)), 'unenforced', 'left out'],
    [
      'a finding that an exception waives',
      { ...request('Pod', named('waived')), name: 'waived' },
      'enforced',
      'written',
    ],
    [
      'a permission that was used',
      request('Namespace', namespace({ ...fenced, team: 'other' }), {
        operation: 'UPDATE',
        oldObject: namespace(fenced),
        name: 'shop',
      }),
      'enforced',
      'written',
    ],
    ['an exempt namespace', { ...request('Pod', pod({})), namespace: 'kube-system' }, 'enforced', 'left out'],
  ])('findings: %s', async (_, admissionRequest, phase, expected) => {
    expect(await lineOf('findings', admissionRequest, phase)).toBe(expected);
    expect(await lineOf('all', admissionRequest, phase)).toBe('written');
  });

  it('findings: a Pod for which the gate made the wall', async () => {
    const { ports, config } = setUp('enforce');
    const decided: boolean[] = [];
    const given = { ...config, audit: { log: 'findings' } } as const;
    const handle = createHandler({ ...ports, audit: (_, isWritten) => void decided.push(isWritten) }, () => given);
    await handle('enforced', review(request('Pod', pod())));
    await handle('enforced', review(request('Pod', pod())));
    expect(decided).toEqual([true, false]);
  });

  it('findings: a warning that is no finding', () => {
    const verdict = {
      outcome: 'allowed',
      findings: [],
      subject: { kind: 'Namespace', namespace: undefined, name: 'a' },
    };
    expect(isSilent({ ...verdict, outcome: 'allowed', warnings: [] })).toBe(true);
    expect(isSilent({ ...verdict, outcome: 'allowed', warnings: ['3 Pods would be refused'] })).toBe(false);
  });
});
