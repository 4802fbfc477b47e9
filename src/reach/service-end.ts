import { isBehind, type Service } from '../network/service.ts';
import { nearest } from '../policy/spelling.ts';
import type { Desk } from './desk.ts';
import type { End, ResolvedEnd, Unresolved } from './end.ts';

/** Whether a word is the kind Service as kubectl writes it. */
export function isServiceKind(word: string): boolean {
  return /^(svc|services?)$/i.test(word);
}

/**
 * The pods behind a Service: those that its selector selects, ready or not, or else what its
 * EndpointSlices name.
 */
export function resolveService(text: string, service: Service, desk: Desk): ResolvedEnd | Unresolved {
  const { namespace, type, externalName, selector, isHeadless } = service;
  const name = `Service ${namespace}/${service.name}`;
  if (type === 'ExternalName')
    return { error: `${name} stands for ${externalName ?? 'a DNS name'}: ask about an address, which policies know` };
  const ends = selector === undefined ? endpointsOf(service, desk) : podsBehind(service, desk);
  if (ends.length === 0)
    return {
      error:
        selector === undefined
          ? `${name} has no selector, and no EndpointSlice here says who answers it`
          : `${name} selects no Pod here`,
    };
  const remark = isHeadless ? { remark: `${name} is headless: a port number is that of its Pods` } : {};
  return { text, ends, service, ...remark };
}

/** Why there is no such Service: a clause. */
export function sayNoService(namespace: string, name: string, { inventory }: Desk): string {
  const names = [...inventory.services.keys()];
  const near = nearest(`${namespace}/${name}`, names);
  return `there is no Service ${namespace}/${name} here${near === undefined ? '' : `; did you mean ${near.replace('/', '/service/')}?`}`;
}

function podsBehind(service: Service, desk: Desk): readonly End[] {
  return desk.podsOf(service.namespace).flatMap((pod): End[] => (isBehind(service, pod.labels) ? [{ pod }] : []));
}

function endpointsOf({ endpoints }: Service, desk: Desk): readonly End[] {
  const ends = new Map<unknown, End>();
  for (const { address, pod } of endpoints) {
    const named = pod === undefined ? undefined : desk.inventory.podsByName.get(pod);
    const end = named === undefined ? desk.evaluator.endpointOf(address) : { pod: named };
    ends.set('pod' in end ? end.pod : `${address.family} ${address.value}`, end);
  }
  return [...ends.values()];
}
