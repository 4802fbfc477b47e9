import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { AuditRecord } from './audit.ts';

/** What the process counts. Label sets are bounded: resources, decisions and check ids come from the code, never from users' names. */
export interface Metrics {
  readonly decided: (record: AuditRecord) => void;
  readonly reconciled: (outcome: string) => void;
  /** What became of a Kubernetes Event, or of what would have been one. */
  readonly recorded: (outcome: 'written' | 'repeated' | 'dropped' | 'failed') => void;
  /** How the configuration in force stands to what its source holds; at first, as loaded when the metrics were made. */
  readonly configured: (state: ConfigState) => void;
  /** Everything, in the Prometheus text format. */
  readonly text: () => Promise<string>;
}

/** A configuration that could be loaded (`problem` undefined), or could not; and since when. */
export interface ConfigState {
  readonly problem: string | undefined;
  readonly since: Date;
}

/** What is asked at each scrape. */
export interface MetricSources {
  readonly pending: () => number;
  readonly failing: () => number;
  readonly informerAgeSeconds: () => Readonly<Record<string, number>>;
  /** Seconds since 1970, by part: `certificate`, `authority`. */
  readonly expiry: () => Readonly<Record<string, number>>;
}

/** Seconds: from well below one review's work to the API server's patience with a webhook. */
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * The resources that Ringfence's rules ask for. Anyone who reaches the port can name others in a forged review, each of which would be a new
 * series: they are all counted as `other`.
 */
export const knownResources: ReadonlySet<string> = new Set([
  'namespaces',
  'namespaces/status',
  'namespaces/finalize',
  'pods',
  'pods/status',
  'pods/binding',
  'bindings',
  'deployments',
  'statefulsets',
  'daemonsets',
  'replicasets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
  'networkpolicies',
]);

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: 'ringfence_decisions_total',
    help: 'Admission decisions, by resource, operation and decision.',
    labelNames: ['resource', 'operation', 'decision'],
    registers,
  });
  const findings = new Counter({
    name: 'ringfence_findings_total',
    help: 'Findings, by check and action.',
    labelNames: ['check', 'action'],
    registers,
  });
  const durations = new Histogram({
    name: 'ringfence_decision_duration_seconds',
    help: 'From the parsed review to the answer, the live reads included.',
    labelNames: ['resource'],
    buckets: durationBuckets,
    registers,
  });
  const reconciliations = new Counter({
    name: 'ringfence_baseline_reconciliations_total',
    help: 'Reconciliations of a baseline, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const events = new Counter({
    name: 'ringfence_events_total',
    help: 'Kubernetes Events: written, occurrences counted into one that is to be written, dropped by the limits, writes that failed.',
    labelNames: ['outcome'],
    registers,
  });
  let config: ConfigState = { problem: undefined, since: new Date() };
  let loadedAt = config.since;
  gauge(
    registry,
    'ringfence_config_reload_successful',
    'Whether the configuration could be loaded as it is now.',
    () => ({
      '': config.problem === undefined ? 1 : 0,
    }),
  );
  gauge(
    registry,
    'ringfence_config_last_reload_success_timestamp_seconds',
    'When the configuration was last loaded, in seconds since 1970.',
    () => ({ '': loadedAt.getTime() / 1000 }),
  );
  gauge(registry, 'ringfence_baselines_pending', 'Namespaces whose baseline waits to be reconciled.', () => ({
    '': sources.pending(),
  }));
  gauge(registry, 'ringfence_baselines_failing', 'Namespaces whose last reconciliation failed.', () => ({
    '': sources.failing(),
  }));
  gauge(
    registry,
    'ringfence_informer_age_seconds',
    'Seconds since the API server was last heard of.',
    sources.informerAgeSeconds,
    'informer',
  );
  gauge(
    registry,
    'ringfence_certificate_expiry_timestamp_seconds',
    'When it expires, in seconds since 1970.',
    sources.expiry,
    'part',
  );
  return {
    decided(record) {
      const resource = knownResources.has(record.resource) ? record.resource : 'other';
      decisions.inc({ resource, operation: record.operation, decision: record.decision });
      durations.observe({ resource }, record.durationMs / 1000);
      for (const { check, action } of record.findings) findings.inc({ check, action });
    },
    reconciled: (outcome) => reconciliations.inc({ outcome }),
    recorded: (outcome) => events.inc({ outcome }),
    configured(state) {
      config = state;
      if (state.problem === undefined) loadedAt = state.since;
    },
    text: () => registry.metrics(),
  };
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => Readonly<Record<string, number>>,
  label?: string,
): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      for (const [value, measured] of Object.entries(read())) {
        if (label === undefined) this.set(measured);
        else this.set({ [label]: value }, measured);
      }
    },
  });
}
