import { createCensus } from '../baseline/census.ts';
import type { Controller } from '../baseline/controller.ts';
import type { NamespaceView } from '../baseline/namespace.ts';
import type { ServerTime } from '../baseline/ports.ts';
import type { Reflector } from '../cluster/reflector.ts';
import type { Config } from '../config/config.ts';
import { type FollowState, notesOf } from '../config/follow.ts';
import type { Keeper } from '../installation/keeper.ts';
import type { Reach } from '../installation/reach.ts';
import type { Sweep } from '../judgement/sweep.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { AdminPorts } from '../server/admin.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { findUnfit } from '../telemetry/readiness.ts';
import type { Source } from '../tls/material.ts';
import type { Exceptions } from './exceptions.ts';
import { vocabularies } from './vocabulary.ts';

/** The reasons why a process is not ready while it starts, and while it ends. */
export type Part = 'cluster' | 'configuration' | 'certificate' | 'informers' | 'listener' | 'draining';

/** The parts whose state is reported. */
export interface Observed {
  readonly namespaces: Reflector<NamespaceView>;
  readonly policies: Reflector<NetworkPolicy>;
  readonly now: ServerTime;
  readonly controller: Pick<Controller, 'pending' | 'failing'>;
  readonly source: Pick<Source, 'expiresAt' | 'problem'>;
  readonly keeper: Pick<Keeper, 'areKept' | 'failsOpen' | 'problem'>;
  readonly reach: Pick<Reach, 'isReached' | 'problem'>;
  readonly config: () => Config;
  readonly exceptions: Exceptions['census'];
  readonly standing: Pick<Sweep, 'counts'>;
  /** Why fenced Pods may reach no DNS. */
  readonly dnsProblem: () => string | undefined;
  /** Whether DNS Pods are where the baseline opens DNS; undefined before it is known. */
  readonly isDnsFound: () => boolean | undefined;
}

/** What a process reports about itself: its metrics, and whether it is ready and why not. */
export interface Observation {
  readonly metrics: Metrics;
  /** The ports of the probes and the metrics. They may be called from the start. */
  readonly admin: AdminPorts;
  /** The parts that the process still waits for. */
  readonly waiting: Set<Part>;
  configured(state: FollowState): void;
  /** Reports the state of these parts from now on. */
  follow(parts: Observed): void;
}

/**
 * Starts the observation of a process. After `silenceSeconds` in which an informer receives
 * nothing, the process is not ready.
 */
export function openObservation(silenceSeconds: number): Observation {
  const waiting = new Set<Part>(['cluster', 'configuration', 'certificate', 'informers', 'listener']);
  let parts: Observed | undefined;
  let configState: FollowState | undefined;

  function unready(): readonly string[] {
    const reasons = [...waiting].map((part) => (part === 'draining' ? 'draining' : `waiting for ${part}`));
    if (parts === undefined) return reasons;
    const vitals = { informerAgeSeconds: agesOf(parts), certificate: expiryOf(parts) };
    return [...reasons, ...findUnfit(vitals, silenceSeconds, Date.now())];
  }

  const metrics = createMetrics(vocabularies, () => unready().length === 0);
  return {
    metrics,
    waiting,
    admin: {
      unready,
      notes: () => {
        const problems = [parts?.source.problem(), ...(parts === undefined ? [] : linkProblemsOf(parts))];
        return [
          ...(configState === undefined ? [] : notesOf(configState)),
          ...problems.filter((problem) => problem !== undefined),
        ];
      },
      details: () => (parts === undefined ? {} : detailsOf(parts)),
      metrics: metrics.text,
    },
    configured(state) {
      configState = state;
      metrics.configured(state);
    },
    follow(observed) {
      parts = observed;
      const { controller, keeper, reach, config } = observed;
      metrics.follow({
        pending: () => controller.pending(),
        failing: () => controller.failing(),
        census: createCensus(observed, config),
        informerAgeSeconds: () => agesOf(observed),
        expiry: () => {
          const at = observed.source.expiresAt();
          return at === undefined ? {} : { certificate: at.certificate / 1000, authority: at.authority / 1000 };
        },
        webhooksKept: () => keeper.areKept(),
        exceptions: observed.exceptions,
        dnsFound: () => observed.isDnsFound(),
        standing: () => observed.standing.counts(),
        webhooksReached: () => reach.isReached(),
        config,
      });
    },
  };
}

/** Describes which direction of the link to the API server fails, and the effect on writes. */
function linkProblemsOf({ keeper, reach }: Pick<Observed, 'keeper' | 'reach'>): readonly (string | undefined)[] {
  const meaning = keeper.failsOpen() ? 'entries fail open until it does' : 'entries that fail closed stay so';
  const [kept, reached] = [keeper.problem(), reach.problem()];
  return [kept && `this process cannot keep the webhook configurations: ${kept}`, reached && `${reached}; ${meaning}`];
}

function agesOf({ namespaces, policies }: Observed): Readonly<Record<string, number>> {
  return { namespaces: namespaces.lastEventAgeMs() / 1000, networkpolicies: policies.lastEventAgeMs() / 1000 };
}

function expiryOf({ source }: Observed): { readonly lastCall: number; readonly expiresAt: number } | undefined {
  const at = source.expiresAt();
  return at && { lastCall: at.lastCall, expiresAt: Math.min(at.certificate, at.authority) };
}

/** Details for a person who inspects a replica. They do not affect whether it is ready. */
function detailsOf(parts: Observed): Readonly<Record<string, unknown>> {
  const { mode, version } = parts.config();
  const at = parts.source.expiresAt();
  const dns = parts.dnsProblem();
  return {
    mode,
    configVersion: version,
    informerAgeSeconds: Object.fromEntries(
      Object.entries(agesOf(parts)).map(([informer, age]) => [informer, Math.round(age * 10) / 10]),
    ),
    ...(at === undefined
      ? {}
      : {
          expiry: {
            certificate: new Date(at.certificate).toISOString(),
            authority: new Date(at.authority).toISOString(),
          },
        }),
    ...(dns === undefined ? {} : { dns }),
    webhooksKept: parts.keeper.areKept(),
    webhooksReached: parts.reach.isReached(),
    webhooksFailOpen: parts.keeper.failsOpen(),
    baselines: { pending: parts.controller.pending(), failing: parts.controller.failing() },
  };
}
