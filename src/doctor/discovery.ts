import { type OtherPolicyKind, otherPolicyKinds, soundsLikePolicy } from '../kubernetes/other-policies.ts';
import { listAt, textAt } from '../kubernetes/raw-object.ts';
import type { Served, ServedResource } from './facts.ts';

/** All groups in one answer (apidiscovery.k8s.io/v2, since Kubernetes 1.30; v2beta1 since 1.27). */
const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

/** Reads what the API server serves beside the core group. */
export async function readServed({
  get,
}: {
  readonly get: (path: string, accept: string) => Promise<unknown>;
}): Promise<Served> {
  const answer = await get('/apis', aggregated);
  const resources: ServedResource[] = [];
  const stale = new Set<string>();
  for (const item of listAt(answer, 'items')) {
    const group = textAt(item, 'metadata', 'name') ?? '';
    for (const served of listAt(item, 'versions')) {
      const version = textAt(served, 'version') ?? '';
      if (textAt(served, 'freshness') === 'Stale') stale.add(group);
      for (const one of listAt(served, 'resources')) {
        const resource = textAt(one, 'resource') ?? '';
        resources.push({
          group,
          version,
          resource,
          kind: textAt(one, 'responseKind', 'kind') ?? resource,
          known: isKnown(group, resource),
        });
      }
    }
  }
  // Every API server serves many groups: an empty list is another answer than the one asked for.
  if (resources.length === 0) throw new Error('GET /apis: the answer is no APIGroupDiscoveryList');
  return { resources, stale: [...stale] };
}

/**
 * The kinds of the table that are served, each in one version: the API server converts. Calico
 * stores what it serves as projectcalico.org once more, which is not looked at twice.
 */
export function otherKindsServed({
  resources,
}: Served): readonly { readonly kind: OtherPolicyKind; readonly version: string }[] {
  const serves = (group: string, resource: string): ServedResource | undefined =>
    resources.find((one) => one.group === group && one.resource === resource);
  return otherPolicyKinds.flatMap((kind) => {
    const found = serves(kind.group, kind.resource);
    if (found === undefined) return [];
    const isStored = kind.group === 'crd.projectcalico.org' && serves('projectcalico.org', kind.resource) !== undefined;
    return isStored ? [] : [{ kind, version: found.version }];
  });
}

/** Kinds that no table of Ringfence has, and whose names say that they decide about traffic. */
export function soundingKinds({ resources }: Served): readonly ServedResource[] {
  const named = resources.filter(({ resource, known }) => !known && soundsLikePolicy(resource));
  return [...new Map(named.map((one) => [`${one.group}/${one.resource}`, one])).values()];
}

function isKnown(group: string, resource: string): boolean {
  return (
    group === 'networking.k8s.io' || otherPolicyKinds.some((one) => one.group === group && one.resource === resource)
  );
}
