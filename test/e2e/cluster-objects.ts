// Objects that the components of a cluster write.
import { type Manifest, workload } from './objects.ts';

export function binding(name: string, labels: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Binding', metadata: { name, labels }, target: { kind: 'Node', name: 'node-1' } };
}

export function eviction(name: string): object {
  return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
}

/** An Event about a namespace. */
export function event(namespace: string): object {
  const involvedObject = { kind: 'Namespace', name: namespace, namespace };
  return { metadata: { generateName: 'new-' }, involvedObject, reason: 'Tried', message: 'written by a test' };
}

/** The merge patch that changes the image in a workload's template. */
export function withImage(image: string): object {
  const { spec } = workload('Deployment', 'web') as unknown as {
    spec: { template: { spec: { containers: object[] } } };
  };
  const containers = spec.template.spec.containers.map((container) => ({ ...container, image }));
  return { spec: { template: { spec: { containers } } } };
}

/** A quota that allows this number of NetworkPolicies in a namespace. */
export function networkPolicyQuota(count: number, namespace = 'shop'): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: `policies-${count}`, namespace },
    spec: { hard: { 'count/networkpolicies.networking.k8s.io': count } },
  };
}
