import type { Mode } from '../policy/mode.ts';
import type { Role } from '../policy/taxonomy.ts';
import { type BaselineFile, baselineProperty } from './baseline-schema.ts';
import type { AuditLog, ReportsApi } from './config.ts';
import { type ExceptionEntry, exceptionsProperty } from './exception-schema.ts';
import { identityValue, labelKey, labelValue, longPrefix, namespaceNames } from './label-schema.ts';
import { type NetworkFile, networkProperties } from './network-schema.ts';
import { type WorkloadEntry, workloadsProperty } from './workload-schema.ts';

export const configApiVersion = 'ringfence.dev/v1alpha1';
export const configKind = 'Configuration';

/** A valid configuration file. Everything except `apiVersion` and `kind` is optional. */
export interface ConfigFile extends NetworkFile {
  readonly apiVersion: typeof configApiVersion;
  readonly kind: typeof configKind;
  readonly mode?: Mode;
  readonly taxonomy?: Readonly<Record<string, TaxonomyKeyEntry | null>>;
  readonly required?: Readonly<Partial<Record<Role, readonly string[]>>>;
  readonly exempt?: { readonly namespaces?: readonly string[] };
  readonly checks?: Readonly<Record<string, Mode>>;
  readonly baseline?: BaselineFile;
  readonly workloads?: readonly WorkloadEntry[];
  readonly exceptions?: readonly ExceptionEntry[];
  readonly inherit?: boolean;
  readonly backstop?: boolean;
  readonly webhooks?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly otherPolicies?: boolean;
  readonly audit?: { readonly log?: AuditLog };
  readonly reports?: ReportsApi;
}

/** One key of the taxonomy in the file. It has either `values` or `pattern`. */
export interface TaxonomyKeyEntry {
  readonly values?: readonly string[];
  readonly pattern?: string;
  readonly patternText?: string;
  readonly agrees?: boolean;
  readonly hint?: string;
  readonly suggest?: string;
}

const mode = { type: 'string', enum: ['observe', 'warn', 'enforce'] };
// kubectl shows these texts beside the key, so they have one line, at most as wide as a terminal.
const oneLine = { title: 'one line of at most 120 characters', type: 'string', pattern: '^[^\\r\\n]{1,120}$' };
const keys = (description: string) => ({ description, type: 'array', items: labelKey, uniqueItems: true });

// The keys of ringfence.dev are Ringfence's own, such as the proof that the API server reaches it.
const foreignKey = {
  ...labelKey,
  title: `${labelKey.title}, not of ringfence.dev`,
  not: { pattern: `${longPrefix}|^ringfence\\.dev/` },
};

/**
 * The JSON Schema (draft 2020-12) of the configuration file. The reference documentation is made
 * from the descriptions.
 */
