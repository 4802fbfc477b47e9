// What the controllers wrote in each phase of something, by the API server's own audit log.
import type { AuditEvent } from '../control-plane/audit-log.ts';

export interface Phase {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface PhaseCount extends Phase {
  /** Writes of controllers, answered in this phase. */
  readonly writes: number;
  /** Those among them that were refused or failed, each in a line. A race lost to another writer (409), or to a deletion (404), is none. */
  readonly failures: readonly string[];
}

/** Counts the controllers' writes in some namespaces. */
export function countByPhase(
  phases: readonly Phase[],
  events: readonly AuditEvent[],
  isCounted: (namespace: string) => boolean,
): readonly PhaseCount[] {
  const writes = events.filter(
    ({ user, verb, objectRef }) =>
      user.username.startsWith('system:serviceaccount:kube-system:') &&
      !['get', 'list', 'watch'].includes(verb) &&
      isCounted(objectRef?.namespace ?? objectRef?.name ?? ''),
  );
  return phases.map((phase) => {
    const own = writes.filter(({ stageTimestamp }) => {
      const at = Date.parse(stageTimestamp);
      return at >= phase.from && at < phase.to;
    });
    const failed = own.filter(({ responseStatus }) => {
      const code = responseStatus?.code ?? 500;
      return code >= 400 && code !== 404 && code !== 409;
    });
    return { ...phase, writes: own.length, failures: failed.map(told) };
  });
}

function told({ verb, user, objectRef, responseStatus }: AuditEvent): string {
  const { resource = '', subresource, namespace = '', name = '' } = objectRef ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const who = user.username.slice(user.username.lastIndexOf(':') + 1);
  return `${who}: ${verb} ${what} ${namespace}/${name}: ${responseStatus?.code} ${responseStatus?.message ?? responseStatus?.reason}`;
}
