import { readNamespace } from '../baseline/namespace.ts';
import type { Config } from '../config/config.ts';
import { type Exemptions, isExempt } from '../config/exemption.ts';
import { systemNamespaces } from '../kubernetes/namespaces.ts';
import type { Violation } from '../policy/check.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import type { StoredObject } from './ports.ts';

/** The part of the configuration that names exempt namespaces. */
type Exempting = Exemptions & Pick<Config, 'ownNamespace'>;

/** Returns why a namespace of this name is never fenced, in a sentence; undefined if it may be. */
export function findExemption(name: string, config: Exempting): string | undefined {
  const reason = whyExempt(name, config);
  return reason === undefined ? undefined : `namespace ${name} ${reason}`;
}

/** As {@link findExemption}, but without the name. */
export function whyExempt(name: string, config: Exempting): string | undefined {
  if (systemNamespaces.some((one) => one === name))
    return `belongs to Kubernetes (${systemNamespaces.join(', ')}); a fence could prevent the cluster's own repair`;
  if (!isExempt(name, config)) return undefined;
  return name === config.ownNamespace
    ? 'is exempt: Ringfence runs in it'
    : 'is exempt: exempt.namespaces in the configuration lists it';
}

/**
 * Returns why a namespace cannot be fenced now, for a person; undefined if it can be. The option
 * `unlabelled` allows missing and wrong labels.
 */
export function findObstacle(
  namespace: StoredObject,
  options: { readonly unlabelled: boolean },
  config: Config,
): string | undefined {
  const { name, terminating, fenced } = readNamespace(namespace);
  const exemption = findExemption(name, config);
  if (exemption !== undefined) return exemption;
  if (terminating) return `namespace ${name} is being deleted`;
  if (fenced || options.unlabelled) return undefined;
  const violations = judgeLabels(namespace, config);
  if (violations.length === 0) return undefined;
  const width = Math.max(...violations.map(({ subject }) => subject.length));
  return [
    `namespace ${name} lacks labels that its baseline and its Pods need:`,
    ...violations.map(({ subject, reason }) => `  ${subject.padEnd(width)}  ${reason}`),
    `Set it (kubectl label namespace ${name} ${violations.map(({ subject }) => `${subject}=…`).join(' ')}), or fence the namespace without them: ringfence fence ${name} --unlabelled`,
  ].join('\n');
}

/** Runs the two checks of labels that a new namespace must pass. */
function judgeLabels(namespace: StoredObject, config: Config): readonly Violation[] {
  const context = { operation: 'UPDATE', namespace: undefined, facts: undefined } as const;
  const subject = readSubject('Namespace', namespace, context);
  if (!isSubject(subject))
    return [{ field: subject.field, subject: subject.field, found: subject.found, reason: `is ${subject.found}` }];
  const violations = [requiredLabels, labelValues].flatMap((check) => check.run(subject, config));
  const order = [...config.taxonomy.keys.keys()];
  return violations.sort((a, b) => order.indexOf(a.subject) - order.indexOf(b.subject));
}
