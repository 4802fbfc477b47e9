import { type BaselineNamespace, desiredBaseline } from '../baseline/desired.ts';
import { managedByLabel } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../network/network-policy.ts';

/**
 * The baseline of a namespace as a file in Git would have it: what Ringfence takes for true, and nothing that only Ringfence may claim (the label
 * that says whose it is, the version of its configuration). The empty lists are part of it: a server-side apply without them would leave
 * rules that others added. The DNS rule comes first: whoever applies them one after the other has no moment without DNS.
 */
export function baselineManifest(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return desiredBaseline(namespace, config)
    .toReversed()
    .map(({ apiVersion, kind, metadata: { name, namespace, labels }, spec }) => {
      const identity = Object.entries(labels ?? {}).filter(([key]) => key !== managedByLabel);
      return {
        apiVersion,
        kind,
        metadata: {
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(identity.length === 0 ? {} : { labels: Object.fromEntries(identity) }),
        },
        ...(spec === undefined ? {} : { spec }),
      };
    });
}
