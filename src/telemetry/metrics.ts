import type { AuditRecord } from './audit.ts';
import { type AnswerCode, metricFamilies, type Vocabularies } from './families.ts';
import { openInstruments } from './instruments.ts';

/**
 * The metrics of the process. The number of label values is limited: a value outside its family's
 * vocabulary is `other`, so a user's name never becomes a label.
 */
export interface Metrics {
  /** A review was answered on the path of a phase. */
  readonly reviewed: (phase: string, outcome: string) => void;
  /** A body was not a review. */
  readonly malformed: (reason: string) => void;
  /** Ringfence's own code threw an error. */
  readonly defect: () => void;
  readonly decided: (record: AuditRecord) => void;
  /** The gate looked at a namespace. */
  readonly looked: (outcome: string, ms: number) => void;
  /** Kubernetes was asked for a permission. */
  readonly asked: (outcome: string, ms: number) => void;
  /**
   * The API server was called. A `status` of 0 means no answer. A watch is counted when it ends.
   */
  readonly called: (verb: string, status: number, ms: number) => void;
  readonly reconciled: (outcome: string) => void;
  /** The outcome of a Kubernetes Event, or of an occurrence that did not become one. */
  readonly recorded: (outcome: string) => void;
  /**
   * Whether the configuration in force matches its source. Until the first call it counts as loaded
   * when the metrics were created.
   */
  readonly configured: (state: ConfigState) => void;
  /** From now on these sources are read at each scrape. */
  readonly follow: (sources: MetricSources) => void;
  /** All metrics, in the Prometheus text format. */
  readonly text: () => Promise<string>;
}

/** Whether the configuration could be loaded (`problem` is undefined) or not, and since when. */
export interface ConfigState {
  readonly problem: string | undefined;
  readonly since: Date;
}

/** How many namespaces have a mode and a state of the baseline. */
export interface Census {
  readonly mode: string;
  readonly baseline: string;
  readonly namespaces: number;
}

/** How many NetworkPolicies have a finding of a check with an action. */
export interface StandingCount {
  readonly check: string;
  readonly action: string;
  readonly policies: number;
}

/** The values that are read at each scrape. */
export interface MetricSources {
  readonly pending: () => number;
  readonly failing: () => number;
  /** Every pair of mode and state, including pairs without a namespace. */
  readonly census: () => Iterable<Census>;
  readonly informerAgeSeconds: () => Readonly<Record<string, number>>;
  /** Seconds since 1970, by part: `certificate`, `authority`. */
  readonly expiry: () => Readonly<Record<string, number>>;
  readonly webhooksKept: () => boolean;
  /** How many NetworkPolicies that exist have a finding. Empty before they have been judged. */
  readonly standing: () => Iterable<StandingCount>;
  /** How many exceptions there are of each state. */
  readonly exceptions: () => Readonly<Record<string, number>>;
  /** Undefined before it is known. */
  readonly dnsFound: () => boolean | undefined;
  /** Undefined before it is known. */
  readonly webhooksReached: () => boolean | undefined;
  /** The configuration in force. */
  readonly config: () => { readonly mode: string; readonly version: string };
}

