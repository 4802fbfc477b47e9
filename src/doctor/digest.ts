// Reduces raw objects to the few fields that the examinations use, so that ten thousand Pods need
// little memory.
import type { RawObject } from '../kubernetes/object-meta.ts';
import { listAt, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import type { Container, DaemonSet, PodFact } from './facts.ts';

/** A mapping of texts; other values are left out. */
export function readLabelMap(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A JSON list of texts, as an annotation has it; undefined for anything else. */
export function readTexts(text: string | undefined): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? '');
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return undefined;
  }
}

export function readDaemonSet(raw: RawObject): DaemonSet {
  const { namespace = '', name = '' } = raw.metadata;
  const count = (field: string): number => Number(valueAt(raw, 'status', field) ?? 0);
  return {
    namespace,
    name,
    containers: listAt(raw, 'spec', 'template', 'spec', 'containers').map(readContainer),
    desired: count('desiredNumberScheduled'),
    ready: count('numberReady'),
  };
}

function readContainer(container: unknown): Container {
  const texts = (field: string): string[] => listAt(container, field).map(String);
  return {
    name: textAt(container, 'name') ?? '',
    image: textAt(container, 'image') ?? '',
    args: [...texts('command'), ...texts('args')],
    env: new Map(
      listAt(container, 'env').map((one) => [
        textAt(one, 'name') ?? '',
        own(one, 'valueFrom') === undefined ? (textAt(one, 'value') ?? '') : undefined,
      ]),
    ),
  };
}

/** Undefined for a Pod that has ended: it has no network any more. */
export function readPod(raw: RawObject): PodFact | undefined {
  const { namespace = '', name = '', labels } = raw.metadata;
  if (['Succeeded', 'Failed'].includes(textAt(raw, 'status', 'phase') ?? '')) return undefined;
  const hostPorts = [...listAt(raw, 'spec', 'containers'), ...listAt(raw, 'spec', 'initContainers')]
    .flatMap((container) => listAt(container, 'ports'))
    .map((port) => Number(valueAt(port, 'hostPort') ?? 0))
    .filter((port) => port > 0);
  const hostNetwork = valueAt(raw, 'spec', 'hostNetwork') === true;
  return { namespace, name, labels: readLabelMap(labels), hostNetwork, hostPorts };
}
