import { workloadKinds } from '../kubernetes/kinds.ts';
import { builtInNamespaces, metadataNameLabel } from '../kubernetes/namespaces.ts';
import { type Expression, list, text } from './cel.ts';
import type { Named, Requirement } from './manifest.ts';

export function notOwn(username: string): Named {
  return { name: 'not-own', expression: `request.userInfo.username != ${text(username)}` };
}

/** By name: at creation labels can be forged. Before the API server has made a name of `generateName`, there is none. */
export const notBuiltIn: Named = {
  name: 'not-built-in',
  expression: `!(object.metadata.?name.orValue("") in ${list(builtInNamespaces)})`,
};

/** True inside a namespace that is not exempt: the API server itself keeps this label, and no one can change it there. */
export function notExempt(namespaces: readonly string[]): Requirement {
  return { key: metadataNameLabel, operator: 'NotIn', values: namespaces };
}

/** Whether the object is of one of the workload kinds, which are judged by their templates. */
export const isWorkload: Expression = `request.kind.kind in ${list(workloadKinds)}`;

const labelsChange: Expression = 'object.metadata.?labels != oldObject.metadata.?labels';

/** What can make a Namespace wrong: its creation, and other labels. Nothing else is looked at. */
export const namespaceChanged: Named = { name: 'changed', expression: `oldObject == null || ${labelsChange}` };

/**
 * What can make an object in a namespace wrong: its creation, other labels, another pod template or specification. The scheduler binds every
 * Pod, so a Binding is looked at only where it carries one of the taxonomy's keys.
 */
export function objectChanged(keys: readonly string[]): Named {
  return {
    name: 'changed',
    expression: [
      `request.kind.kind == "Binding" ? ${list(keys)}.exists(key, key in object.metadata.?labels.orValue({})) :`,
      'oldObject == null ? true :',
      'request.kind.kind == "CronJob" ? object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :',
      `${isWorkload} ? object.spec.?template != oldObject.spec.?template :`,
      `(request.kind.kind == "NetworkPolicy" && object.?spec != oldObject.?spec || ${labelsChange})`,
    ].join('\n'),
  };
}
