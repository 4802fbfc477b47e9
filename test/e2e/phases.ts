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
  /** Those among them that were refused or failed, each in a line. A race that was lost is none. */
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
    const failed = own.filter((event) => (event.responseStatus?.code ?? 500) >= 400 && !isRaceLost(event));
    return { ...phase, writes: own.length, failures: failed.map(told) };
  });
}

/**
 * To another writer; to a deletion; or to a deletion and a namesake since, whose uid is not the one
 * that the write names.
 */
function isRaceLost({ responseStatus: { code, message = '' } = {} }: AuditEvent): boolean {
  return code === 409 || code === 404 || (code === 422 && message.includes('metadata.uid: Invalid value'));
}

function told({ verb, user, objectRef, responseStatus }: AuditEvent): string {
  const { resource = '', subresource, namespace = '', name = '' } = objectRef ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const who = user.username.slice(user.username.lastIndexOf(':') + 1);
  return `${who}: ${verb} ${what} ${namespace}/${name}: ${responseStatus?.code} ${responseStatus?.message ?? responseStatus?.reason}`;
}
