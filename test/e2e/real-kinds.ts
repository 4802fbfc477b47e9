// The definitions of Cilium's kinds and of network-policy-api's, as their projects ship them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { GoSource } from '../control-plane/go-source.ts';
import type { ForeignKind } from './foreign-kinds.ts';
import type { Manifest } from './objects.ts';

const crds = 'pkg/k8s/apis/cilium.io/client/crds/v2';
const cilium: GoSource = {
  module: 'github.com/cilium/cilium',
  version: 'v1.20.2',
  sum: 'h1:dqiEGIcXc+gqCLYG/l7VCFJ8GHyb4HUrwbZOpkX5dL8=',
  files: ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies', 'ciliumcidrgroups'].map(
    (name) => `${crds}/${name}.yaml`,
  ),
};
const networkPolicyApi: GoSource = {
  module: 'sigs.k8s.io/network-policy-api',
  version: 'v0.3.0',
  sum: 'h1:RL6fVXiix9IW1pj0ImkW645m+EWmb3dBGCiW19bg5+k=',
  files: ['config/crd/standard/policy.networking.k8s.io_clusternetworkpolicies.yaml'],
};
export const realKindSources: readonly GoSource[] = [cilium, networkPolicyApi];

/** apiextensions.k8s.io/v1 CustomResourceDefinition, with the fields that tests read. */
export interface Definition extends Manifest {
  readonly spec: {
    readonly group: string;
    readonly scope: ForeignKind['scope'];
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly subresources?: { readonly status?: object };
    }[];
  };
}

/**
 * The definitions by the folders of the sources, in this order: CiliumNetworkPolicy,
 * CiliumClusterwideNetworkPolicy, CiliumCIDRGroup, ClusterNetworkPolicy.
 */
export function readDefinitions(folders: readonly string[]): readonly Definition[] {
  return realKindSources.flatMap(({ files }, at) =>
    files.map((file) => parse(readFileSync(join(folders[at] ?? '', file), 'utf8')) as Definition),
  );
}

export function kindOf({ spec }: Definition, harmless: object, open: object): ForeignKind {
  const { group, scope, names, versions } = spec;
  const served = versions.filter((one) => one.served).map(({ name }) => name);
  const hasStatus = versions.every(({ subresources }) => subresources?.status !== undefined);
  return { group, scope, kind: names.kind, resource: names.plural, versions: served, hasStatus, harmless, open };
}
