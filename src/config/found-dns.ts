import type { Config, DnsPlace } from './config.ts';
import { dnsPeers } from './network.ts';

/** The place of DNS that a cluster has. */
export interface FoundDns {
  readonly place: DnsPlace;
  /** The highest resourceVersion of the objects that say so, as decimal text. */
  readonly version: string;
}

/**
 * Returns a configuration with `dns: auto` with the place that was found. It is as new as the
 * newest of the objects that it comes from, because their resourceVersions are of one store: so a
 * replica that has not seen a change of the Service leaves alone what one has written that has. A
 * configuration of a file has no version, found DNS or not.
 */
export function withFoundDns(config: Config, { place, version }: FoundDns): Config {
  const baseline = { ...config.baseline, dns: [place], isDnsFound: true };
  const { peers } = config.network;
  // Only the peers of places have ports. The file may have a peer of its own in place of them.
  const first = peers.findIndex(({ ports }) => ports !== undefined);
  const others = peers.filter(({ ports }) => ports === undefined);
  return Object.freeze({
    ...config,
    version: config.version === '0' ? '0' : latest(config.version, version),
    baseline,
    network: {
      ...config.network,
      peers: first === -1 ? peers : others.toSpliced(first, 0, ...dnsPeers(baseline)),
    },
  });
}

/** Returns the higher of two resourceVersions. */
export function latest(one: string, other: string): string {
  return BigInt(one) > BigInt(other) ? one : other;
}
