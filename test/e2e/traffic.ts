// Who wrote what, and for which writes the API server called Ringfence, by its own records and by
// Ringfence's.
import { kinds } from '../../src/kubernetes/kinds.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type LogLine, ownNamespace, type Replica } from './installation.ts';

/**
 * Counts by kind, such as `create pods` for a write and `CREATE pods` for a call. Kinds that did
 * not occur are absent.
 */
export type Counts = Readonly<Record<string, number>>;

export interface Traffic {
  /**
   * Successful writes of all users except Ringfence. The deletions of an object count once: the
   * garbage collector may send another for an object that waits for its dependents.
   */
  readonly writes: Counts;
  /** Reviews that Ringfence answered. */
  readonly calls: Counts;
  /**
   * The calls among them for creations of what existed already: `CREATE replicasets`. A controller
   * whose cache lags sends such a creation, and the API server asks before it looks.
   */
  readonly callsInVain: Counts;
}

export interface TrafficRecorder {
  /** Returns the traffic since the last call of this function, or since the beginning. */
  next(): Promise<Traffic>;
}

/** The username of Ringfence at the API server. */
export const ownUser = `system:serviceaccount:${ownNamespace}:ringfence`;

/** Starts to record. The control plane must have an audit log. */
export async function recordTraffic(controlPlane: ControlPlane, replica: Replica): Promise<TrafficRecorder> {
  let events = (await controlPlane.auditEvents()).length;
  let lines = decisionsOf(replica).length;
  return {
    async next() {
      const [allEvents, allLines] = [await controlPlane.auditEvents(), decisionsOf(replica)];
      const news = allEvents.slice(events).filter(isWriteOfOthers);
      const writes = count(distinctDeletions(news.filter(isSuccess)).map(kindOf));
      const callsInVain = count(news.filter(isOfExisting).map(({ objectRef }) => `CREATE ${objectRef?.resource}`));
      const calls = count(allLines.slice(lines).map((line) => `${line['operation']} ${line['resource']}`));
      [events, lines] = [allEvents.length, allLines.length];
      return { writes, calls, callsInVain };
    },
  };
}

/** Returns the API server's count of reviews by webhook since its start: `pods CREATE`. */
export async function countReviews(controlPlane: ControlPlane): Promise<Counts> {
  const { stdout } = await controlPlane.kubectl(['get', '--raw', '/metrics']);
  const counted = new Map<string, number>();
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('apiserver_admission_webhook_request_total{') || !line.includes('type="validating"')) continue;
    const [, name] = /name="(\w+)\.ringfence\.dev"/.exec(line) ?? [];
    const [, operation] = /operation="(\w+)"/.exec(line) ?? [];
    const kind = `${name} ${operation}`;
    counted.set(kind, (counted.get(kind) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return Object.fromEntries(counted);
}

/** Returns the API server's count of webhooks that did not answer: refused or admitted requests. */
export async function failedCalls({ kubectl }: ControlPlane): Promise<readonly string[]> {
  const { stdout } = await kubectl(['get', '--raw', '/metrics']);
  return stdout
    .split('\n')
    .filter(
      (line) =>
        line.startsWith('apiserver_admission_webhook_fail_open_count{') ||
        (line.startsWith('apiserver_admission_webhook_rejection_count{') && !line.includes('error_type="no_error"')),
    );
}

/** Returns Ringfence's audit lines, one for each validation. */
export function decisionsOf(replica: Replica): readonly LogLine[] {
  return replica.log().filter(({ msg }) => msg === 'admission decision');
}

/** Returns `verb resource/subresource`, with the API group if there is one. */
export function kindOf({ verb, objectRef }: AuditEvent): string {
  const { apiGroup, resource = '', subresource } = objectRef ?? {};
  const place = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${apiGroup === undefined ? '' : `${apiGroup}/`}${place}`;
}

export function count(kinds: readonly string[]): Counts {
  const counted = new Map<string, number>();
  for (const kind of kinds) counted.set(kind, (counted.get(kind) ?? 0) + 1);
  return Object.fromEntries(counted);
}

function isWriteOfOthers({ verb, user }: AuditEvent): boolean {
  return !['get', 'list', 'watch'].includes(verb) && user.username !== ownUser;
}

function isSuccess({ responseStatus }: AuditEvent): boolean {
  return (responseStatus?.code ?? 500) < 400;
}

/** Whether the call is the creation of an object of a kind that Ringfence judges, which exists. */
function isOfExisting({ verb, objectRef, responseStatus }: AuditEvent): boolean {
  const isJudged = kinds.some(({ resource }) => resource === objectRef?.resource);
  return verb === 'create' && isJudged && responseStatus?.reason === 'AlreadyExists';
}

/** Returns the events without further deletions of the same object. */
function distinctDeletions(events: readonly AuditEvent[]): readonly AuditEvent[] {
  const deleted = new Set<string>();
  return events.filter((event) => {
    const { namespace = '', name = '' } = event.objectRef ?? {};
    if (event.verb !== 'delete') return true;
    const object = `${kindOf(event)} ${namespace}/${name}`;
    return !deleted.has(object) && deleted.add(object);
  });
}
