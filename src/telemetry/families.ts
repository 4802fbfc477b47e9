import type { Family, Vocabulary } from './instruments.ts';

/**
 * The resources that Ringfence's rules ask for. Anyone who reaches the port can name others in a forged review, each of which would be a new
 * series: they are all counted as `other`.
 */
export const knownResources = [
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
] as const;

/** The webhook's paths, by name; the first four are the mutating ones. */
export const phases = ['mark', 'markAsked', 'inherit', 'early', 'enforced', 'unenforced'] as const;

/** What became of a review: admitted as it is, with warnings, with a patch, refused, or not understood. */
export const reviewOutcomes = ['allowed', 'warned', 'patched', 'denied', 'malformed'] as const;
export type ReviewOutcome = (typeof reviewOutcomes)[number];

/**
 * What a request was that is no review: of another content type, too large, not JSON, no AdmissionReview, from a client without the certificate
 * asked for; or there was no room for it.
 */
export const malformations = ['type', 'size', 'json', 'envelope', 'client', 'busy'] as const;
export type Malformation = (typeof malformations)[number];

/** What the gate saw or did: its own words, `absent` for a namespace that is not there, and `failed` for doubt. */
export const gateOutcomes = ['there', 'made', 'not-needed', 'dry-run', 'terminating', 'absent', 'failed'] as const;
export type GateOutcome = (typeof gateOutcomes)[number];

/** How the API server answered: by class, those apart that are part of a normal day, and `none` for no answer. */
export const answerCodes = ['2xx', '3xx', '404', '409', '410', '429', '4xx', '5xx', 'none'] as const;
export type AnswerCode = (typeof answerCodes)[number];

/** The baseline of a namespace, as the caches show it: not wanted, as it must be, not so, or going with its namespace. */
export const baselineStates = ['unfenced', 'true', 'untrue', 'terminating'] as const;
export type BaselineState = (typeof baselineStates)[number];

const modes = ['observe', 'warn', 'enforce'] as const;

/** Seconds: from well below one review's work to the API server's patience with a webhook. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric of Ringfence's own. `checks` are the ids that findings may have. */
export function metricFamilies(checks: readonly string[]) {
  return {
    reviews: counter(
      'ringfence_reviews_total',
      'Reviews answered, by the webhook path that was called (mark, markAsked, inherit and early are the mutating ones), and outcome.',
      { phase: phases, outcome: reviewOutcomes },
    ),
    malformed: counter(
      'ringfence_malformed_reviews_total',
      'Requests that were not looked at as reviews, by what is wrong; busy: there was no room.',
      {
        reason: malformations,
      },
    ),
    defects: counter('ringfence_defects_total', 'Errors of our own while judging: each is in the log.', {}),
    decisions: counter('ringfence_decisions_total', 'Admission decisions, each with its audit line.', {
      resource: knownResources,
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
      { resource: knownResources },
    ),
    gate: counter('ringfence_gate_total', 'Namespaces looked at live before an answer, by what the gate saw or did.', {
      outcome: gateOutcomes,
    }),
    gateDurations: histogram('ringfence_gate_duration_seconds', 'How long a live look took, with what it made.', {}),
    accessReviews: histogram(
      'ringfence_access_review_duration_seconds',
      'SubjectAccessReviews for permissions of our own, by answer; failed is no answer.',
      { outcome: ['allowed', 'denied', 'failed'] },
    ),
    apiCalls: counter('ringfence_api_calls_total', 'Calls to the API server, by method and answer.', {
      verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'WATCH'],
      code: answerCodes,
    }),
    apiDurations: histogram('ringfence_api_call_duration_seconds', 'How long the API server took; watches apart.', {
      verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    }),
    reconciliations: counter('ringfence_baseline_reconciliations_total', 'Reconciliations of a baseline, by outcome.', {
      outcome: ['equal', 'repaired', 'newer', 'unfenced', 'absent', 'terminating', 'failed'],
    }),
    pending: gauge('ringfence_baselines_pending', 'Namespaces whose baseline waits to be reconciled.', {}),
    failing: gauge('ringfence_baselines_failing', 'Namespaces whose last reconciliation failed.', {}),
    namespaces: gauge(
      'ringfence_namespaces',
      'Namespaces, by the mode that holds there and by their baseline, as this replica has heard of them.',
      { mode: modes, baseline: baselineStates },
    ),
    events: counter(
      'ringfence_events_total',
      'Kubernetes Events: written, occurrences counted into one that is to be written, dropped by the limits, writes that failed.',
      { outcome: ['written', 'repeated', 'dropped', 'failed'] },
    ),
    ready: gauge('ringfence_ready', 'Whether this replica is ready, as /readyz says.', {}),
    informerAge: gauge('ringfence_informer_age_seconds', 'Seconds since the API server was last heard of.', {
      informer: ['namespaces', 'networkpolicies'],
    }),
    expiry: gauge('ringfence_certificate_expiry_timestamp_seconds', 'When it expires, in seconds since 1970.', {
      part: ['certificate', 'authority'],
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
