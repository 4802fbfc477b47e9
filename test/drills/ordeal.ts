// One fault, from before its beginning until recovery, while namespaces, Pods and wrong objects are
// created.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/connection.ts';
import { burst, createNamespace, createPod, type Entered, insist, precedingPods } from '../e2e/burst.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import type { WallHistory } from '../e2e/wall-history.ts';
import { busyBudget, idleBudget } from './budget.ts';
import type { Fault } from './fault-proxy.ts';
import { startMisdeeds } from './misdeeds.ts';
import { breached, type Stage, standing } from './stage.ts';
import { type Attempt, openValve } from './valve.ts';

export interface OrdealOptions {
  /** The prefix of the namespaces of this fault. */
  readonly prefix: string;
  /** Namespaces with Pods. A fifth as many have none, so that no gate makes their baseline. */
  readonly namespaces: number;
  readonly podsEach: number;
  /** The time of the fault with writes, and then without writes, in milliseconds. */
  readonly busyMs: number;
  readonly quietMs: number;
}

export interface Ordeal {
  /**
   * Right writes; those that doubt refused during the fault; and the other failures, a line each.
   */
  readonly writes: number;
  readonly doubted: readonly string[];
  readonly failed: readonly string[];
  /** The number of wrong objects, and those that were admitted. */
  readonly misdeeds: number;
  readonly admitted: readonly string[];
  readonly entered: readonly Entered[];
  readonly preceding: readonly Entered[];
  /** Namespaces of this fault that lack the baseline or the mark after recovery. */
  readonly unfenced: readonly string[];
  /** The number of fenced namespaces whose baseline is not correct in the caches after recovery. */
  readonly misled: number;
  readonly harmed: number;
  /** Milliseconds from the end of the fault. */
  readonly recovery: { readonly ready: number; readonly baselines: number; readonly writes: number };
  /** Calls by Ringfence per second, and the number that the back-off allows. */
  readonly idle: Rate;
  readonly busy: Rate;
}

interface Rate {
  readonly calls: number;
  readonly allowed: number;
}

export async function endure(stage: Stage, fault: Fault, options: OrdealOptions): Promise<Ordeal> {
  const { proxy, history, replica, writers } = stage;
  const { prefix, namespaces, podsEach, busyMs, quietMs } = options;
  const right = openValve(writers.any);
  const [wrongAny, wrongDeveloper] = [openValve(writers.any), openValve(writers.developer)];
  const valves = [right, wrongAny, wrongDeveloper];
  const misdeeds = startMisdeeds({ any: wrongAny.cluster, developer: wrongDeveloper.cluster }, standing);
  const names = listNames(prefix, namespaces);
  const bare = listNames(`${prefix}-bare`, Math.ceil(namespaces / 5));

  // The fault begins in the middle of the burst, when some namespaces exist without a baseline.
  const begun = Promise.withResolvers<void>();
  const onNamespace = (made: number): void => {
    if (made >= namespaces / 4) begun.resolve();
  };
  const running = burst(right.cluster, names, { pods: podsEach, onNamespace });
  await begun.promise;
  proxy.begin(fault);
  const beganAt = Date.now();
  const bareRunning = burst(right.cluster, bare, { pods: 0, atOnce: 2 });
  const breaches = breached.map((name) => breach(right.cluster, name, prefix, beganAt + busyMs));
  await delay(busyMs);

  // Nobody writes, so all calls come from Ringfence's loops.
  await Promise.all(valves.map((valve) => valve.shut()));
  const busyTo = Date.now();
  const failing = await failingNamespaces(replica);
  await delay(quietMs);
  const quietTo = Date.now();
  const [busyCalls, idleCalls] = [countCalls(beganAt, busyTo), countCalls(busyTo, quietTo)];
  for (const valve of valves) valve.open();
  await delay(reopenedMs);

  proxy.end();
  const endedAt = Date.now();
  const harmed = proxy.harmed();
  const recovery = await recover(stage, right.cluster, prefix, endedAt);
  const bursts = [await running, await bareRunning];
  const afterBreaches = (await Promise.all(breaches)).flat();
  await misdeeds.stop();
  const all = [...names, ...bare, `${prefix}-probe`];
  await eventually('every baseline', () => lacking(history, all).length === 0, 30_000).catch(() => undefined);
  await history.catchUp();
  const isTold = async (): Promise<boolean> => (await untrueNamespaces(replica)) === 0;
  await eventually('caches that are right', isTold).catch(() => undefined);

  const entered = [...bursts.flatMap((one) => one.entered), ...afterBreaches, ...recovery.entered];
  const refused = right.attempts.filter(({ refusal }) => refusal !== undefined);
  const isDoubt = ({ sentAt, refusal = '' }: Attempt): boolean =>
    sentAt >= beganAt - callLengthMs && (sentAt < endedAt || isSlowness(refusal)) && doubtText.test(refusal);
  const [busySeconds, idleSeconds] = [(busyTo - beganAt) / 1000, (quietTo - busyTo) / 1000];
  return {
    writes: right.attempts.length,
    doubted: refused.filter(isDoubt).map(({ refusal = '' }) => refusal),
    failed: refused.filter((attempt) => !isDoubt(attempt)).map((attempt) => sayAttempt(attempt, beganAt, endedAt)),
    misdeeds: misdeeds.sent(),
    admitted: misdeeds.admitted(),
    entered,
    preceding: precedingPods(history, entered),
    unfenced: lacking(history, all),
    misled: await untrueNamespaces(replica),
    harmed,
    recovery: recovery.after,
    idle: {
      calls: idleCalls / idleSeconds,
      allowed: idleBudget(idleSeconds, failing, all.length) / idleSeconds,
    },
    busy: {
      calls: busyCalls / busySeconds,
      allowed:
        busyBudget(
          beganAt,
          busyTo,
          valves.flatMap(({ attempts }) => attempts),
          failing,
        ) / busySeconds,
    },
  };

  function countCalls(from: number, to: number): number {
    return proxy.arrivals().filter(({ at }) => at >= from && at < to).length;
  }
}

