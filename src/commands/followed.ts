import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { auditCollection } from '../audit/audit.ts';
import type { Kept } from '../audit/collection.ts';
import type { AuditReport } from '../audit/report.ts';
import { connect } from '../cluster/connection.ts';
import { countCalls } from '../cluster/counting.ts';
import { followCollections } from '../cluster/follower.ts';
import { createServerClock } from '../cluster/server-clock.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Line } from '../doctor/line.ts';
import type { Log } from '../telemetry/log.ts';
import type { Part } from '../view/freshness.ts';
import { liveConfig, liveReport } from './audit.ts';
import { auditFrom } from './audited.ts';
import { collectFrom, keepItem, type ObjectSource, patientCluster } from './collected.ts';
import { discover } from './discovered.ts';
import type { ClusterOptions } from './options.ts';
import { note } from './output.ts';
import { showProgress } from './progress.ts';

/** Audits of a live cluster, of which most is followed. */
export interface FollowedAudit {
  /** Reads again what is not followed. Throws an Error whose message is for a person. */
  read(): Promise<AuditReport>;
  /**
   * Judges what is known now. It reads nothing but collections whose last list has failed, and what
   * is not followed where the last `read` has failed.
   */
  remake(): Promise<AuditReport>;
  /** What was read, and how old it is. */
  parts(): readonly Part[];
  /** Ends every watch and closes every connection. */
  close(): Promise<void>;
}

/** What is known of a cluster beside its collections, which is read only by `read`. */
interface Rest {
  readonly config: Config;
  readonly origin: string;
  readonly source: ObjectSource;
  readonly doctor: readonly Line[];
  readonly requests: number;
  /** Milliseconds since 1970, by the clock of this machine, which ages are counted by. */
  readonly at: number;
}

/**
 * Each watch holds a connection. The tables of kinds have some sixty, and the configuration may
 * name more; the doctor makes some twenty calls at once.
 */
const connections = 192;

/** With thirty kinds, half a watch begins in a second: twice as long as in the process. */
export const silenceMs = 60_000;

/**
 * Connects to a cluster, and makes no call yet. `onChange` is told of changes of what is followed.
 */
export function followAudit(
  options: ClusterOptions & { readonly config?: string; readonly ringfenceNamespace: string },
  { cluster: variables }: Pick<Environment, 'cluster'>,
  { release, onChange }: { readonly release: string; readonly onChange: () => void },
): FollowedAudit {
  const { kubeconfig, context, ringfenceNamespace: ownNamespace } = options;
  let requests = 0;
  const clock = createServerClock();
  const cluster = countCalls(connect({ kubeconfig, context, variables, connections, clock }), () => {
    requests += 1;
  });
  const end = new AbortController();
  const patient = patientCluster(cluster, end);
  const follower = followCollections<Kept>({
    cluster: { request: patient.request, watch: cluster.watch },
    log,
    signal: end.signal,
    silenceMs,
    onChange,
  });
  let rest: Rest | undefined;

  return {
    async read() {
      const at = Date.now();
      requests = 0;
      const progress = showProgress(process.stderr);
      try {
        const { config, origin } = await liveConfig(patient, options);
        follower.renew();
        const served = await discover(patient);
        const source: ObjectSource = {
          async each(path, type, take) {
            // Pages are answered between the collections.
            await setImmediate();
            for (const kept of await follower.read(path, (raw) => keepItem(raw, type))) take(kept);
          },
          discover: async () => served,
        };
        const found = await auditFrom(source, patient, {
          config,
          ownNamespace,
          release,
          now: clock.now,
          progress: progress.say,
        });
        // Only now: after a failed reading, the pages still show what was read before.
        follower.forget();
        rest = { config, origin, source, doctor: found.doctor, requests, at };
        return liveReport(found, { at: new Date(at).toISOString(), strict: false, origin, requests });
      } finally {
        progress.end();
      }
    },
    async remake() {
      if (rest === undefined) throw new Error('nothing has been read yet');
      const { config, source, doctor, ...said } = rest;
      const at = new Date().toISOString();
      const audit = await auditCollection(await collectFrom(source, config, clock.now, () => {}), config, clock.now());
      return liveReport({ audit, doctor }, { ...said, at, strict: false });
    },
    parts() {
      const now = Date.now();
      const readAt = new Date(rest?.at ?? now).toISOString();
      return [
        ...follower.known().map(({ path, ageMs, refusal }) => ({
          name: nameOf(path),
          at: new Date(now - ageMs).toISOString(),
          isFollowed: refusal === undefined,
          problem: refusal === undefined || refusal.code === 403 ? undefined : refusal.message,
        })),
        ...['configuration', 'served-kinds', 'doctor'].map((name) => ({
          name,
          at: readAt,
          isFollowed: false,
          problem: '',
        })),
      ];
    },
    async close() {
      end.abort();
      await cluster.close();
    },
  };
}

/** The page says how old everything is, so only what cannot be read is told. */
const log: Log = {
  info() {},
  warn() {},
  error: (details, message) => note(`${message}: ${JSON.stringify(details)}`),
};

/** A resource as kubectl names it: `pods`, `networkpolicies.networking.k8s.io`. */
function nameOf(path: string): string {
  const [, group, resource = ''] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/(.+)$/u.exec(path) ?? [];
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return group === undefined ? name : `${name}.${group}`;
}
