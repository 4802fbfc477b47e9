import { markNamespace } from '../admission/mutate.ts';
import { validateNamespace } from '../admission/namespace-review.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { createTurns } from '../admission/turns.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { fenceMark, type ModeChoice, modeIn, stricterChoice } from '../policy/mode.ts';
import { type Permission, permissionRules, permissionText } from '../policy/permissions.ts';
import type { AuditIdentity, AuditLabels } from '../telemetry/audit.ts';
import { doubt, doubtKey, doubtOpenings, unrecordedKeys, withoutKeys } from './doubts.ts';
import { actAgain, leafOf } from './kept.ts';
import type { AuditLine, LoggedFinding } from './line.ts';
import { readLogged } from './subject.ts';

/**
 * Judges the creation or the change of a Namespace again, by the review of admission. The line
 * answers its questions about permissions; what nobody asked then is not decided.
 */
export async function judgeNamespaceAgain(
  line: AuditLine,
  identity: AuditIdentity,
  hasOtherRules: boolean,
  choice: ModeChoice,
  config: Config,
): Promise<readonly Finding[]> {
  const unrecorded = unrecordedKeys(identity, config.taxonomy);
  const known = withoutKeys(config, unrecorded);
  const request = marked(requestOf(line, identity), line, known);
  const { findings } = await validateNamespace(request, portsOf(line), known, undefined);
  if (isExempt(line.name, config)) return findings;
  const isIdentityNew = line.operation === 'CREATE' || Object.keys(identity.old ?? {}).length > 0;
  return [
    ...findings,
    ...unrecorded.flatMap((key) => [
      ...doubtKey(key, 'Namespace', choice, config),
      ...doubtPermissions(key, strictestOf(identity, choice, config), config),
    ]),
    ...line.findings.filter(isKept).map((logged) => actAgain(logged, choice, config)),
    ...(hasOtherRules && isIdentityNew ? doubtOpenings(choice, config) : []),
  ];
}

/** The permissions that a label needs if the line does not have it. */
function doubtPermissions(key: string, choice: ModeChoice, config: Config): readonly Finding[] {
  const what = `whether the user may give the namespace label ${key}; nobody asked then`;
  return [permissionRules.claim, permissionRules.relabel].map((rule) => doubt(rule, what, choice, config));
}

/** The strictest mode by which a change of identity may be judged: now, before, the cluster's. */
function strictestOf({ labels, old }: AuditIdentity, choice: ModeChoice, { mode }: Config): ModeChoice {
  const before = modeIn(readLogged({ ...labels, ...old }), mode);
  return stricterChoice(stricterChoice(choice, before), { mode, source: 'cluster' });
}

const openings: ReadonlySet<string> = new Set(checks.filter((check) => 'judge' in check).map(({ id }) => id));

/** Whether a finding is about NetworkPolicies that exist, or about an annotation (a trial). */
function isKept({ check, field }: LoggedFinding): boolean {
  return openings.has(check) || check === 'baseline-guard' || field.startsWith('metadata.annotations.');
}

function requestOf(
  { uid, operation, name, user, groups, dryRun }: AuditLine,
  identity: AuditIdentity,
): AdmissionRequest {
  const { labels, old } = identity;
  return {
    uid,
    operation,
    kind: { group: '', version: 'v1', kind: 'Namespace' },
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    name,
    namespace: name,
    userInfo: { username: user, groups },
    object: namespaceOf(name, labels),
    oldObject: old === undefined ? null : namespaceOf(name, { ...labels, ...old }),
    dryRun,
  };
}

function namespaceOf(name: string, labels: AuditLabels): object {
  return { metadata: { name, labels: Object.fromEntries(readLogged(labels)) } };
}

/** The request as the mutating webhook leaves it, unless something hid it from that webhook. */
function marked(request: AdmissionRequest, { findings }: AuditLine, config: Config): AdmissionRequest {
  const isHidden = findings.some(({ check, action }) => check === 'fence-mark' && action === 'deny');
  if (isHidden || markNamespace(request, config.mode === 'enforce', config).length === 0) return request;
  const { name, labels } = (request.object as { metadata: { name: string; labels: Record<string, string> } }).metadata;
  return { ...request, object: { metadata: { name, labels: { ...labels, [fenceMark]: 'true' } } } };
}

/** What the review asks, answered by the line. The cluster itself is not asked. */
function portsOf(line: AuditLine): Parameters<typeof validateNamespace>[1] {
  return {
    isAllowed: async (_, permission) => wasAllowed(line, permission),
    readNamespace: async () => undefined,
    readNetworkPolicy: async () => undefined,
    caches: {
      namespace: () => undefined,
      networkPolicies: () => [],
      policiesNaming: () => [],
      isWalled: () => false,
    },
    residents: { list: async () => ({ objects: [], isWhole: true }) },
    turns: createTurns(),
    // A line has no annotations, so no trial is known.
    now: () => 0,
  };
}

function wasAllowed({ permissions = [], findings }: AuditLine, permission: Permission): boolean {
  if (permissions.includes(permissionText(permission))) return true;
  const refusal = findings.find(
    ({ check, field, found }) =>
      check === permission.verb && (check !== 'claim' || permission.name === `${leafOf(field)}:${found}`),
  );
  if (refusal === undefined) throw new Error('nobody asked then, so the line does not say');
  if (refusal.undecided === true) throw new Error('it was not decided then');
  return false;
}
