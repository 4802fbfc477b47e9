import type { Family, Vocabulary } from './instruments.ts';

/**
 * The API server's answers by class. Codes that are part of normal operation are separate, and
 * `none` means no answer.
 */
export const answerCodes = ['2xx', '3xx', '404', '409', '410', '429', '4xx', '5xx', 'none'] as const;
export type AnswerCode = (typeof answerCodes)[number];

/** The allowed values of labels, as their owners pass them in. */
export interface Vocabularies {
  /** The ids that findings may have. */
  readonly checks: readonly string[];
  /** The resources in the webhooks' rules. */
  readonly resources: readonly string[];
  /** The webhook's paths, by name. */
  readonly phases: readonly string[];
  /** The outcomes of a review. */
  readonly reviews: readonly string[];
  /** The reasons why a request is not a review. */
  readonly malformations: readonly string[];
  /** What the gate found or did. */
  readonly gate: readonly string[];
  /** Kubernetes' answers about a permission. */
  readonly accessReviews: readonly string[];
  readonly reconciliations: readonly string[];
  /** The outcomes of an Event. */
  readonly events: readonly string[];
  readonly modes: readonly string[];
  /** The states of a namespace's baseline. */
  readonly baselines: readonly string[];
  /** How an exception stands to the clock. */
  readonly exceptions: readonly string[];
  readonly informers: readonly string[];
  /** The certificates that expire. */
  readonly certificates: readonly string[];
}

/** In seconds: from well below the work of one review to the API server's timeout for a webhook. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** All metrics of Ringfence. */
export function metricFamilies(vocabularies: Vocabularies) {
  const { checks, resources, modes } = vocabularies;
  return {
    reviews: counter(
      'ringfence_reviews_total',
      'Answered reviews, by webhook path (mark, markAsked, inherit and early are the mutating ones) and outcome.',
      { phase: vocabularies.phases, outcome: vocabularies.reviews },
    ),
    malformed: counter(
      'ringfence_malformed_reviews_total',
      'Requests that were not judged as reviews, by reason; busy means that there was no room.',
      {
        reason: vocabularies.malformations,
      },
    ),
    defects: counter(
      'ringfence_defects_total',
      'Errors of Ringfence itself during a judgement; the log has each of them.',
      {},
    ),
    decisions: counter(
      'ringfence_decisions_total',
      'Admission decisions, also those without an audit line (`audit.log`).',
      {
        resource: resources,
        operation: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
        decision: ['allowed', 'warned', 'denied', 'errored'],
      },
    ),
    findings: counter('ringfence_findings_total', 'Findings, by check and action.', {
      check: checks,
      action: ['deny', 'warn', 'record'],
    }),
    waived: counter('ringfence_waived_findings_total', 'Findings that an exception waived, by check.', {
      check: checks,
    }),
    durations: histogram(
      'ringfence_decision_duration_seconds',
      'Time from the parsed review to the answer, including live reads.',
      { resource: resources },
    ),
    gate: counter('ringfence_gate_total', 'Live reads of a namespace by the gate before an answer, by result.', {
      outcome: vocabularies.gate,
    }),
    gateDurations: histogram(
      'ringfence_gate_duration_seconds',
      'Duration of a live read by the gate, including what it made.',
      {},
    ),
    accessReviews: histogram(
      'ringfence_access_review_duration_seconds',
      'Duration of SubjectAccessReviews for the permissions of Ringfence, by answer; failed means no answer.',
      { outcome: vocabularies.accessReviews },
    ),
    apiCalls: counter('ringfence_api_calls_total', 'Calls to the API server, by method and answer.', {
      verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'WATCH'],
      code: answerCodes,
    }),
    apiDurations: histogram(
      'ringfence_api_call_duration_seconds',
      'Duration of calls to the API server, without watches.',
      {
        verb: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      },
    ),
    reconciliations: counter('ringfence_baseline_reconciliations_total', 'Reconciliations of a baseline, by outcome.', {
      outcome: vocabularies.reconciliations,
    }),
    pending: gauge('ringfence_baselines_pending', 'Namespaces whose baseline waits for reconciliation.', {}),
    failing: gauge('ringfence_baselines_failing', 'Namespaces whose last reconciliation failed.', {}),
    namespaces: gauge(
      'ringfence_namespaces',
      'Namespaces, by effective mode and state of the baseline, as this replica sees them.',
      { mode: modes, baseline: vocabularies.baselines },
    ),
    standing: gauge(
      'ringfence_standing_findings',
      'NetworkPolicies that exist and have a finding, by check and action, as judged again in the background; deny means that the policy would be refused if it were created now.',
      { check: checks, action: ['deny', 'warn', 'record'] },
    ),
    exceptions: gauge(
      'ringfence_exceptions',
      'Exceptions in the configuration: holds, ending (holds, but ends within a week) and ended.',
      { state: vocabularies.exceptions },
    ),
    events: counter(
      'ringfence_events_total',
      'Kubernetes Events: written; repeated occurrences that only increase a count; dropped by the limits; failed writes.',
      { outcome: vocabularies.events },
    ),
    ready: gauge('ringfence_ready', 'Whether this replica is ready, as /readyz says.', {}),
    informerAge: gauge(
      'ringfence_informer_age_seconds',
      'Seconds since the informer last received something from the API server.',
      {
        informer: vocabularies.informers,
      },
    ),
    expiry: gauge('ringfence_certificate_expiry_timestamp_seconds', 'Time of expiry, in seconds since 1970.', {
      part: vocabularies.certificates,
    }),
    webhooksKept: gauge(
      'ringfence_webhooks_kept',
      'Whether both webhook configurations were correct at the last check.',
      {},
    ),
    webhooksReached: gauge(
      'ringfence_webhooks_reached',
      'Whether the API server reached Ringfence at the last proof, a dry run that comes back through its own webhook.',
      {},
    ),
    dnsFound: gauge(
      'ringfence_dns_found',
      'Whether Pods are at every place where the baseline opens DNS, as of the last half minute.',
      {},
    ),
    reloadSuccessful: gauge(
      'ringfence_config_reload_successful',
      'Whether the current configuration could be loaded.',
      {},
    ),
    reloadedAt: gauge(
      'ringfence_config_last_reload_success_timestamp_seconds',
      'Time of the last successful load of the configuration, in seconds since 1970.',
      {},
    ),
    configVersion: gauge(
      'ringfence_config_version',
      'The resourceVersion of the configuration in use; 0 for a file or the defaults. Replicas should agree. The number itself has no meaning.',
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
