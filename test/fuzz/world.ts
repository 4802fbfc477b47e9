// The cluster of the fuzzing: a namespace of each sort, users with and without permissions, and
// calls that fail.

import type { NamespaceView } from '../../src/admission/facts.ts';
import { createHandler, type HandlerPorts } from '../../src/admission/handler.ts';
import { createTurns } from '../../src/admission/turns.ts';
import { createGate } from '../../src/baseline/gate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { Config } from '../../src/config/config.ts';
import { type Mode, modeLabel } from '../../src/policy/mode.ts';
import { vocabularies } from '../../src/process/vocabulary.ts';
import { type AuditRecord, writeAudit } from '../../src/telemetry/audit.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { exposureOf } from '../admission/exposure-double.ts';
import { configIn, fenced, identity, pod, podLabels } from '../admission/scene.ts';
import { refusal } from '../api-server/object-store.ts';
import { createClusterDouble } from '../baseline/cluster-double.ts';

interface City {
  readonly labels: Readonly<Record<string, string>>;
  readonly terminating?: true;
  /** Whether the API server does not answer about it. */
  readonly silent?: true;
}

/** The namespaces, by name. Others do not exist. */
export const cities: Readonly<Record<string, City>> = {
  shop: { labels: fenced },
  open: { labels: identity },
  bare: { labels: {} },
  watched: { labels: { ...fenced, [modeLabel]: 'observe' } },
  warned: { labels: { ...identity, [modeLabel]: 'warn' } },
  strict: { labels: { ...fenced, [modeLabel]: 'enforce' } },
  odd: { labels: { ...fenced, [modeLabel]: 'Enforce' } },
  ending: { labels: fenced, terminating: true },
  silent: { labels: fenced, silent: true },
  'kube-system': { labels: {} },
  // Names that might be confused with an exemption or with a prototype.
  'kube-system-web': { labels: fenced },
  constructor: { labels: identity },
};

/**
 * The answers about permissions: `keeper` has all, `dev` may claim identities that are no admin's,
 * and for `ghost` there is no answer.
 */
export function isPermitted(user: string, permission: string): boolean {
  if (user === 'keeper') return true;
  if (user === 'ghost') throw refusal(503, '', 'the API server is not ready');
  return user === 'dev' && permission.startsWith('claim ') && !permission.includes('admin');
}

/** The existing Pods: one in every namespace except the terminating one, with right labels. */
const livingPod = { ...pod(podLabels), status: { phase: 'Running' } };

/** The traces of one review. */
export interface Traces {
  /** The text of every log line. */
  lines: string[];
  records: AuditRecord[];
  malformed: string[];
  defects: unknown[];
}

/**
 * Ringfence's admission side in a mode, with a cluster in memory that is reset before each review.
 */
export function openWorld(mode: Mode) {
  const config: Config = configIn(mode);
  const cluster = createClusterDouble();
  for (const [name, { labels, terminating }] of Object.entries(cities))
    cluster.setNamespace(name, labels, terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {});
  cluster.hooks.before = (call) => {
    if (/\bsilent\b/.test(call)) throw refusal(503, '', 'the API server is not ready');
  };
  const traces: Traces = { lines: [], records: [], malformed: [], defects: [] };
  const output = { write: (line: string) => void traces.lines.push(line) };
  const log = createLog({ level: 'info', destination: output });
  const metrics = createMetrics(vocabularies, () => true);
  const gate = createGate({ ...cluster, cachedNamespace: () => undefined, onDrift: () => undefined }, () => config);
  const views = new Map<string, NamespaceView>(
    Object.keys(cities).flatMap((name) => {
      const raw = cluster.namespace(name);
      return raw === undefined ? [] : [[name, readNamespace(raw)] as const];
    }),
  );
  let isCached = true;
  const ports: HandlerPorts = {
    gate,
    caches: {
      namespace: (name) => (isCached ? views.get(name) : undefined),
      networkPolicies: () => [],
      policiesNaming: () => [],
      isWalled: (name) => cluster.policy(name, 'deny-all-baseline') !== undefined,
    },
    async readNamespace(name) {
      const raw = await cluster.namespaces.get(name);
      return raw === undefined ? undefined : readNamespace(raw);
    },
    async readPod(namespace, name) {
      await cluster.namespaces.get(namespace);
      return name === 'web' ? livingPod : undefined;
    },
    readNetworkPolicy: (namespace, name) => cluster.policies.get(namespace, name),
    anyPod: async (namespace) => namespace !== 'ending',
    turns: createTurns(),
    now: () => 0,
    exposure: exposureOf([]),
    residents: { list: async () => ({ objects: [livingPod], isWhole: true }) },
    isAllowed: async ({ username = '' }, { verb, name }) => isPermitted(username, `${verb} ${name}`),
    reviewed: metrics.reviewed,
    audit(record) {
      traces.records.push(record);
      writeAudit(output, record);
      metrics.decided(record);
    },
    tell: () => undefined,
    malformed(reason) {
      traces.malformed.push(reason);
      log.warn({ reason }, 'malformed review');
    },
    defect(error, uid) {
      traces.defects.push(error);
      log.error({ err: error, uid }, 'review failed');
    },
  };
  return {
    config,
    handle: createHandler(ports, () => config),
    metrics: () => metrics.text(),
    /** Writes to the cluster since the last reset. */
    writes: () => cluster.writes().length,
    isWalled: (name: string) => cluster.policy(name, 'deny-all-baseline') !== undefined,
    /**
     * Resets the world before a review: whether the caches know the namespaces, and whether the
     * walls exist.
     */
    reset(cached: boolean, walled: boolean): void {
      isCached = cached;
      cluster.calls.length = 0;
      cluster.applied.length = 0;
      for (const name of Object.keys(cities)) {
        cluster.removePolicy(name, 'deny-all-baseline');
        cluster.removePolicy(name, 'allow-dns-egress');
        if (walled && name !== 'ending') cluster.setPolicy(name, 'deny-all-baseline', wall, {});
      }
    },
    /** Returns the traces since the last call. */
    takeTraces(): Traces {
      const taken = { ...traces };
      Object.assign(traces, { lines: [], records: [], malformed: [], defects: [] });
      return taken;
    },
  };
}

export type World = ReturnType<typeof openWorld>;

const wall = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] };