export const configSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://ringfence.dev/schemas/config.schema.json',
  title: 'Ringfence configuration',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { description: 'The version of this format.', const: configApiVersion },
    kind: { description: 'The kind of this file.', const: configKind },
    mode: { description: "The cluster's mode, which decides what happens to findings.", ...mode },
    taxonomy: {
      description:
        'The label keys that carry identity. An entry changes the fields of a default key or adds a key. `KEY: null` removes a default key. New `values` or a new `pattern` also drop the default `hint` and `suggest`.',
      type: 'object',
      propertyNames: labelKey,
      additionalProperties: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          values: {
            description: 'The allowed values, in the order in which messages print them. Use either this or `pattern`.',
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: identityValue,
          },
          pattern: {
            description:
              'A regular expression (RE2 syntax: no lookaround, no backreferences) that the whole value must match. Use either this or `values`.',
            title: 'a regular expression of at most 512 characters',
            type: 'string',
            minLength: 1,
            // Label values have at most 63 characters. A longer expression should be a list of
            // values.
            maxLength: 512,
          },
          patternText: {
            description: 'A description that messages print instead of the pattern, for example `a DNS label`.',
            ...oneLine,
          },
          agrees: {
            description:
              'Whether the value on a Pod, pod template or NetworkPolicy must equal the value of its namespace. The default for a new key is `false`.',
            type: 'boolean',
          },
          hint: { description: 'The text for a missing label.', ...oneLine },
          suggest: {
            description:
              'The allowed value that a fix proposes if it has no better one. With `inherit: true`, a required label that need not agree gets it on Pods and pod templates if it is `"false"`.',
            ...identityValue,
          },
        },
      },
    },
    required: {
      description:
        'The label keys that each kind must carry. A list replaces the default list. Keys that `taxonomy` removes are also removed from the default lists.',
      type: 'object',
      additionalProperties: false,
      properties: {
        Namespace: keys('Required on a Namespace.'),
        Pod: keys('Required on a Pod and on every pod template.'),
        NetworkPolicy: keys('Required on a NetworkPolicy.'),
      },
    },
    exempt: {
      description: 'The objects that are not judged.',
      type: 'object',
      additionalProperties: false,
      properties: {
        namespaces: {
          description:
            "Full names, or prefixes such as `openshift-*`, of namespaces whose Pods, workloads and NetworkPolicies are not judged. To create a namespace of such a name, a user needs the permission `exempt`. kube-system, kube-public, kube-node-lease and Ringfence's own are always exempt.",
          type: 'array',
          uniqueItems: true,
          items: namespaceNames,
        },
      },
    },
    checks: {
      description:
        'The caps of single checks, by id. The action for a finding is the milder of the cap and the effective mode. Other checks keep their own cap.',
      type: 'object',
      additionalProperties: mode,
    },
    workloads: workloadsProperty,
    exceptions: exceptionsProperty,
    inherit: {
      description:
        'Whether Pods, pod templates and NetworkPolicies get missing labels that must agree with their namespace. Pods and pod templates also get required labels whose `suggest` is `"false"` (`expose`). Use it for charts and operators that you cannot edit. The mutating webhook for this exists only while this is `true`.',
      type: 'boolean',
    },
    backstop: {
      description:
        'Whether the policies of `ringfence manifests --backstop` are installed. The API server evaluates them before any validating webhook. With `true`, Ringfence therefore also answers in the mutating phase: it makes a missing baseline in time, and people read its message.',
      type: 'boolean',
    },
    webhooks: {
      description:
        'Labels and annotations of both webhook configurations, for other controllers in the cluster. On AKS, the annotation `admissions.enforcer/disabled: "true"` keeps the admissions enforcer from adding its own requirements. What you remove here stays on the objects until you remove it there.',
      type: 'object',
      additionalProperties: false,
      properties: {
        labels: {
          description: 'Labels to add.',
          type: 'object',
          propertyNames: foreignKey,
          additionalProperties: labelValue,
        },
        annotations: {
          description: 'Annotations to add.',
          type: 'object',
          propertyNames: foreignKey,
          additionalProperties: { type: 'string' },
        },
      },
    },
    otherPolicies: {
      description:
        'Whether policies of other kinds that can open a fenced namespace (CiliumNetworkPolicy, GlobalNetworkPolicy, ClusterNetworkPolicy and others) need the permission `open`. Use `false` if something else decides who may write them.',
      type: 'boolean',
    },
    audit: {
      description: 'The audit lines.',
      type: 'object',
      additionalProperties: false,
      properties: {
        log: {
          description:
            'Which decisions get an audit line. `findings` leaves out requests that are allowed and of which there is nothing to say. Refusals, warnings, recorded findings, permissions that were used, and exceptions always get one. The metrics count every decision.',
          type: 'string',
          enum: ['all', 'findings'],
        },
      },
    },
    reports: {
      description:
        'Where `ringfence audit --publish` writes its reports: as Report of openreports.io, or as PolicyReport of wgpolicyk8s.io. The CRD must be there.',
      type: 'string',
      enum: ['openreports', 'policyreport', 'off'],
    },
    baseline: baselineProperty,
    ...networkProperties,
  },
};
