import { type BaselineNamespace, desiredBaseline } from '../baseline/desired.ts';
import { managedByLabel } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';

/**
 * The baseline of a namespace as a file in Git would have it: what Ringfence takes for true, and
 * nothing that only Ringfence may claim (the label that says whose it is, the version of its
 * configuration). The DNS rule comes first: whoever applies them one after the other has no moment
 * without DNS.
 *
 * Without the empty lists: the API server stores none, so that with them each apply is a change and
 * each comparison shows one, for ever (measured). With them an apply takes away rules that others
 * added; that matters where Ringfence does not keep the baseline.
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
