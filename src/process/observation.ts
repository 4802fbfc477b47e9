import { createCensus } from '../baseline/census.ts';
import type { Controller } from '../baseline/controller.ts';
import type { NamespaceView } from '../baseline/namespace.ts';
import type { Reflector } from '../cluster/reflector.ts';
import type { Config } from '../config/config.ts';
import { type FollowState, notesOf } from '../config/follow.ts';
import type { Keeper } from '../installation/keeper.ts';
import type { Reach } from '../installation/reach.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { AdminPorts } from '../server/admin.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { findUnfit } from '../telemetry/readiness.ts';
import type { Source } from '../tls/material.ts';
import type { Exceptions } from './exceptions.ts';
import { vocabularies } from './vocabulary.ts';

/** What a process waits for before it is ready, and at its end. */
export type Part = 'cluster' | 'certificate' | 'informers' | 'listener' | 'draining';

/** The parts that are asked how they are. */
export interface Observed {
  readonly namespaces: Reflector<NamespaceView>;
  readonly policies: Reflector<NetworkPolicy>;
  readonly controller: Pick<Controller, 'pending' | 'failing'>;
  readonly source: Pick<Source, 'expiresAt' | 'problem'>;
  readonly keeper: Pick<Keeper, 'areKept' | 'failsOpen' | 'problem'>;
  readonly reach: Pick<Reach, 'isReached' | 'problem'>;
  readonly config: () => Config;
  readonly exceptions: Exceptions['census'];
}

/** What a process tells of itself: its metrics, whether it is ready, and why. */
export interface Observation {
  readonly metrics: Metrics;
  /** For the probes and the scrape; they may ask from the start. */
  readonly admin: AdminPorts;
  /** What is still waited for. */
  readonly waiting: Set<Part>;
  configured(state: FollowState): void;
  /** From now on these are asked. */
  follow(parts: Observed): void;
}

/**
 * Observes from the start of the process. `silenceSeconds`: how long an informer may hear nothing
 * before the process is not ready.
 */
export function openObservation(silenceSeconds: number): Observation {
  const waiting = new Set<Part>(['cluster', 'certificate', 'informers', 'listener']);
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
        webhooksReached: () => reach.isReached(),
        config,
      });
    },
  };
}

/** Which direction of the link to the API server fails, and what that means for writes. */
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

/** For a person who asks a replica how it is: nothing here decides whether it is ready. */
function detailsOf(parts: Observed): Readonly<Record<string, unknown>> {
  const { mode, version } = parts.config();
  const at = parts.source.expiresAt();
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
    webhooksKept: parts.keeper.areKept(),
    webhooksReached: parts.reach.isReached(),
    webhooksFailOpen: parts.keeper.failsOpen(),
    baselines: { pending: parts.controller.pending(), failing: parts.controller.failing() },
  };
}
