// Reduces objects of a cluster to the fields that an audit reads, so that ten thousand Pods need
// little memory.
import { isWorkloadKind, kindOf, templatePathOf } from '../kubernetes/kinds.ts';
import { typeOf } from '../kubernetes/pod-templates.ts';
import { isObject, listAt, own, recordOf, valueAt } from '../kubernetes/raw-object.ts';

/** The same object with the fields that an audit reads. Fields of another type stay as they are. */
export function prune(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kind = kindOf(typeOf(object))?.kind;
  const head = pick(object, ['apiVersion', 'kind']);
  if (kind === undefined) return { ...head, ...pruneOther(object) };
  const metadata = pruneMetadata(own(object, 'metadata'));
  if (kind === 'Pod')
    return {
      ...head,
      metadata,
      spec: prunePodSpec(own(object, 'spec')),
      status: pick(own(object, 'status'), ['phase', 'podIP', 'podIPs', 'hostIP', 'hostIPs']),
    };
  if (!isWorkloadKind(kind)) {
    const annotations = pruneAnnotations(own(object, 'metadata'));
    return { ...head, metadata: { ...metadata, annotations }, ...pick(object, ['spec']), status: phaseOf(object) };
  }
  const path = templatePathOf(kind);
  const template = valueAt(object, ...path);
  const pruned = isObject(template) ? pruneTemplate(template) : template;
  const spec = path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), pruned);
  // Those of a StatefulSet say which Pods its rolling update leaves as they are.
  const outer = pick(own(object, 'spec'), ['replicas', 'updateStrategy', 'ordinals']);
  const status = pick(own(object, 'status'), ['currentRevision', 'updateRevision']);
  return { ...head, metadata, spec: { ...outer, ...recordOf(own(spec, 'spec')) }, status };
}

function phaseOf(object: unknown): object {
  return pick(own(object, 'status'), ['phase']);
}

function pruneTemplate(template: Readonly<Record<string, unknown>>): object {
  return { metadata: pick(own(template, 'metadata'), ['labels']), spec: prunePodSpec(own(template, 'spec')) };
}

/** The annotations of Pods and workloads are not read, and may be large. */
function pruneMetadata(metadata: unknown): object {
  return pick(metadata, [
    'name',
    'namespace',
    'uid',
    'labels',
    'ownerReferences',
    'creationTimestamp',
    'deletionTimestamp',
  ]);
}

function prunePodSpec(spec: unknown): unknown {
  if (!isObject(spec)) return spec;
  const containers = (field: string) =>
    listAt(spec, field).map((container) => pick(container, ['name', 'ports', 'restartPolicy']));
  return {
    ...pick(spec, ['hostNetwork', 'serviceAccountName', 'nodeName', 'domain']),
    containers: containers('containers'),
    initContainers: containers('initContainers'),
  };
}

function pruneOther(object: Readonly<Record<string, unknown>>): object {
  // These change with each write, also of the status, and would make it look changed.
  const { managedFields: _, resourceVersion: __, generation: ___, ...metadata } = recordOf(own(object, 'metadata'));
  const kept = { metadata: { ...metadata, annotations: pruneAnnotations(metadata) } };
  switch (own(object, 'kind')) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return {
        ...kept,
        webhooks: listAt(object, 'webhooks').map((one) => ({
          ...pick(one, ['name']),
          clientConfig: pick(own(one, 'clientConfig'), ['service']),
        })),
      };
    case 'CustomResourceDefinition':
      return {
        ...kept,
        spec: {
          conversion: {
            webhook: {
              clientConfig: pick(valueAt(object, 'spec', 'conversion', 'webhook', 'clientConfig'), ['service']),
            },
          },
        },
      };
    case 'APIService':
      return { ...kept, spec: pick(own(object, 'spec'), ['service']) };
    default: {
      const { apiVersion: _apiVersion, kind: _kind, status: _status, ...rest } = object;
      return { ...rest, ...kept };
    }
  }
}

function pruneAnnotations(metadata: unknown): object {
  const { [lastApplied]: _, ...annotations } = recordOf(own(metadata, 'annotations'));
  return annotations;
}

/** The annotation in which kubectl keeps the whole object. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function pick(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const found = own(value, key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}
