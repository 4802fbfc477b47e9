import { type BaselineNamespace, desiredBaseline } from '../baseline/desired.ts';
import { managedByLabel } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';

/**
 * Returns the baseline of a namespace as manifests for Git. Ringfence accepts these objects as
 * correct. They omit the managed-by label and the version of the configuration, which only
 * Ringfence sets. The DNS rule comes first, so that applying them in order never cuts DNS.
 *
 * `emptyLists` adds the empty lists of rules. With them, an apply removes rules that others added,
 * which matters if Ringfence does not maintain the baseline. But the API server does not store
 * empty lists, so every apply counts as a change and every comparison shows a difference
 * (measured).
 */
export function baselineManifest(
  namespace: BaselineNamespace,
  config: Config,
  { emptyLists }: { readonly emptyLists: boolean },
): readonly NetworkPolicy[] {
  return desiredBaseline(namespace, config)
    .toReversed()
    .map(({ apiVersion, kind, metadata: { name, namespace, labels }, spec = {} }) => {
      const identity = Object.entries(labels ?? {}).filter(([key]) => key !== managedByLabel);
      const { ingress = [], egress = [], ...rest } = spec;
      return {
        apiVersion,
        kind,
        metadata: {
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(identity.length === 0 ? {} : { labels: Object.fromEntries(identity) }),
        },
        spec: {
          ...rest,
          ...(ingress.length > 0 || emptyLists ? { ingress } : {}),
          ...(egress.length > 0 || emptyLists ? { egress } : {}),
        },
      };
    });
}
