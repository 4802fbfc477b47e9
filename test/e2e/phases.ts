// The writes of controllers in each phase of a test, by the audit log of the API server.
import type { AuditEvent } from '../control-plane/audit-log.ts';
import { isDoubt } from './doubt.ts';

export interface Phase {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface PhaseCount extends Phase {
  /** The number of controllers' writes that were answered in this phase. */
  readonly writes: number;
  /** The writes that were refused or failed, a line each. A lost race does not count. */
  readonly failures: readonly string[];
  /** The writes that were refused in doubt, which controllers send again. */
  readonly doubts: readonly string[];
}

/** Counts the writes of controllers in some namespaces. */
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
    const isDoubted = ({ responseStatus }: AuditEvent) => isDoubt(responseStatus?.message ?? '');
    return {
      ...phase,
      writes: own.length,
      failures: failed.filter((event) => !isDoubted(event)).map(told),
      doubts: failed.filter(isDoubted).map(told),
    };
  });
}

/**
 * Whether a race was lost: to another writer, to a deletion, or to a deletion and a new object of
 * the same name, whose uid differs.
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