/** The message of every refusal for doubt says what could not be decided, and why. */
const doubtText = /(?:not decided:|could not be decided whether) \S+/;
/** On a busy machine the gate may time out. Only the full run requires that this ends too. */
const isSlowness = (refusal: string): boolean =>
  !isFullRun && /no answer from the API server|took longer than/.test(refusal);
/** A review may have begun just before the fault. This is the timeout of the webhook. */
const callLengthMs = 5_000;
/** Time for each writer to be refused once more. */
const reopenedMs = 300;
const giveUpMs = 30_000;
const walls = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/deny-all-baseline`;

/** Repeatedly deletes the wall, as an administrator may, and then creates a Pod. */
async function breach(cluster: Cluster, name: string, prefix: string, until: number): Promise<readonly Entered[]> {
  const entered: Entered[] = [];
  while (Date.now() < until) {
    await insist(() => cluster.request('DELETE', walls(name), { timeoutMs: 60_000 }));
    entered.push(await insist(() => createPod(cluster, name, `${prefix}-${entered.length}`)));
  }
  return entered;
}

/** Measures when each of the three recovered, from the end of the fault. */
async function recover(
  { replica, history, writers }: Stage,
  cluster: Stage['writers']['any'],
  prefix: string,
  endedAt: number,
): Promise<{ readonly after: Ordeal['recovery']; readonly entered: readonly Entered[] }> {
  const entered: Entered[] = [];
  const after = (what: Promise<unknown>): Promise<number> => what.then(() => Date.now() - endedAt);
  const isOld = (name: string): boolean => (history.namespaceChanges(name)[0]?.at ?? endedAt) < endedAt;
  const [ready, baselines, written] = await Promise.all([
    after(eventually('readiness', () => isReady(replica), giveUpMs)),
    after(
      history
        .catchUp()
        .then(() => eventually('the baselines', () => history.withoutBaseline().filter(isOld).length === 0, giveUpMs)),
    ),
    // Past the valve, because writes through it must not fail any more.
    after(
      eventually(
        'a right write',
        () => createNamespace(writers.any, `${prefix}-probe`).catch(() => false),
        giveUpMs,
      ).then(() =>
        eventually(
          'a right Pod',
          async () => {
            const pod = await createPod(cluster, `${prefix}-probe`, 'first').catch(() => undefined);
            if (pod !== undefined) entered.push(pod);
            return pod;
          },
          giveUpMs,
        ),
      ),
    ),
  ]);
  return { after: { ready, baselines, writes: written }, entered };
}

async function isReady({ adminUrl }: Replica): Promise<boolean> {
  const answer = await fetch(`${adminUrl}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}

/** Returns the number of marked namespaces without a correct baseline, by the metrics. */
async function untrueNamespaces({ adminUrl }: Replica): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const counts = text.matchAll(/^ringfence_namespaces\{[^}]*baseline="untrue"[^}]*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function failingNamespaces({ adminUrl }: Replica): Promise<number> {
  const answer = await fetch(`${adminUrl}/readyz`);
  return ((await answer.json()) as { baselines: { failing: number } }).baselines.failing;
}

/** Returns the names of the namespaces that lack the mark or one of the two policies. */
function lacking(history: WallHistory, names: readonly string[]): readonly string[] {
  const bare = new Set(history.withoutBaseline());
  return names.filter((name) => {
    const labels = history.namespaceChanges(name).at(-1)?.object.metadata.labels ?? {};
    return bare.has(name) || !Object.hasOwn(labels, 'ringfence.dev/fence');
  });
}

function listNames(prefix: string, length: number): readonly string[] {
  return Array.from({ length }, (_, index) => `${prefix}-${index}`);
}

function sayAttempt({ method, path, sentAt, refusal }: Attempt, beganAt: number, endedAt: number): string {
  const when =
    sentAt >= endedAt ? `${sentAt - endedAt} ms after the end` : `${sentAt - beganAt} ms after the beginning`;
  return `${method} ${path}, sent ${when}: ${refusal}`;
}
