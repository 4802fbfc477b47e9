import { isWorkloadKind, kinds } from '../kubernetes/kinds.ts';
import { readAddress, readCidr } from '../network/address.ts';
import { type Requirement, type Selector, selects } from '../network/selector.ts';
import { readWorkloadKind } from '../network/workload.ts';
import type { Pod } from '../network/world.ts';
import { nearest } from '../policy/spelling.ts';
import type { Desk } from './desk.ts';
import { isResolved, type ResolvedEnd, type Unresolved } from './end.ts';
import { isServiceKind, resolveService, sayNoService } from './service-end.ts';

/**
 * Finds the ends that a text means: `namespace/pod`, `namespace/kind/name` (the pods of a workload
 * or of a Service), `namespace` (all its pods), a label selector in kubectl's syntax (`tier=web,env
 * in (prod)`, over pods of every namespace), an IP address, or a CIDR. The address of a pod means
 * that pod, and that of a Service the Service. On a desk with a namespace, `pod`, `kind/name` and a
 * label selector are in that namespace, as for kubectl.
 */
export function resolveEnd(written: string, desk: Desk): ResolvedEnd | Unresolved {
  if (written === 'outside' && !isNamed(written, desk)) return { error: outsideIsSource };
  const end = resolveText(qualify(written, desk), desk);
  return isResolved(end) ? { ...end, text: written } : end;
}

function isNamed(word: string, { namespace, inventory, podsOf }: Desk): boolean {
  if (inventory.world.namespaces.has(word)) return true;
  return namespace !== undefined && (inventory.podsByName.has(`${namespace}/${word}`) || podsOf(word).length > 0);
}

const outsideIsSource =
  '"outside" is only a source (from). As a destination, name addresses: an IP or a CIDR such as 0.0.0.0/0';

/** Adds the desk's namespace to a name that has none. */
function qualify(text: string, desk: Desk): string {
  const { namespace, inventory } = desk;
  if (namespace === undefined || readAddress(text) !== undefined || readCidr(text) !== undefined) return text;
  if (readSelector(text) !== undefined) return text;
  const [first = '', ...others] = text.split('/');
  if (others.length === 0)
    return inventory.world.namespaces.has(text) && !inventory.podsByName.has(`${namespace}/${text}`)
      ? text
      : `${namespace}/${text}`;
  return others.length === 1 && isKind(first, namespace, desk) ? `${namespace}/${text}` : text;
}

/** Whether a word is a kind with pods: of Kubernetes, or of an owner in the namespace. */
function isKind(word: string, namespace: string, { inventory, podsOf }: Desk): boolean {
  const kind = readWorkloadKind(word);
  return (
    isServiceKind(word) ||
    kinds.some((one) => (one.kind === 'Pod' || isWorkloadKind(one.kind)) && one.kind.toLowerCase() === kind) ||
    podsOf(namespace).some((pod) => inventory.ownerOf(pod)?.kind === kind)
  );
}

function resolveText(text: string, desk: Desk): ResolvedEnd | Unresolved {
  // Most ends are Pods. Their names are no addresses and no selectors, which take long to rule out.
  const pod = desk.inventory.podsByName.get(text);
  if (pod !== undefined) return podEnds(text, [pod]);
  const address = readAddress(text);
  if (address !== undefined) {
    const service = desk.serviceAt(address);
    return service === undefined
      ? { text, ends: [desk.evaluator.endpointOf(address)] }
      : resolveService(text, service, desk);
  }
  const range = readCidr(text);
  if (range !== undefined) return { text, ends: [{ range }] };
  const selector = readSelector(text);
  if (selector !== undefined) {
    if ('error' in selector) return selector;
    const where = desk.namespace === undefined ? desk.inventory.world.pods : desk.podsOf(desk.namespace);
    const pods = where.filter(({ labels }) => selects(selector, labels));
    const place = desk.namespace === undefined ? '' : ` in namespace ${desk.namespace}`;
    return pods.length > 0 ? podEnds(text, pods) : { error: `no pod${place} has the labels ${text}` };
  }
  const parts = text.split('/');
  const [namespace = '', second = '', third = ''] = parts;
  if (parts.some((part) => part === '') || parts.length > 3)
    return {
      error: `${JSON.stringify(text)} is not namespace/pod, namespace/kind/name, a namespace, labels, or an IP`,
    };
  if (parts.length === 3 && readWorkloadKind(second) === 'pod') return resolveText(`${namespace}/${third}`, desk);
  if (parts.length === 3 && isServiceKind(second)) {
    const service = desk.inventory.services.get(`${namespace}/${third}`);
    return service === undefined
      ? { error: sayNoService(namespace, third, desk) }
      : resolveService(text, service, desk);
  }
  const name = parts.length === 3 ? `${namespace}/${readWorkloadKind(second)}/${third}` : text;
  const pods = desk.podsOf(name);
  return pods.length > 0 ? podEnds(text, pods) : { error: sayMissing(name, parts.length, desk) };
}

function podEnds(text: string, pods: readonly Pod[]): ResolvedEnd {
  return { text, ends: pods.map((pod) => ({ pod })) };
}

function sayMissing(name: string, parts: number, { inventory, podsOf }: Desk): string {
  const absent = inventory.absent.get(name);
  if (absent !== undefined) return `${name} ${absent}`;
  const [namespace = ''] = name.split('/');
  const namespaces = [...inventory.world.namespaces.keys()];
  if (!inventory.world.namespaces.has(namespace))
    return `there is no namespace ${namespace} here${suggest(namespace, namespaces)}`;
  if (parts === 1) return `namespace ${name} holds no pods`;
  const known = podsOf(namespace).flatMap((pod) => {
    const owner = inventory.ownerOf(pod);
    const own = [`${namespace}/${pod.name}`];
    return owner === undefined ? own : [`${namespace}/${owner.kind}/${owner.name}`, ...own];
  });
  const last = name.slice(name.lastIndexOf('/'));
  const same = known.find((one) => one.endsWith(last));
  const meant = same === undefined ? suggest(name, known) : `; did you mean ${same}?`;
  return `there is no ${parts === 2 ? 'pod' : 'workload'} ${name} here${meant}`;
}

function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/**
 * Reads a label selector in kubectl's syntax (k8s.io/apimachinery pkg/labels Parse). Returns
 * undefined for a text that is not a selector, such as a name.
 */
function readSelector(text: string): Selector | { readonly error: string } | undefined {
  if (!/[=!()]|\s(not)?in\s/.test(text)) return undefined;
  const requirements: Requirement[] = [];
  // A comma inside parentheses separates values, not requirements.
  for (const part of text.split(/,(?![^(]*\))/)) {
    const requirement = readRequirement(part.trim());
    if (requirement === undefined) return { error: `${JSON.stringify(part.trim())} is not a label selector` };
    requirements.push(requirement);
  }
  return { requirements };
}

const key = String.raw`[\w./-]+`;
const value = String.raw`[\w.-]*`;

function readRequirement(text: string): Requirement | undefined {
  const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*(${value})$`).exec(text);
  if (equality !== null)
    return {
      key: equality[1] ?? '',
      operator: equality[2] === '!=' ? 'NotIn' : 'In',
      values: new Set([equality[3] ?? '']),
    };
  const set = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`).exec(text);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((one) => one.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values: new Set(values) };
  }
  const presence = new RegExp(`^(!?)\\s*(${key})$`).exec(text);
  if (presence === null) return undefined;
  return { key: presence[2] ?? '', operator: presence[1] === '!' ? 'DoesNotExist' : 'Exists', values: new Set() };
}
