import { setFlagsFromString } from 'node:v8';
import { type Audit, auditCollection } from '../audit/audit.ts';
import type { Collection } from '../audit/collection.ts';
import type { Cluster } from '../cluster/connection.ts';
import type { Config } from '../config/config.ts';
import { examine } from '../doctor/examinations.ts';
import type { Line } from '../doctor/line.ts';
import { readFacts } from '../doctor/read.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { collectFiles, collectFrom, listedObjects, needed, type ObjectSource, patientCluster } from './collected.ts';
import { doctorPorts } from './doctor.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** An audit of a live cluster, with the doctor's lines about it. */
export interface ClusterAudit {
  readonly audit: Audit;
  readonly doctor: readonly Line[];
}

export interface ClusterAuditOptions {
  readonly config: Config;
  /** Ringfence's own namespace. */
  readonly ownNamespace: string;
  /** The version of this command. */
  readonly release: string;
  /** The time of the API server, in milliseconds since 1970. */
  readonly now: () => number;
  /** Called while objects are read. */
  readonly progress: (what: string) => void;
}

/**
 * Reads a live cluster and judges everything that lives in it. RBAC must allow `list` on
 * Namespaces, NetworkPolicies and Pods; what else may not be listed becomes a note. Throws an Error
 * for a person if one of these three cannot be read.
 */
export async function auditCluster(cluster: Cluster, options: ClusterAuditOptions): Promise<ClusterAudit> {
  const patient = patientCluster(cluster);
  return auditFrom(listedObjects(patient), patient, options);
}

/** As {@link auditCluster}, of objects that come from somewhere else. */
export async function auditFrom(
  source: ObjectSource,
  patient: Pick<Cluster, 'request'>,
  { config, ownNamespace, release, now, progress }: ClusterAuditOptions,
): Promise<ClusterAudit> {
  limitHeap();
  const collection = await collectFrom(source, config, now, progress);
  progress('the doctor');
  const ports = doctorPorts(patient, ownNamespace, config);
  const facts = await readFacts(
    { ...ports, list: (path, query, onObject) => replay(collection, ports.list, path, query, onObject) },
    { ownNamespace, release, now },
  );
  progress('judging');
  return { audit: await auditCollection(collection, config, now()), doctor: examine(facts) };
}

/**
 * Judges objects in files, as a cluster that has exactly these. Throws if a file cannot be read.
 */
export async function auditFiles(
  paths: readonly string[],
  { config, now, exclude }: { readonly config: Config; readonly now: number; readonly exclude: readonly string[] },
): Promise<Audit> {
  return auditCollection(await collectFiles(paths, config, exclude), config, now);
}

/**
 * Makes V8 collect garbage when the heap has grown by a third, and not only when it has doubled.
 * The peak memory for 10,000 Pods with 38,000 findings is then 260 MB instead of 320 MB, and the
 * run takes a tenth longer (measured).
 */
function limitHeap(): void {
  limitYoungGeneration();
  setFlagsFromString('--heap-growing-percent=30');
}

/**
 * Passes on what was collected already, so that the doctor does not list it again. What seemed
 * wrong was looked at twice.
 */
async function replay(
  { documents }: Collection,
  list: ReturnType<typeof doctorPorts>['list'],
  path: string,
  query: Readonly<Record<string, string>>,
  onObject: (raw: RawObject) => void,
): Promise<void> {
  const [, namespace] = /\/namespaces\/([^/]+)\/networkpolicies$/u.exec(path) ?? [];
  const type = needed.find(([known]) => known === path.replace(`/namespaces/${namespace}/`, '/'))?.[1];
  if (type === undefined) return list(path, query, onObject);
  const [, name] = ((query['fieldSelector'] as string | undefined) ?? '').split('metadata.name=');
  for (const { object } of documents) {
    if (textAt(object, 'kind') !== type.kind || textAt(object, 'apiVersion') !== type.apiVersion) continue;
    if (namespace !== undefined && textAt(object, 'metadata', 'namespace') !== namespace) continue;
    if (name === undefined || textAt(object, 'metadata', 'name') === name) onObject(object as RawObject);
  }
}
