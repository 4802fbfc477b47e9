// Measures `ringfence audit` as users run it, on a real API server with 10,000 Pods in 500
// namespaces. Called by `npm run bench`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import PQueue from 'p-queue';
import { type Cluster, connect } from '../src/cluster/connection.ts';
import { resourcePath } from '../src/cluster/resource-path.ts';
import { apiPathOf, getKind, type KindName } from '../src/kubernetes/kinds.ts';
import { startControlPlane } from '../test/control-plane/control-plane.ts';
import { type ClusterSize, clusterObjects, fullSize } from './cluster-file.ts';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { build } from './stage/ringfence.ts';
import { median } from './statistics.ts';

/** How often an audit runs alone. The figures are the medians. */
const rounds = 5;

/** Audits at the same time, as where every team has a CronJob at midnight. */
const atOnce = 20;

export async function benchAudit({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  build();
  const size = isQuick ? { ...fullSize, namespaces: 20 } : fullSize;
  const controlPlane = await startControlPlane({ controllers: false, disableAdmissionPlugins: ['ServiceAccount'] });
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  try {
    const half = { ...size, namespaces: size.namespaces / 2 };
    await create(cluster, half, 0);
    say(`${half.namespaces} namespaces are there`);
    const halfRuns = await repeat(1, controlPlane.adminKubeconfig);
    await create(cluster, size, half.namespaces);
    say(`${size.namespaces} namespaces are there`);
    const runs = await repeat(isQuick ? 1 : rounds, controlPlane.adminKubeconfig);
    say(`${atOnce} audits at once`);
    const together = await Promise.all(Array.from({ length: atOnce }, () => audit(controlPlane.adminKubeconfig)));
    const of = `${size.namespaces * size.podsPerNamespace} Pods in ${size.namespaces} namespaces`;
    return [
      { of, label: 'time', value: median(runs.map(({ seconds }) => seconds)), unit: 's', target: 15 },
      { of, label: 'peak memory', value: Math.max(...runs.map(({ peak }) => peak)), unit: 'MB', target: 300 },
      { of, label: 'requests', value: runs[0]?.requests ?? Number.NaN, unit: 'requests' },
      { of: 'half of it', label: 'peak memory', value: halfRuns[0]?.peak ?? Number.NaN, unit: 'MB' },
      { of: 'half of it', label: 'requests', value: halfRuns[0]?.requests ?? Number.NaN, unit: 'requests' },
      {
        of: `${atOnce} audits at once`,
        label: 'time',
        value: Math.max(...together.map((one) => one.seconds)),
        unit: 's',
      },
      {
        of: `${atOnce} audits at once`,
        label: 'peak memory',
        value: Math.max(...together.map((one) => one.peak)),
        unit: 'MB',
      },
    ];
  } finally {
    await cluster.close();
    await controlPlane.stop();
  }
}

/** Creates the objects of the namespaces from the given one on. */
async function create(cluster: Cluster, size: ClusterSize, from: number): Promise<void> {
  // Two processors serve about 500 writes a second, whatever the number of callers.
  const queue = new PQueue({ concurrency: 16 });
  const post = async (object: unknown): Promise<void> => {
    const { kind, metadata } = object as { kind: KindName; metadata: { namespace?: string } };
    const { namespace } = metadata;
    const location = { api: apiPathOf(getKind(kind)), resource: getKind(kind).resource };
    const path = resourcePath({ ...location, ...(namespace === undefined ? {} : { namespace }) });
    const body = { ...(object as object), metadata: { ...metadata, annotations: weight } };
    await cluster.request('POST', path, { body, timeoutMs: 60_000 });
  };
  const objects = [...clusterObjects(size, from)] as { kind: KindName }[];
  for (const isNamespace of [true, false]) {
    const wave = objects.filter(({ kind }) => (kind === 'Namespace') === isNamespace);
    await queue.addAll(wave.map((object) => () => post(object)));
  }
}

/** With this, a Pod has 6 KB, as Pods with an init container, probes and volumes have. */
const weight = { 'example.org/weight': 'x'.repeat(4_000) };

interface Run {
  readonly seconds: number;
  /** The most memory that the process had, in MB. */
  readonly peak: number;
  readonly requests: number;
}

async function repeat(count: number, kubeconfig: string): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < count; round += 1) runs.push(await audit(kubeconfig));
  return runs;
}

async function audit(kubeconfig: string): Promise<Run> {
  const begun = performance.now();
  const args = [resolve('dist/ringfence.mjs'), 'audit', '-o', 'json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid));
  }, 20);
  const ended = new Promise<number>((settle) => void child.once('close', (code) => settle(code ?? -1)));
  const [code, answer] = await Promise.all([ended, text(child.stdout)]);
  clearInterval(watch);
  if (code === 2) throw new Error('the audit could not run');
  const { requests } = JSON.parse(answer) as { requests: number };
  return { seconds: (performance.now() - begun) / 1000, peak, requests };
}

/** The most memory that a process has had (proc(5), VmHWM); 0 if it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
