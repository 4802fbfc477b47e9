import type { Config } from '../config/config.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { guardRules } from '../policy/permissions.ts';
import { isAllowedValue } from '../policy/taxonomy.ts';
import { messageOf, severityOf } from '../report/report.ts';
import { type AuditFinding, type CauseRef, placeOf } from './finding.ts';
import type { Named } from './owners.ts';

// One mistake is found many times: a Deployment without a label, its ReplicaSet and its Pods; a
// namespace without labels, and everything in it. Each finding names what has to be corrected.

/** What is known about the surroundings of the judged objects. */
export interface Surroundings {
  readonly namespaceLabels: (name: string) => Labels | undefined;
  /** The controllers above an object, nearest first. */
  readonly ownersOf: (namespace: string, object: Named) => readonly Named[];
}

/** The findings of the judged objects, each with its cause. */
export function findingsOf(
  objects: readonly JudgedObject[],
  { namespaceLabels, ownersOf }: Surroundings,
  { taxonomy }: Pick<Config, 'taxonomy'>,
): readonly AuditFinding[] {
  const judged = new Map(objects.map((object) => [keyOf(object.subject.namespace ?? '', object.subject), object]));

  /**
   * The outermost workload above an object that has the same finding. Pods that disagree with their
   * template are to be corrected themselves. The template of a workload that was not read may be
   * wrong.
   */
  function rootOf({ subject, read }: JudgedObject, finding: LocatedFinding): Named {
    const { namespace = '' } = subject;
    let root: Named = subject;
    if (read?.role !== 'Pod') return root;
    for (const owner of ownersOf(namespace, subject)) {
      const found = judged.get(keyOf(namespace, owner))?.findings;
      const isSame = ({ check, subject: label }: LocatedFinding) =>
        check === finding.check && label === finding.subject;
      if (found !== undefined && !found.some(isSame)) break;
      root = owner;
    }
    return { kind: root.kind, name: root.name };
  }

  /** Whether a finding goes away when the namespace has the right label: it would give it. */
  function isNamespaces({ subject: { namespace = '' } }: JudgedObject, { check, subject: label }: LocatedFinding) {
    const given = namespaceLabels(namespace);
    const key = taxonomy.keys.get(label);
    const said = given?.get(label);
    return (
      key?.agrees === true &&
      given !== undefined &&
      (said === undefined || (check !== 'label-values' && !isAllowedValue(key, said)))
    );
  }

  /** The labels that each object to correct lacks, by {@link lackOf}. */
  const lacking = new Map<string, Set<string>>();
  for (const object of objects)
    for (const finding of object.findings) {
      if (!isPlainlyMissing(object, finding) || isNamespaces(object, finding)) continue;
      const key = lackOf(object, finding, rootOf(object, finding));
      lacking.set(key, (lacking.get(key) ?? new Set()).add(finding.subject));
    }

  function causeOf(object: JudgedObject, finding: LocatedFinding): CauseRef {
    const { subject, read } = object;
    const { check, field, subject: label, cause, reason } = finding;
    const { namespace = '' } = subject;
    const message = messageOf(cause ?? finding);
    const isLabel = read !== undefined && field === `${read.labelsField}.${label}`;
    const ofNamespace = (name: string): CauseRef => ({
      id: `labels of ${name}`,
      at: { kind: 'Namespace', namespace: undefined, name },
      message: cause === undefined ? `the namespace does not say ${label}` : message,
    });
    if (subject.kind === 'Namespace' && isLabel) return ofNamespace(subject.name);
    if (cause?.namespace !== undefined) return ofNamespace(cause.namespace);
    if (isLabel && isNamespaces(object, finding)) return ofNamespace(namespace);
    const root = rootOf(object, finding);
    const at = { ...root, namespace: subject.namespace };
    const severity = severityOf(finding);
    // Workloads that lack the same labels, or have the same wrong value in one, are one line.
    if (isPlainlyMissing(object, finding)) {
      const labels = [...(lacking.get(lackOf(object, finding, root)) ?? [])];
      return {
        id: `${namespace} ${severity} ${read?.role} lacks ${labels.join(', ')}`,
        at,
        message: sayMissing(labels, reason),
      };
    }
    const [clause = ''] = reason.split('; ');
    const what =
      cause !== undefined
        ? `${root.kind}/${root.name} ${message}`
        : `${check} ${isLabel ? `${label} ${clause}` : `${root.kind}/${root.name} ${label}`}`;
    return { id: `${namespace} ${severity} ${what}`, at, message };
  }

  return objects.flatMap((object) =>
    object.findings
      // The rule baseline-state of the audit says the same of what exists.
      .filter(({ check }) => check !== guardRules['baseline-guard'].id)
      .map((finding): AuditFinding => {
        const { check, field, found, remedy, fix, exception, line } = finding;
        return {
          ...placeOf(object.subject, object.document),
          line,
          check,
          severity: severityOf(finding),
          field,
          found,
          message: messageOf(finding),
          remedy,
          fix,
          exception,
          cause: causeOf(object, finding),
        };
      }),
  );
}

/** Whether an object lacks a label, and has none that looks like a misspelling of it. */
function isPlainlyMissing({ subject, read }: JudgedObject, { check, field, subject: label, reason }: LocatedFinding) {
  const isLabel = read !== undefined && field === `${read.labelsField}.${label}`;
  return subject.kind !== 'Namespace' && isLabel && check === requiredLabels.id && !reason.endsWith(' meant?');
}

/** What stands for the labels that an object to correct lacks, with the same consequence. */
function lackOf({ subject, read }: JudgedObject, finding: LocatedFinding, root: Named): string {
  return `${severityOf(finding)} ${read?.role} ${keyOf(subject.namespace ?? '', root)}`;
}

/** `labels env, team are missing`. What the namespace says of a label is in the fix. */
function sayMissing(labels: readonly string[], reason: string): string {
  if (labels.length > 1) return `labels ${labels.join(', ')} are missing`;
  return `${labels[0]} ${/^missing; namespace /.test(reason) ? 'missing' : reason}`;
}

function keyOf(namespace: string, { kind, name }: Named): string {
  return `${namespace}/${kind}/${name}`;
}
