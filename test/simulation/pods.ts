import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { ApiServer } from './api-server.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Decision, Phase, Replica } from './replica.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';
import { isEnforced } from './truth.ts';

export interface PodRequest {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The outcome of the creation of a Pod. */
export type PodEnd =
  | { readonly end: 'stored'; readonly pod: PodRequest; readonly phase: Phase; readonly decision: Decision | undefined }
  | { readonly end: 'refused'; readonly pod: PodRequest; readonly why: string };

/**
 * Creates Pods like the API server: its own admission, the webhook and, after a while, the store.
 */
export interface Pods {
  /** Creates a Pod. A replica that the Service knows, or a given one, reviews it. */
  create(pod: PodRequest, onEnd: (end: PodEnd) => void, replica?: Replica | undefined): void;
}

/**
 * The timeout of the webhook, and the longest sum of its own limits (with a second look if the mode
 * is in doubt).
 */
const webhookTimeoutMs = 5_000;
const longestAnswerMs = 6_500;

export function createPods(parts: {
  readonly server: ApiServer;
  readonly owner: Owner;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly trace: Trace;
  /** The replicas that the Service knows, including dead ones for a while. */
  readonly endpoints: () => readonly Replica[];
  readonly onDefect: (what: string) => void;
}): Pods {
  const { server, owner, scheduler, random, faults, trace, endpoints, onDefect } = parts;

  /** Calls a replica. Resolves to undefined without an answer in time. */
  function ask(pod: PodRequest, phase: Phase, replica: Replica, reply: (decision: Decision | undefined) => void): void {
    let isOver = false;
    const settle = (decision: Decision | undefined): void => {
      if (isOver) return;
      isOver = true;
      reply(decision);
    };
    scheduler.after(webhookTimeoutMs, owner, () => settle(undefined));
    if (!replica.owner.isAlive || !replica.isReady()) {
      settle(undefined);
      return;
    }
    const fate = faults.fateOf({ replica: replica.owner.name, isWrite: false, isList: false });
    if (fate.isLost || fate.reset === 'before') return;
    scheduler.after(fate.thereMs, replica.owner, () => {
      const begun = scheduler.now();
      trace(() => `is asked about Pod ${pod.namespace}/${pod.name} (${phase})`);
      replica
        .review(requestOf(pod), phase)
        .then((decision) => {
          const tookMs = scheduler.now() - begun;
          const gate = decision.claim === undefined ? '' : ` gate: ${JSON.stringify(gateWords(decision))}`;
          trace(
            () =>
              `${decision.isAllowed ? 'allows' : 'denies'} Pod ${pod.namespace}/${pod.name} ${decision.message}${gate}`,
          );
          if (tookMs > longestAnswerMs && replica.owner.frozenUntil < begun)
            onDefect(
              `${replica.owner.name} takes ${Math.round(tookMs)} ms to answer for Pod ${pod.namespace}/${pod.name}`,
            );
          scheduler.after(fate.backMs, owner, () => settle(decision));
        })
        .catch((error: unknown) => onDefect(String(error)));
    });
  }

  function store(pod: PodRequest, phase: Phase, decision: Decision | undefined, onEnd: (end: PodEnd) => void): void {
    const isSlow = faults.plan.slowStore && !faults.areOver() && random.chance(0.2);
    scheduler.after(isSlow ? random.between(50, 8_000) : random.wait(2), owner, () => {
      trace(() => `stores Pod ${pod.namespace}/${pod.name}`);
      onEnd({ end: 'stored', pod, phase, decision });
    });
  }

  return {
    create(pod, onEnd, chosen) {
      const refuse = (why: string): void => {
        trace(() => `refuses Pod ${pod.namespace}/${pod.name}: ${why}`);
        onEnd({ end: 'refused', pod, why });
      };
      const bar = server.barCreation(pod.namespace);
      if (bar !== undefined) return refuse('message' in bar ? bar.message : 'barred');
      const phase: Phase = isEnforced(server.view(pod.namespace)) ? 'enforced' : 'unenforced';
      const known = endpoints();
      const replica = chosen ?? (known.length === 0 ? undefined : random.pick(known));
      const conclude = (decision: Decision | undefined): void => {
        // failurePolicy is Fail if the namespace enforces, and otherwise Ignore.
        if (decision?.isAllowed ?? phase === 'unenforced') store(pod, phase, decision, onEnd);
        else refuse(decision?.message ?? 'the webhook does not answer');
      };
      if (replica === undefined) conclude(undefined);
      else ask(pod, phase, replica, conclude);
    },
  };
}

function gateWords({ claim }: Decision): unknown {
  if (claim?.state.exists !== true) return claim?.state;
  const { labels, fenced, wall } = claim.state;
  return { from: claim.from, to: claim.to, wall, fenced, labels: Object.fromEntries(labels) };
}

function requestOf({ name, namespace, labels }: PodRequest): AdmissionRequest {
  return {
    uid: `${namespace}/${name}`,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name,
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'jane' },
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { containers: [{ name: 'web', image: 'web' }] },
    },
    dryRun: false,
  };
}
