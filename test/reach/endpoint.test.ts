import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/network/range-text.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { resolveEnd } from '../../src/reach/endpoint.ts';
import { endName } from '../../src/reach/reasons.ts';
import { shop } from './shop.ts';

const desk = shop();

function resolve(text: string, where: Desk = desk): readonly string[] | string {
  const end = resolveEnd(text, where);
  if ('error' in end) return end.error;
  return end.ends.map((one) => ('range' in one ? formatRange(one.range) : endName(one)));
}

describe('an end of a question', () => {
  it.each<[string, string, readonly string[]]>([
    ['a pod', 'front/web-1', ['front/web-1']],
    ['a pod with its kind', 'front/pod/web-1', ['front/web-1']],
    ['a workload', 'front/statefulset/web', ['front/web-1', 'front/web-2']],
    ['a workload by its short name', 'front/sts/web', ['front/web-1', 'front/web-2']],
    ['a workload as people write kinds', 'front/StatefulSets/web', ['front/web-1', 'front/web-2']],
    ['a namespace', 'front', ['front/web-1', 'front/web-2', 'front/batch']],
    ['labels', 'app=api', ['back/api', 'back/unborn']],
    ['several requirements', 'app in (web, batch),app!=batch', ['front/web-1', 'front/web-2']],
    ['a value that must not be', 'app notin (web,batch,agent)', ['back/api', 'back/unborn']],
    ['an address outside', '192.0.2.1', ['192.0.2.1']],
    ['an address of version 6', '2001:db8::1', ['2001:db8::1']],
    ['the address of a pod, which is the pod', '10.0.1.1', ['back/api']],
    ['a block of addresses', '10.0.0.0/8', ['10.0.0.0/8']],
    ['the address of a host network, which is the node', '192.168.0.1', ['192.168.0.1']],
  ])('may be %s', (_, text, ends) => {
    expect(resolve(text)).toEqual(ends);
  });

  it.each<[string, string]>([
    ['front/web', 'there is no pod front/web here; did you mean front/statefulset/web?'],
    ['front/deploy/web', 'there is no workload front/deployment/web here; did you mean front/statefulset/web?'],
    ['frnt/web-1', 'there is no namespace frnt here; did you mean front?'],
    ['back/done', 'back/done has finished: it sends and receives nothing'],
    ['app=nobody', 'no pod has the labels app=nobody'],
    ['app=a=b', '"app=a=b" is not a label selector'],
    ['a//b', '"a//b" is not namespace/pod, namespace/kind/name, a namespace, labels, or an IP'],
    ['a/b/c/d', '"a/b/c/d" is not namespace/pod, namespace/kind/name, a namespace, labels, or an IP'],
  ])('that means nothing says so: %s', (text, error) => {
    expect(resolve(text)).toBe(error);
  });

  it.each<[string, string, readonly string[] | string]>([
    ['a pod', 'web-1', ['front/web-1']],
    ['a workload', 'sts/web', ['front/web-1', 'front/web-2']],
    ['a pod with its kind', 'pod/batch', ['front/batch']],
    ['labels, of its pods only', 'app!=batch', ['front/web-1', 'front/web-2']],
    ['another namespace', 'back', ['back/api', 'back/unborn']],
    ['what names its own namespace', 'back/api', ['back/api']],
    ['an address', '192.0.2.1', ['192.0.2.1']],
    ['nothing', 'web', 'there is no pod front/web here; did you mean front/statefulset/web?'],
    ['labels of nobody', 'app=api', 'no pod in namespace front has the labels app=api'],
  ])('is in the namespace of the desk where it names none: %s', (_, text, ends) => {
    expect(resolve(text, shop(undefined, {}, { namespace: 'front' }))).toEqual(ends);
  });
});
