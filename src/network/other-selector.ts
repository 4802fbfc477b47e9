import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { isObject, listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { everything, type Requirement, type Selector } from './selector.ts';

/** Pods that a policy of another kind selects, by their labels and those of their namespace. */
export interface OtherSubject {
  readonly namespaceSelector: Selector;
  readonly podSelector: Selector;
}

/** Every pod of the namespaces that a policy can select from. */
export const everyPod: OtherSubject = { namespaceSelector: everything, podSelector: everything };

/** Reads a LabelSelector (meta/v1). Undefined if it has another form. */
export function readSelector(value: unknown): Selector | undefined {
  if (value === undefined || value === null) return everything;
  const labels = own(value, 'matchLabels') ?? {};
  const expressions = own(value, 'matchExpressions') ?? [];
  if (!isObject(value) || !isObject(labels) || !Array.isArray(expressions)) return undefined;
  const requirements: Requirement[] = [];
  for (const [key, text] of Object.entries(labels)) {
    if (typeof text !== 'string') return undefined;
    requirements.push({ key, operator: 'In', values: new Set([text]) });
  }
  for (const one of expressions) {
    const [key, operator] = [textAt(one, 'key'), textAt(one, 'operator')];
    if (key === undefined || !isOperator(operator)) return undefined;
    requirements.push({ key, operator, values: new Set(listAt(one, 'values').map(String)) });
  }
  return { requirements };
}

function isOperator(text: string | undefined): text is Requirement['operator'] {
  return text === 'In' || text === 'NotIn' || text === 'Exists' || text === 'DoesNotExist';
}

/** Reads `namespaceSelector` and `podSelector` of an object. Undefined if one has another form. */
export function readSubject(value: unknown): OtherSubject | undefined {
  const [namespaceSelector, podSelector] = [
    readSelector(valueAt(value, 'namespaceSelector')),
    readSelector(valueAt(value, 'podSelector')),
  ];
  return namespaceSelector === undefined || podSelector === undefined ? undefined : { namespaceSelector, podSelector };
}

/**
 * Reads an endpointSelector of Cilium, whose keys may begin with the source of the label, and may
 * name the namespace or its labels (cilium v1.20.2, Documentation/network/kubernetes/policy.rst).
 * Undefined if it asks for something else, for example a ServiceAccount.
 */
export function readEndpointSelector(value: unknown): OtherSubject | undefined {
  const selector = readSelector(value);
  if (selector === undefined) return undefined;
  const namespaces: Requirement[] = [];
  const pods: Requirement[] = [];
  for (const requirement of selector.requirements) {
    const key = requirement.key.replace(/^(k8s|any):/, '');
    if (key === 'io.kubernetes.pod.namespace') namespaces.push({ ...requirement, key: metadataNameLabel });
    else if (key.startsWith(namespaceLabels))
      namespaces.push({ ...requirement, key: key.slice(namespaceLabels.length) });
    else if (key.includes(':') || key.startsWith('io.cilium.')) return undefined;
    else pods.push({ ...requirement, key });
  }
  return { namespaceSelector: { requirements: namespaces }, podSelector: { requirements: pods } };
}

const namespaceLabels = 'io.cilium.k8s.namespace.labels.';

/**
 * Reads a selector expression of Calico that is a conjunction (projectcalico.org/v3,
 * "Selectors"). Undefined if it has another form. Missing, empty and `all()` select everything.
 */
export function readExpression(value: unknown): Selector | undefined {
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value.trim() : undefined;
  if (text === undefined) return undefined;
  if (text === '' || text === 'all()') return everything;
  const requirements = text.split('&&').map((part) => readTerm(part.trim()));
  return requirements.every((one) => one !== undefined) ? { requirements } : undefined;
}

function readTerm(text: string): Requirement | undefined {
  const presence = /^(!?)\s*has\(\s*([\w./-]+)\s*\)$/.exec(text);
  if (presence !== null)
    return { key: presence[2] ?? '', operator: presence[1] === '!' ? 'DoesNotExist' : 'Exists', values: new Set() };
  const equality = /^([\w./-]+)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)")$/.exec(text);
  if (equality !== null) {
    const [, key = '', sign, single, double] = equality;
    return { key, operator: sign === '==' ? 'In' : 'NotIn', values: new Set([single ?? double ?? '']) };
  }
  const set = /^([\w./-]+)\s+(not\s+)?in\s*\{([^{}]*)\}$/.exec(text);
  if (set === null) return undefined;
  const values = (set[3] ?? '').split(',').map((one) => /^\s*(['"])(.*)\1\s*$/.exec(one)?.[2]);
  if (!values.every((one) => one !== undefined)) return undefined;
  return { key: set[1] ?? '', operator: set[2] === undefined ? 'In' : 'NotIn', values: new Set(values) };
}
