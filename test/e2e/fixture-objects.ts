// The fixtures of the checks as requests for an API server: in a namespace with their facts, and
// with the fields that a file may omit.
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isWorkloadKind } from '../../src/kubernetes/kinds.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import type { Home } from './generated-objects.ts';
import type { Manifest } from './objects.ts';

interface Fixture {
  readonly object: Manifest;
  readonly namespace?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly fenced?: boolean;
    readonly unknown?: string;
  };
  readonly template?: string;
}

/**
 * Every fixture except those of an unknown namespace, which a cluster does not have, and of kinds
 * that are not served.
 */
export const fixtures: readonly { readonly home: Home; readonly object: Manifest }[] = globSync(
  'test/fixtures/*/*/*.yaml',
)
  .sort()
  .map((file) => parse(readFileSync(file, 'utf8')) as Fixture)
  .filter(({ namespace, template }) => namespace?.unknown === undefined && template === undefined)
  .map(({ object, namespace = {} }, index) => {
    const name = `fixture-${index}`;
    const labels = { ...namespace.labels, ...(namespace.fenced === true ? { [fenceMark]: 'true' } : {}) };
    return { home: { name, labels }, object: complete(object, name) };
  });

function complete(object: Manifest, namespace: string): Manifest {
  const metadata = { ...(object['metadata'] as object) };
  if (object.kind === 'Namespace') return { ...object, metadata: { ...metadata, name: `new-${namespace}` } };
  const placed = { ...object, metadata: { ...metadata, namespace } };
  if (!isWorkloadKind(object.kind)) return placed;
  const spec = structuredClone(object['spec']) as Spec;
  const template = spec.jobTemplate?.spec.template ?? spec.template;
  if (template === undefined) return placed;
  if (spec.jobTemplate !== undefined) return { ...placed, spec: withRestart(spec, template) };
  template.metadata.labels['app'] = 'web';
  return {
    ...placed,
    spec: {
      ...spec,
      serviceName: object.kind === 'StatefulSet' ? 'web' : undefined,
      selector: { matchLabels: { app: 'web' } },
    },
  };
}

function withRestart(spec: Spec, template: Template): Spec {
  template.spec['restartPolicy'] = 'Never';
  return spec;
}

interface Template {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: Record<string, unknown>;
}

interface Spec {
  readonly template?: Template;
  readonly jobTemplate?: { readonly spec: { readonly template: Template } };
}
