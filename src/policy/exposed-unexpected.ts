import type { Labels } from '../kubernetes/labels.ts';
import type { RuleText } from './check.ts';
import type { NamedPeer } from './network-config.ts';
import type { Taxonomy } from './taxonomy.ts';

/** The rule on what leads from outside to Pods. Admission judges it only where it may refuse. */
export const exposedUnexpected: RuleText = {
  id: 'exposed-unexpected',
  rule: 'A Service, an Ingress or a route that lets the outside in leads only to Pods labelled `expose: "true"`, and to none labelled `internal: "true"`. Admission judges it if `checks` raises it to `enforce`.',
  remedy: 'Label the Pods expose: "true", or take away what leads to them.',
  cap: 'warn',
};

/** What is wrong with a Pod to which the outside is led; undefined if nothing is. */
export function unexpected(labels: Labels, { keys }: Taxonomy): string | undefined {
  if (keys.has('internal') && labels.get('internal') === 'true') return 'internal="true"';
  if (keys.has('expose') && labels.get('expose') !== 'true') return 'not expose="true"';
  return undefined;
}

/** Whether a Pod is one of an ingress controller that the configuration names. */
export function isIngressController(
  { namespace, labels }: { readonly namespace: string; readonly labels: Labels },
  peers: readonly NamedPeer[],
): boolean {
  return peers.some(
    ({ role, namespace: home, podLabels }) =>
      role === 'ingress' &&
      home === namespace &&
      Object.entries(podLabels).every(([key, value]) => labels.get(key) === value),
  );
}
