import type { Family, Vocabulary } from './instruments.ts';

/**
 * How the API server answered: by class, those apart that are part of a normal day, and `none` for
 * no answer.
 */
export const answerCodes = ['2xx', '3xx', '404', '409', '410', '429', '4xx', '5xx', 'none'] as const;
export type AnswerCode = (typeof answerCodes)[number];

/** What labels may say, as those who say it hand it in. */
export interface Vocabularies {
  /** The ids that findings may have. */
  readonly checks: readonly string[];
  /** The resources that the webhooks' rules ask for. */
  readonly resources: readonly string[];
  /** The webhook's paths, by name. */
  readonly phases: readonly string[];
  /** What became of a review. */
  readonly reviews: readonly string[];
  /** What a request was that is no review. */
  readonly malformations: readonly string[];
  /** What the gate saw or did. */
  readonly gate: readonly string[];
  /** What Kubernetes said of a permission. */
  readonly accessReviews: readonly string[];
  readonly reconciliations: readonly string[];
  /** What became of an Event. */
  readonly events: readonly string[];
  readonly modes: readonly string[];
  /** How the baseline of a namespace stands. */
  readonly baselines: readonly string[];
  readonly informers: readonly string[];
  /** The certificates that expire. */
  readonly certificates: readonly string[];
}

/** Seconds: from well below one review's work to the API server's patience with a webhook. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric of Ringfence's own. */
export function metricFamilies(vocabularies: Vocabularies) {
  const { checks, resources, modes } = vocabularies;
  return {
    reviews: counter(
      'ringfence_reviews_total',
      'Reviews answered, by the webhook path that was called (mark, markAsked, inherit and early are the mutating ones), and outcome.',
      { phase: vocabularies.phases, outcome: vocabularies.reviews },
    ),
    malformed: counter(
      'ringfence_malformed_reviews_total',
      'Requests that were not looked at as reviews, by what is wrong; busy: there was no room.',
      {
        reason: vocabularies.malformations,
      },
    ),
    defects: counter('ringfence_defects_total', 'Errors of our own while judging: each is in the log.', {}),
    decisions: counter('ringfence_decisions_total', 'Admission decisions, each with its audit line.', {
      resource: resources,
      operation: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
      decision: ['allowed', 'warned', 'denied', 'errored'],
    }),
    findings: counter('ringfence_findings_total', 'Findings, by check and by what became of them.', {
      check: checks,
      action: ['deny', 'warn', 'record'],
    }),
    durations: histogram(
      'ringfence_decision_duration_seconds',
      'From the parsed review to the answer, the live reads included.',
      { resource: resources },
    ),
    gate: counter('ringfence_gate_total', 'Namespaces looked at live before an answer, by what the gate saw or did.', {
      outcome: vocabularies.gate,
    }),
    gateDurations: histogram('ringfence_gate_duration_seconds', 'How long a live look took, with what it made.', {}),
    accessReviews: histogram(
      'ringfence_access_review_duration_seconds',
      'SubjectAccessReviews for permissions of our own, by answer; failed is no answer.',
      { outcome: vocabularies.accessReviews },
    ),
    apiCalls: counter('ringfence_api_calls_total', 'Calls to the API server, by method and answer.', {
      verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'WATCH'],
      code: answerCodes,
    }),
    apiDurations: histogram('ringfence_api_call_duration_seconds', 'How long the API server took; watches apart.', {
      verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    }),
    reconciliations: counter('ringfence_baseline_reconciliations_total', 'Reconciliations of a baseline, by outcome.', {
      outcome: vocabularies.reconciliations,
    }),
    pending: gauge('ringfence_baselines_pending', 'Namespaces whose baseline waits to be reconciled.', {}),
    failing: gauge('ringfence_baselines_failing', 'Namespaces whose last reconciliation failed.', {}),
    namespaces: gauge(
      'ringfence_namespaces',
      'Namespaces, by the mode that holds there and by their baseline, as this replica has heard of them.',
      { mode: modes, baseline: vocabularies.baselines },
    ),
    events: counter(
      'ringfence_events_total',
      'Kubernetes Events: written, occurrences counted into one that is to be written, dropped by the limits, writes that failed.',
      { outcome: vocabularies.events },
    ),
    ready: gauge('ringfence_ready', 'Whether this replica is ready, as /readyz says.', {}),
    informerAge: gauge('ringfence_informer_age_seconds', 'Seconds since the API server was last heard of.', {
      informer: vocabularies.informers,
    }),
    expiry: gauge('ringfence_certificate_expiry_timestamp_seconds', 'When it expires, in seconds since 1970.', {
      part: vocabularies.certificates,
    }),
    webhooksKept: gauge(
      'ringfence_webhooks_kept',
      'Whether both webhook configurations were as they must be when last looked at.',
      {},
    ),
    reloadSuccessful: gauge(
      'ringfence_config_reload_successful',
      'Whether the configuration could be loaded as it is now.',
      {},
    ),
    reloadedAt: gauge(
      'ringfence_config_last_reload_success_timestamp_seconds',
      'When the configuration was last loaded, in seconds since 1970.',
      {},
    ),
    configVersion: gauge(
      'ringfence_config_version',
      'The resourceVersion of the configuration that judges; 0 for a file or the defaults. Replicas should agree, and which number it is says nothing.',
      {},
    ),
    mode: gauge('ringfence_mode', "1 for the cluster's mode, 0 for the others.", { mode: modes }),
  } as const;
}

function counter<const V extends Vocabulary>(name: string, help: string, labels: V): Family<V> {
  return { type: 'counter', name, help, labels };
}

function gauge<const V extends Vocabulary>(name: string, help: string, labels: V): Family<V> {
  return { type: 'gauge', name, help, labels };
}

function histogram<const V extends Vocabulary>(name: string, help: string, labels: V): Family<V> {
  return { type: 'histogram', name, help, labels, buckets };
}