/** `vocabularies` are the allowed values of labels. `isReady` is called at each scrape. */
export function createMetrics(vocabularies: Vocabularies, isReady: () => boolean): Metrics {
  const families = metricFamilies(vocabularies);
  const { counter, gauge, histogram, text } = openInstruments();
  let sources: MetricSources | undefined;
  let config: ConfigState = { problem: undefined, since: new Date() };
  let loadedAt = config.since;

  const reviews = counter(families.reviews);
  const malformed = counter(families.malformed);
  const defects = counter(families.defects);
  const decisions = counter(families.decisions);
  const findings = counter(families.findings);
  const waived = counter(families.waived);
  const durations = histogram(families.durations);
  const gate = counter(families.gate);
  const gateDurations = histogram(families.gateDurations);
  const accessReviews = histogram(families.accessReviews);
  const apiCalls = counter(families.apiCalls);
  const apiDurations = histogram(families.apiDurations);
  const reconciliations = counter(families.reconciliations);
  const events = counter(families.events);

  gauge(families.ready, () => [[{}, isReady() ? 1 : 0]]);
  gauge(families.reloadSuccessful, () => [[{}, config.problem === undefined ? 1 : 0]]);
  gauge(families.reloadedAt, () => [[{}, loadedAt.getTime() / 1000]]);
  gauge(families.pending, () => told((from) => [[{}, from.pending()]]));
  gauge(families.failing, () => told((from) => [[{}, from.failing()]]));
  gauge(families.webhooksKept, () => told((from) => [[{}, from.webhooksKept() ? 1 : 0]]));
  gauge(families.webhooksReached, () => told((from) => known(from.webhooksReached())));
  gauge(families.dnsFound, () => told((from) => known(from.dnsFound())));
  gauge(families.configVersion, () => told((from) => [[{}, Number(from.config().version)]]));
  gauge(families.mode, () =>
    told((from) => families.mode.labels.mode.map((mode) => [{ mode }, from.config().mode === mode ? 1 : 0])),
  );
  gauge(families.namespaces, () =>
    told((from) => [...from.census()].map(({ mode, baseline, namespaces }) => [{ mode, baseline }, namespaces])),
  );
  gauge(families.standing, () =>
    told((from) => [...from.standing()].map(({ check, action, policies }) => [{ check, action }, policies])),
  );
  gauge(families.exceptions, () =>
    told((from) => Object.entries(from.exceptions()).map(([state, count]) => [{ state }, count])),
  );
  gauge(families.informerAge, () =>
    told((from) => Object.entries(from.informerAgeSeconds()).map(([informer, age]) => [{ informer }, age])),
  );
  gauge(families.expiry, () =>
    told((from) => Object.entries(from.expiry()).map(([part, seconds]) => [{ part }, seconds])),
  );

  /** The values of the sources. Empty as long as there are no sources. */
  function told<T>(read: (from: MetricSources) => readonly T[]): readonly T[] {
    return sources === undefined ? [] : read(sources);
  }

  return {
    reviewed: (phase, outcome) => reviews({ phase, outcome }),
    malformed: (reason) => malformed({ reason }),
    defect: () => defects({}),
    decided({ resource, operation, decision, durationMs, findings: found }) {
      decisions({ resource, operation, decision });
      durations({ resource }, durationMs / 1000);
      for (const { check, action, exception } of found) {
        findings({ check, action });
        if (exception !== undefined) waived({ check });
      }
    },
    looked(outcome, ms) {
      gate({ outcome });
      gateDurations({}, ms / 1000);
    },
    asked: (outcome, ms) => accessReviews({ outcome }, ms / 1000),
    called(verb, status, ms) {
      apiCalls({ verb, code: codeOf(status) });
      if (verb !== 'WATCH') apiDurations({ verb }, ms / 1000);
    },
    reconciled: (outcome) => reconciliations({ outcome }),
    recorded: (outcome) => events({ outcome }),
    configured(state) {
      config = state;
      if (state.problem === undefined) loadedAt = state.since;
    },
    follow(from) {
      sources = from;
    },
    text,
  };
}

/**
 * Not found, conflict, gone and too many requests are not faults. They are caused by a missing
 * baseline, two replicas at once, an old watch or a busy API server.
 */
const ordinary: ReadonlySet<number> = new Set([404, 409, 410, 429]);

function codeOf(status: number): AnswerCode {
  if (ordinary.has(status)) return String(status) as AnswerCode;
  const hundreds = Math.floor(status / 100);
  return hundreds >= 2 && hundreds <= 5 ? (`${hundreds}xx` as AnswerCode) : 'none';
}

/** A gauge that says yes or no. It has no sample before that is known. */
function known(is: boolean | undefined): readonly [Readonly<Record<never, never>>, number][] {
  return is === undefined ? [] : [[{}, is ? 1 : 0]];
}
