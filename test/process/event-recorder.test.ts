import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/admission/verdict.ts';
import { occurrenceOf, openEventRecorder } from '../../src/process/event-recorder.ts';
import { namespace, pod, request, uid } from '../admission/scene.ts';

const owners = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4', uid: 'u', controller: true }];
const owned = { ...pod(), metadata: { name: 'web', namespace: 'shop', ownerReferences: owners } };
const kindOfPolicy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' } as const;
const finding = {
  check: 'required-labels',
  field: 'metadata.labels.team',
  subject: 'team',
  found: undefined,
  reason: 'missing',
  because: 'cluster',
} as const;
const refused: Verdict = {
  outcome: 'denied',
  findings: [
    { ...finding, action: 'deny' },
    { ...finding, check: 'label-values', action: 'warn' },
  ],
  subject: { kind: 'Pod', namespace: 'shop', name: 'web' },
  message: 'Pod shop/web: 1 label keeps it out\n  team  missing  [required-labels]',
  warnings: [],
};

describe('what an Event says of a verdict', () => {
  it('is the refusal, the checks that refuse, and whom the object names as its owners', () => {
    expect(occurrenceOf(request('Pod', owned), refused)).toEqual({
      reason: 'Denied',
      uid,
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      owners,
      checks: ['required-labels'],
      message: refused.message,
    });
  });

  it('is who used which permission', () => {
    const verdict: Verdict = {
      ...refused,
      outcome: 'allowed',
      findings: [],
      subject: { kind: 'Namespace', namespace: undefined, name: 'shop' },
      permissions: ['claim identities/team:shop', 'relabel fences/shop'],
    };
    expect(occurrenceOf(request('Namespace', namespace({})), verdict)).toMatchObject({
      reason: 'PermissionUsed',
      kind: 'Namespace',
      name: 'shop',
      checks: [],
      message: 'Namespace shop: dev used claim identities/team:shop, relabel fences/shop',
    });
  });

  it('of a deletion names the owners of what was to be deleted', () => {
    const deletion = request('Pod', null, { operation: 'DELETE', oldObject: owned });
    expect(occurrenceOf(deletion, refused)).toMatchObject({ owners });
  });

  it.each([null, 'text', { metadata: null }])('holds for an object that is none: %j', (object) => {
    expect(occurrenceOf(request('Pod', object), refused).owners).toBeUndefined();
  });
});

describe('the recorder on a cluster', () => {
  it('tells of a policy that exists on the policy itself, and reads nothing for it', async () => {
    const calls: (readonly [string, unknown])[] = [];
    const cluster = {
      async request<T>(method: string, path: string, options?: { readonly body?: unknown }): Promise<T> {
        calls.push([`${method} ${path}`, options?.body]);
        return { metadata: { resourceVersion: '1' } } as T;
      },
    };
    const recorder = openEventRecorder(cluster, { log: { warn: () => undefined } });
    const policy = { ...kindOfPolicy, metadata: { namespace: 'shop', name: 'open', uid: 'u-1' }, spec: {} };
    const subject = { kind: 'NetworkPolicy', namespace: 'shop', name: 'open' } as const;
    recorder.tellStanding(policy, { subject, findings: refused.findings });
    await recorder.end();
    expect(calls.map(([call]) => call)).toEqual(['POST /api/v1/namespaces/shop/events']);
    expect(calls[0]?.[1]).toMatchObject({
      involvedObject: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        namespace: 'shop',
        name: 'open',
        uid: 'u-1',
      },
      reason: 'WouldBeRefused',
      type: 'Warning',
      message:
        'NetworkPolicy shop/open: exists, but would be refused if it were created now | team missing [required-labels]',
    });
  });

  it('writes what it was told before it ends, by the paths of the API', async () => {
    const calls: string[] = [];
    const cluster = {
      async request<T>(method: string, path: string): Promise<T> {
        calls.push(`${method} ${path}`);
        return { metadata: { uid: 'u', resourceVersion: '1' } } as T;
      },
    };
    const recorder = openEventRecorder(cluster, { log: { warn: () => undefined } });
    recorder.tell(request('Pod', owned), refused);
    await recorder.end();
    expect(calls).toEqual([
      'GET /apis/apps/v1/namespaces/shop/replicasets/web-7d4',
      'POST /api/v1/namespaces/shop/events',
    ]);
  });
});
