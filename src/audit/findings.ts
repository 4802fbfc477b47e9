import type { Config } from '../config/config.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { Labels } from '../kubernetes/labels.ts';
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
    // The namespace would give this label, if it had it.
    const given = namespaceLabels(namespace);
    const key = taxonomy.keys.get(label);
    const said = given?.get(label);
    const isNamespaces =
      key?.agrees === true &&
      given !== undefined &&
      (said === undefined || (check !== 'label-values' && !isAllowedValue(key, said)));
    if (isLabel && isNamespaces) return ofNamespace(namespace);
    const root = rootOf(object, finding);
    const at = { ...root, namespace: subject.namespace };
    // Workloads that lack the same label, or have the same wrong value in it, are one line.
    const [clause = ''] = reason.split('; ');
    const severity = severityOf(finding);
    const what =
      cause !== undefined
        ? `${root.kind}/${root.name} ${message}`
        : `${check} ${isLabel ? `${label} ${clause}` : `${root.kind}/${root.name} ${field}`}`;
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

function keyOf(namespace: string, { kind, name }: Named): string {
  return `${namespace}/${kind}/${name}`;
}
