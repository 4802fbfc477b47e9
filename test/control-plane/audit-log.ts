import { existsSync, readFileSync } from 'node:fs';

/** The parts of an `audit.k8s.io/v1` Event that tests count by. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  /** `create`, `update`, `patch`, `delete`, `deletecollection`, `get`, `list`, `watch`. */
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string; readonly message?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The policy records one event for each finished call (for a watch, at its end), without bodies. It
 * omits health checks and discovery, leases, the housekeeping of the components, and the Events and
 * reads of the controllers.
 */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'None', nonResourceURLs: ['/*'] },
    // The second user only starts the controllers, which then use their own service accounts.
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager'] },
    { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    {
      level: 'None',
      resources: [{ group: '', resources: ['events'] }, { group: 'events.k8s.io' }],
      userGroups: ['system:serviceaccounts:kube-system'],
    },
    {
      level: 'None',
      verbs: ['get', 'list', 'watch'],
      userGroups: ['system:serviceaccounts:kube-system'],
    },
    { level: 'Metadata' },
  ],
} as const;

/**
 * Returns all events so far, or those after the first `offset` bytes. The API server writes an
 * event before it answers (`--audit-log-mode=blocking`, its default).
 */
export function readAuditLog(path: string, offset = 0): readonly AuditEvent[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path).toString('utf8', offset);
  // The text after the last line break is still being written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent);
}
