import { createInventory } from '../../src/network/inventory.ts';
import { type Assumptions, createDesk, type Desk } from '../../src/reach/desk.ts';

/** A Pod in the form of tests: its labels, its address, its owner. */
interface PodSketch {
  readonly app: string;
  readonly ip?: string;
  readonly hostNetwork?: boolean;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly phase?: string;
  /** `name:number/protocol`. */
  readonly ports?: readonly string[];
}

const pods: Readonly<Record<string, PodSketch>> = {
  'front/web-1': { app: 'web', ip: '10.0.0.1', owner: { kind: 'StatefulSet', name: 'web' } },
  'front/web-2': { app: 'web', ip: '10.0.0.2', owner: { kind: 'StatefulSet', name: 'web' } },
  'front/batch': { app: 'batch', ip: '10.0.0.3' },
  'back/api': { app: 'api', ip: '10.0.1.1' },
  'back/unborn': { app: 'api' },
  'back/done': { app: 'api', phase: 'Succeeded' },
  'infra/agent': { app: 'agent', ip: '192.168.0.1', hostNetwork: true },
};

const front = { namespaceSelector: { matchLabels: { tier: 'web' } }, podSelector: { matchLabels: { app: 'web' } } };

/** Both namespaces have a deny-all. web may reach api on 8080, and the Internet on 443. */
export const walls = {
  'front/wall': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  'front/out': {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [
      { to: [{ namespaceSelector: { matchLabels: { tier: 'api' } } }], ports: [{ port: 8080 }] },
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [{ port: 443 }] },
    ],
  },
  'back/wall': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  'back/in': { podSelector: {}, ingress: [{ from: [front], ports: [{ port: 8080 }] }] },
} as const;

/**
 * A small shop: a web tier of two Pods and a batch Pod, an API of one Pod (and one without an
 * address), and an agent of a node. `more` adds Pods, and `objects` what
 * else there is.
 */
export function shop(
  policies: Readonly<Record<string, object>> = walls,
  more: Readonly<Record<string, PodSketch>> = {},
  { objects = [], ...assumptions }: Assumptions & { readonly objects?: readonly object[] } = {},
): Desk {
  const taker = createInventory();
  const add = (object: unknown): void => {
    const problems = taker.add(object, '');
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
  };
  for (const [name, tier] of Object.entries({ front: 'web', back: 'api', infra: 'none' }))
    add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { tier } } });
  for (const [path, { app, ip, hostNetwork, owner, phase, ports = [] }] of Object.entries({ ...pods, ...more })) {
    const [namespace, name] = path.split('/');
    add({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        name,
        labels: { app },
        ownerReferences: owner === undefined ? [] : [{ ...owner, controller: true }],
      },
      spec: { hostNetwork: hostNetwork ?? false, containers: [{ ports: ports.map(readPort) }] },
      status: { phase: phase ?? 'Running', podIP: ip, hostIP: '192.168.0.1' },
    });
  }
  for (const [path, spec] of Object.entries(policies)) {
    const [namespace, name] = path.split('/');
    add({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace, name }, spec });
  }
  for (const object of objects) add(object);
  return createDesk(taker.take(), [], assumptions);
}

function readPort(text: string): object {
  const [, name, containerPort, protocol] = /^(.+):(\d+)\/(.+)$/.exec(text) ?? [];
  return { name, containerPort: Number(containerPort), protocol };
}
