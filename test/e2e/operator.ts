// The person who rolls Ringfence out: reads its audit lines, and gives objects the labels that they
// name, with the values that only people know.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/connection.ts';
import { eventually, type LogLine } from './installation.ts';
import { type Home, placeOf, templatePatch, type Workload } from './lived-in.ts';
import { hasRolled } from './motion.ts';

interface Finding {
  readonly check: string;
  readonly field: string;
  readonly action: string;
}

/** The labels to add to the template of one workload. */
interface Fix {
  readonly home: Home;
  readonly workload: Workload;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Corrects what audit lines ask for until readiness holds: every workload has changed since, and
 * nothing is left of an earlier template. Resolves to the number of corrections.
 */
export async function correct(
  cluster: Cluster,
  homes: readonly Home[],
  lines: () => readonly LogLine[],
  isReady: () => Promise<boolean>,
): Promise<number> {
  const seen = new Set<unknown>();
  let corrected = 0;
  const isDone = async (): Promise<boolean> => {
    const news = lines().filter((line) => !seen.has(line['uid']) && findingsOf(line).length > 0);
    for (const line of news) seen.add(line['uid']);
    const fixes = fixesIn(news, homes);
    for (const fix of fixes) await mend(cluster, fix);
    corrected += fixes.length;
    await delay(1000);
    return fixes.length === 0 && (await isReady());
  };
  await eventually('readiness', isDone, 600_000);
  return corrected;
}

function findingsOf(line: LogLine): readonly Finding[] {
  return line['findings'] as readonly Finding[];
}

/**
 * Returns the fixes of workloads that audit lines ask for. Lines about objects that a workload
 * makes (ReplicaSets, Jobs, Pods) need no fix of their own.
 */
function fixesIn(lines: readonly LogLine[], homes: readonly Home[]): readonly Fix[] {
  const fixes = new Map<string, Fix>();
  for (const line of lines) {
    const home = homes.find(({ name }) => name === line['namespace']);
    const workload = home?.workloads.find(({ kind, name }) => kind === line['kind'] && name === line['name']);
    if (home === undefined || workload === undefined) continue;
    const labels = Object.fromEntries(findingsOf(line).map(({ field }) => labelFor(home, field)));
    const key = `${home.name} ${workload.kind} ${workload.name}`;
    fixes.set(key, { home, workload, labels: { ...fixes.get(key)?.labels, ...labels } });
  }
  return [...fixes.values()];
}

async function mend(cluster: Cluster, { home, workload, labels }: Fix): Promise<void> {
  const { path } = placeOf(home.name, workload);
  if (workload.kind === 'StatefulSet') await eventually('its last roll', () => hasRolled(cluster, path), 60_000);
  await cluster.request('PATCH', path, {
    contentType: 'application/merge-patch+json',
    body: templatePatch(workload, { metadata: { labels } }),
  });
}

/**
 * Returns the label of a field, `spec.template.metadata.labels.tier` → `tier`, with its intended
 * value.
 */
function labelFor({ identity }: Home, field: string): readonly [string, string] {
  const key = field.slice(field.lastIndexOf('.') + 1);
  const value = { ...identity, expose: 'false' }[key];
  if (value === undefined) throw new Error(`nobody knows what ${field} is to be`);
  return [key, value];
}
