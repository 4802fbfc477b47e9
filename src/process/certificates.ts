import type { Cluster } from '../cluster/connection.ts';
import { secrets } from '../cluster/secrets.ts';
import { certificateNames, dialedNames, type Whereabouts } from '../installation/address.ts';
import type { OwnerReference } from '../kubernetes/object-meta.ts';
import type { Log } from '../telemetry/log.ts';
import type { Source } from '../tls/material.ts';
import { createMountedSource } from '../tls/mounted-source.ts';
import type { Lifetimes } from '../tls/rotation.ts';
import { createSource, overlapsKept } from '../tls/source.ts';

/** The arguments of `ringfence serve` that choose the source of certificates. */
export interface CertificateOptions extends Whereabouts {
  /**
   * A folder with `tls.crt`, `tls.key` and `ca.crt`. If undefined, the replicas share a Secret.
   */
  readonly tlsDir?: string;
  /** Seconds between two checks of the folder or the Secret. */
  readonly certificateSeconds: number;
  /** Hours for which an authority and a certificate that Ringfence makes are valid. */
  readonly authorityHours: number;
  readonly certificateHours: number;
  /** Seconds to wait after each step of a change of authority. */
  readonly overlapSeconds: number;
}

/** The Secret that the replicas share. */
const secretName = 'ringfence-tls';

/** Opens the source that the arguments name. */
export function openCertificates(
  options: CertificateOptions,
  parts: {
    readonly lifetimes: Lifetimes;
    readonly cluster: Pick<Cluster, 'request'>;
    /** Reads the object with which the Secret is deleted. */
    readonly owner: () => Promise<OwnerReference>;
    readonly log: Pick<Log, 'info' | 'warn'>;
    readonly isPublished: (caBundle: string) => boolean;
  },
): Source {
  const { log, lifetimes, isPublished } = parts;
  const refreshMs = options.certificateSeconds * 1000;
  if (options.tlsDir !== undefined) {
    const keepMs = overlapsKept * lifetimes.overlapMs;
    const names = dialedNames(options);
    return createMountedSource({ folder: options.tlsDir, names, log, keepMs, refreshMs, isPublished });
  }
  const { namespace } = options;
  const shared = { secrets: secrets(parts.cluster), owner: parts.owner, namespace, name: secretName };
  return createSource({ ...shared, ...certificateNames(options), log, lifetimes, refreshMs, isPublished });
}

/**
 * Returns the lifetimes that the arguments choose. Throws if a certificate would be valid for
 * longer than its authority, or if they leave no time for a change of authority.
 */
export function lifetimesOf({
  authorityHours,
  certificateHours,
  overlapSeconds,
}: Pick<CertificateOptions, 'authorityHours' | 'certificateHours' | 'overlapSeconds'>): Lifetimes {
  if (certificateHours > authorityHours)
    throw new Error(
      `--certificate-hours ${certificateHours} is more than --authority-hours ${authorityHours}: no certificate outlives its authority`,
    );
  const least = (overlapsNeeded * overlapSeconds) / 3600;
  if (authorityHours < least)
    throw new Error(
      `--authority-hours ${authorityHours} is too short for --overlap-seconds ${overlapSeconds}: the minimum is ${Number(least.toPrecision(3))}`,
    );
  return {
    authorityMs: authorityHours * hourMs,
    certificateMs: certificateHours * hourMs,
    overlapMs: overlapSeconds * 1000,
  };
}

const hourMs = 3_600_000;

// A change begins when a third of the old authority's life is left, and has three steps.
const overlapsNeeded = 9;
