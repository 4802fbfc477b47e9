import type { AdmissionRequest } from '../admission/review.ts';
import type { Verdict } from '../admission/verdict.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Cluster } from '../cluster/connection.ts';
import { events, namespaces, owners } from '../cluster/resources.ts';
import type { Occurrence } from '../events/occurrence.ts';
import { createRecorder, type RecorderPorts } from '../events/recorder.ts';
import type { Standing } from '../judgement/standing.ts';
import { apiVersionOf, getKind } from '../kubernetes/kinds.ts';
import { own } from '../kubernetes/raw-object.ts';
import { explainStanding, title } from '../policy/explain.ts';

/** Records refusals, and permissions that were used, as Kubernetes Events. */
export interface EventRecorder {
  /** Returns at once and never throws. Do not call it for a dry run, which must write nothing. */
  tell(request: AdmissionRequest, verdict: Verdict): void;
  /** Tells, on the policy, that it exists and would be refused now. Returns at once. */
  tellStanding(policy: CachedPolicy, standing: Standing): void;
  /**
   * Stops recording. Resolves when all waiting Events are written or given up, after two seconds at
   * most.
   */
  end(): Promise<void>;
}

/** Opens the recorder. It needs the connection to the cluster until it has ended. */
export function openEventRecorder(
  cluster: Pick<Cluster, 'request'>,
  report: Pick<RecorderPorts, 'log' | 'metrics'>,
): EventRecorder {
  const recorder = createRecorder({
    events: events(cluster),
    owners: owners(cluster),
    namespaces: namespaces(cluster),
    ...report,
  });
  return {
    tell: (request, verdict) => recorder.record(occurrenceOf(request, verdict)),
    tellStanding: (policy, standing) => recorder.record(standingOccurrence(policy, standing)),
    end() {
      recorder.stop();
      return recorder.idle();
    },
  };
}

/**
 * Returns the content of an Event about a refusal or a used permission. The ownerReferences of the
 * object are passed on unverified: anyone can write them.
 */
export function occurrenceOf(request: AdmissionRequest, verdict: Verdict): Occurrence {
  const { subject, findings, message, permissions = [] } = verdict;
  const object = request.operation === 'DELETE' ? request.oldObject : request.object;
  const isDenied = verdict.outcome === 'denied';
  const user = request.userInfo.username ?? 'someone unnamed';
  return {
    reason: isDenied ? 'Denied' : 'PermissionUsed',
    uid: request.uid,
    kind: subject.kind,
    namespace: subject.namespace,
    name: subject.name,
    owners: own(own(object, 'metadata'), 'ownerReferences'),
    checks: findings.filter(({ action }) => action === 'deny').map(({ check }) => check),
    message: isDenied && message !== undefined ? message : `${title(subject)}: ${user} used ${permissions.join(', ')}`,
  };
}

function standingOccurrence({ metadata }: CachedPolicy, { subject, findings }: Standing): Occurrence {
  const { kind, namespace, name } = subject;
  const { uid } = metadata;
  const apiVersion = apiVersionOf(getKind('NetworkPolicy'));
  return {
    reason: 'WouldBeRefused',
    uid: '',
    kind,
    namespace,
    name,
    object: {
      apiVersion,
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    owners: undefined,
    checks: findings.filter(({ action }) => action === 'deny').map(({ check }) => check),
    message: explainStanding(subject, findings),
  };
}
