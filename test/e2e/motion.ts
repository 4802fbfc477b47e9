// Changes by people and pipelines on a cluster in use: every workload is scaled and rolled out
// again and again.
import type { Cluster } from '../../src/cluster/connection.ts';
import { startBeat } from './beat.ts';
import { untilDecided } from './doubt.ts';
import { type Home, placeOf, templatePatch, type Workload } from './lived-in.ts';

export interface Motion {
  /** The number of changes so far. */
  made(): number;
  /** Changes that were refused or had no answer. */
  failures(): readonly string[];
  /** Refusals in doubt, after which the change was sent again. */
  doubts(): readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts one change each `everyMs`, workload by workload. A change that waits for its answer does
 * not stop the others.
 */
export function startMotion(cluster: Cluster, homes: readonly Home[], everyMs: number): Motion {
  const places = homes.flatMap(({ name, workloads }) => workloads.map((workload) => ({ home: name, workload })));
  const failures: string[] = [];
  const doubts: string[] = [];
  let turn = 0;
  let made = 0;

  const beat = startBeat(everyMs, async () => {
    const place = places[turn % places.length];
    const round = Math.floor(turn / places.length);
    turn += 1;
    if (place === undefined) return;
    const changed = changeOf(place.workload, round);
    const { path } = placeOf(place.home, place.workload);
    try {
      // A StatefulSet that has not finished its last change is skipped.
      if (place.workload.kind === 'StatefulSet' && !(await hasRolled(cluster, path))) return;
      await untilDecided(() => change(cluster, path, changed), doubts);
      made += 1;
    } catch (error) {
      failures.push(String(error));
    }
  });

  return {
    made: () => made,
    failures: () => failures,
    doubts: () => doubts,
    stop: () => beat.stop(),
  };
}

function change(cluster: Cluster, path: string, body: object): Promise<unknown> {
  return cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', body, timeoutMs: patienceMs });
}

/**
 * Whether a StatefulSet has reached its specification. If it is changed earlier, its controller
 * (1.36) writes a count of -1, which the API server refuses with or without Ringfence.
 */
export async function hasRolled(cluster: Cluster, path: string): Promise<boolean> {
  const { metadata, spec, status } = await cluster.request<StatefulSet>('GET', path, { timeoutMs: patienceMs });
  return (
    status.observedGeneration === metadata.generation &&
    status.currentRevision === status.updateRevision &&
    status.replicas === spec.replicas &&
    status.readyReplicas === spec.replicas
  );
}

interface StatefulSet {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly replicas?: number;
    readonly readyReplicas?: number;
  };
}

/** For a busy machine: half of the API server's limit for a call. */
const patienceMs = 30_000;

/**
 * In turn: one more replica, a rollout by a restart, the count at rest, a rollout of another image.
 */
function changeOf(workload: Workload, round: number): object {
  const { replicas } = workload;
  const restart = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } } };
  const image = { spec: { containers: [{ name: 'main', image: `registry.example/main:${round}` }] } };
  if (workload.kind === 'CronJob') return templatePatch(workload, round % 2 === 0 ? restart : image);
  switch (round % 4) {
    case 0:
      return { spec: { replicas: replicas + 1 } };
    case 1:
      return templatePatch(workload, restart);
    case 2:
      return { spec: { replicas } };
    default:
      return templatePatch(workload, image);
  }
}
