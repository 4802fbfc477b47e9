// The form of the rows in network-policy-rows.ts, and the parts of their specifications.

import { type Manifest, namespaceLabels } from './objects.ts';

/** networking.k8s.io/v1 NetworkPolicySpec. The default podSelector selects an app of its own. */
type Specification = Readonly<Record<string, unknown>>;

export interface Row {
  readonly check: string;
  /** The name of the NetworkPolicy. */
  readonly name: string;
  /** `shop` is a fenced API tier, `vault` a fenced data tier, `old` an API tier without a fence. */
  readonly namespace: 'shop' | 'vault' | 'old';
  readonly wrong: Specification;
  readonly verdict: 'refused' | 'warned';
  /** The lines of the refusal, from the object's name on; or the warnings. */
  readonly says: readonly string[];
  readonly right: Specification;
  /** Whether both NetworkPolicies, or only the right one, are labelled expose="true". */
  readonly exposes?: 'always' | 'once right';
}

/** Returns the NetworkPolicy of a row, with the labels of its namespace. */
export function write(row: Row, which: 'wrong' | 'right'): Manifest {
  const exposes = row.exposes === 'always' || (row.exposes === 'once right' && which === 'right');
  const tier = row.namespace === 'vault' ? 'data' : 'api';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      labels: { ...namespaceLabels, tier, ...(exposes ? { expose: 'true' } : {}) },
    },
    spec: { podSelector: { matchLabels: { app: row.name } }, ...row[which] },
  };
}

export const dnsPorts = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
export const exposed = { expose: 'true' } as const;
export const from = (peer: object, port?: number) => rule('ingress', 'from', peer, port);
export const to = (peer: object, port?: number) => rule('egress', 'to', peer, port);
export const namespaces = (matchLabels: object) => ({ namespaceSelector: { matchLabels } });
export const named = (name: string) => namespaces({ 'kubernetes.io/metadata.name': name });
export const block = (cidr: string, ...except: string[]) => ({
  ipBlock: except.length === 0 ? { cidr } : { cidr, except },
});

function rule(direction: 'ingress' | 'egress', side: 'from' | 'to', peer: object, port: number | undefined) {
  const ports = port === undefined ? {} : { ports: [{ port }] };
  return {
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    [direction]: [{ [side]: [peer], ...ports }],
  };
}
