import { inheritedLabels } from '../admission/inherit.ts';
import type { Config } from '../config/config.ts';
import { findKind, type KindName } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { formatSteps } from '../kubernetes/pod-templates.ts';
import type { RuleText } from '../policy/check.ts';
import { hostNetwork } from '../policy/checks/host-network.ts';
import { missingTemplate } from '../policy/checks/missing-template.ts';
import { type ReadableKind, type Subject, templatePathIn } from '../policy/subject.ts';
import type { Role } from '../policy/taxonomy.ts';
import type { AuditIdentity, AuditLabels } from '../telemetry/audit.ts';
import type { AuditLine } from './line.ts';

/** What an audit line says of an object in a namespace, in the form that the checks judge. */
export interface Recorded {
  readonly kind: ReadableKind;
  readonly subject: Subject;
  readonly before: Subject | undefined;
}

/**
 * Returns the subject that a line recorded. Undefined if the configuration does not judge its kind
 * (a workload of another project that it does not list).
 */
export function recordedSubject(line: AuditLine, identity: AuditIdentity, config: Config): Recorded | undefined {
  const kind = kindIn(line, config);
  if (kind === undefined) return undefined;
  const { namespace, findings, controller, serviceAccount = 'default', name } = line;
  const role: Role = kind === 'NetworkPolicy' ? kind : 'Pod';
  const labelsField = identity.field ?? 'metadata.labels';
  const has = ({ id }: RuleText) => findings.some(({ check }) => check === id);
  const had = ({ id }: RuleText) => findings.some(({ check, standing }) => check === id && standing === true);
  const subject: Subject = {
    kind: typeof kind === 'string' ? kind : kind.kind,
    role,
    // These checks report whatever they find, so their findings say what they saw.
    judgedAs: has(missingTemplate) ? 'NoTemplate' : role,
    // A Binding changes the labels of its Pod.
    operation: line.operation === 'CREATE' && line.kind !== 'Binding' ? 'CREATE' : 'UPDATE',
    namespace,
    name,
    labels: readLogged(identity.labels),
    labelsField,
    pod:
      role === 'Pod'
        ? {
            hostNetwork: has(hostNetwork),
            serviceAccount,
            specField: labelsField.replace(/metadata\.labels$/, 'spec'),
          }
        : undefined,
    controller: readController(controller),
    networkPolicySpec: undefined,
    facts:
      identity.namespace === undefined || identity.namespace === null
        ? { known: false, reason: `namespace ${namespace} was not known then` }
        : { known: true, labels: readLogged(identity.namespace), fenced: identity.fenced === true },
    surroundings: undefined,
  };
  const { old } = identity;
  if (old === undefined) return { kind, subject, before: undefined };
  const before: Subject = {
    ...subject,
    labels: readLogged({ ...identity.labels, ...old }),
    judgedAs: had(missingTemplate) ? 'NoTemplate' : role,
    pod: subject.pod === undefined ? undefined : { ...subject.pod, hostNetwork: had(hostNetwork) },
  };
  return { kind, subject, before };
}

/** The labels of a line as a Map, without those that were not there. */
export function readLogged(labels: AuditLabels): Labels {
  return new Map(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Returns the path of the labels in objects of a kind: `spec.template.metadata.labels`. */
export function labelsFieldOf(kind: ReadableKind): string {
  const path = templatePathIn(kind);
  return path.length === 0 ? 'metadata.labels' : `${formatSteps(path)}.metadata.labels`;
}

function kindIn({ kind, resource }: AuditLine, { workloads }: Config): ReadableKind | undefined {
  if (kind === 'Binding') return 'Pod';
  const [plural] = resource.split('/');
  if (findKind(kind)?.resource === plural) return kind as KindName;
  return workloads.find((one) => one.kind === kind && one.resource === plural);
}

function readController(text: string | undefined): Subject['controller'] {
  const slash = text?.indexOf('/') ?? -1;
  return text === undefined || slash === -1 ? undefined : { kind: text.slice(0, slash), name: text.slice(slash + 1) };
}

/**
 * Returns the labels that `inherit` gives a subject. A Pod that a node creates is the mirror of a
 * static Pod (the admission plugin NodeRestriction allows no other), which is never changed.
 */
export function inheritedBy({ kind, subject }: Recorded, user: string, config: Config): Labels {
  const { facts, labels, controller } = subject;
  if (facts?.known !== true || (kind === 'Pod' && user.startsWith('system:node:'))) return new Map();
  const holder = { metadata: { labels: Object.fromEntries(labels) } };
  const path = templatePathIn(kind);
  const owners =
    controller === undefined ? {} : { metadata: { ownerReferences: [{ ...controller, controller: true }] } };
  const object = path.reduceRight<object>((held, step) => ({ [step]: held }), holder);
  return inheritedLabels(kind, path.length === 0 ? object : { ...owners, ...object }, facts.labels, config);
}
