import { identityValue, namespaceName } from './label-schema.ts';

/** One exception in the form of the file. */
export interface ExceptionEntry {
  readonly name: string;
  readonly checks: readonly string[];
  readonly namespace: string;
  readonly workloads: readonly ExceptedEntry[];
  readonly reason: string;
  readonly until: string;
}

/** Has either `kind` and `name`, or `serviceAccount`. */
export interface ExceptedEntry {
  readonly kind?: string;
  readonly name?: string;
  readonly serviceAccount?: string;
}

/** The `exceptions` of the configuration's schema. */
export const exceptionsProperty = {
  description:
    'Checks that are waived for some workloads of a namespace, for a time. A finding is then recorded with the name of the exception, and refuses nothing. An exception is for everyone who may create such objects in its namespace.',
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'checks', 'namespace', 'workloads', 'reason', 'until'],
    properties: {
      name: {
        description: 'The name in the audit line, the log and messages.',
        title: 'a name (at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit)',
        type: 'string',
        pattern: namespaceName.pattern,
      },
      checks: {
        description:
          'The ids of the waived checks, which must be checks on Pods. The gate, the guard of the baseline and permissions cannot be waived.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { title: 'the id of a check', type: 'string', minLength: 1 },
      },
      namespace: { description: 'The full name of the namespace.', ...namespaceName },
      workloads: {
        description: 'What the exception is for: each entry has either `kind` and `name`, or `serviceAccount`.',
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          properties: {
            kind: {
              description:
                'The kind of the workload: a kind with a pod template (also one under `workloads`), or `Pod`. The Pods that the workload makes are meant as well.',
              ...identityValue,
              title: 'a kind',
            },
            name: {
              description:
                'The name of the workload: a regular expression (RE2 syntax) that the whole name must match.',
              title: 'a regular expression of at most 512 characters',
              type: 'string',
              minLength: 1,
              maxLength: 512,
            },
            serviceAccount: {
              description: 'The name of the ServiceAccount of the Pods.',
              title: 'the name of a ServiceAccount',
              type: 'string',
              // core/v1 ServiceAccount: a DNS subdomain.
              pattern: '^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$',
            },
          },
        },
      },
      reason: {
        description: 'Why the exception is needed, for the log and for the next reader.',
        title: 'one line of at most 120 characters',
        type: 'string',
        pattern: '^[^\\r\\n]{1,120}$',
      },
      until: {
        description:
          'The day on which the exception ends, at 00:00 UTC: `2027-01-31`. When the configuration is loaded, it may be at most 180 days ahead. An exception that has ended may stay in the file, and does nothing.',
        title: 'a date (2027-01-31)',
        type: 'string',
        format: 'date',
      },
    },
  },
};
