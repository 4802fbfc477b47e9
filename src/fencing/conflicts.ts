import { diff } from 'node:util';
import { stringify } from 'yaml';
import { own } from '../kubernetes/raw-object.ts';
import { networkPolicyKind } from './locations.ts';
import type { StoredObject } from './ports.ts';

/** A NetworkPolicy with a name of the baseline but not the baseline's specification. */
export interface Conflict {
  readonly found: StoredObject;
  /** The `spec` of the baseline's object of that name. */
  readonly desiredSpec: unknown;
}

/**
 * Shows what the baseline would change, for a person: the name of each object, and then its
 * specification as lines of YAML. `-` marks a line that is removed, `+` a line that is added.
 */
export function explainConflicts(conflicts: readonly Conflict[]): string {
  return conflicts
    .map(({ found, desiredSpec }) => {
      const { namespace = '', name = '' } = found.metadata;
      const [before, after] = [own(found, 'spec'), desiredSpec].map((spec) => toYaml(withoutEmptyLists(spec)));
      const lines = diff((before ?? '').trimEnd().split('\n'), (after ?? '').trimEnd().split('\n'));
      return [
        `NetworkPolicy ${namespace}/${name} has another specification than the baseline:`,
        ...lines.map(([side, line]) => `  ${signs[side]} ${line}`),
      ].join('\n');
    })
    .join('\n');
}

/** Returns the object as a manifest, without the fields that only the API server writes. */
export function asFile({ metadata, ...rest }: StoredObject): object {
  const { name, namespace, labels, annotations = {} } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => key !== lastApplied);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: networkPolicyKind.kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
    },
    spec: own(rest, 'spec'),
  };
}

/** Formats replaced objects as YAML, with a comment that says how to keep what they allow. */
export function formatReplaced(objects: readonly object[]): string {
  const lines = [
    '# As they were before the baseline replaced them. Their names are reserved now.',
    '# NetworkPolicies add up: to keep what one of these allows, apply it under another name.',
  ];
  return `${lines.join('\n')}\n${objects.map((object) => toYaml(object)).join('---\n')}`;
}

/** `kubectl apply` stores a copy of the whole object in this annotation. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The signs of node:util `diff`: 1 is a line of the first text only, -1 of the second only. */
const signs = { '1': '-', '-1': '+', '0': ' ' } as const;

/** Removes empty lists. The API server does not store them, so they are not a difference. */
function withoutEmptyLists(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null) return spec;
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

/** Formats a value as YAML 1.1, which is the version that kubectl reads. */
function toYaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: true });
}
