/** An entry of `workloads` in the file: a kind of another project with a pod template. */
export interface WorkloadEntry {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly versions?: readonly string[];
  /** A field path: `spec.template`. */
  readonly template: string;
}

/** The `workloads` of the configuration's schema. */
export const workloadsProperty = {
  description:
    'Kinds of other projects whose objects make Pods from a pod template, for example Rollouts of Argo. Their template is judged when they are applied, as that of a Deployment is. The kinds of Kubernetes itself are always judged. A kind need not be served yet.',
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['group', 'kind', 'resource', 'template'],
    properties: {
      group: {
        description: 'The API group: `argoproj.io`.',
        title: 'an API group (argoproj.io)',
        type: 'string',
        // A DNS subdomain (apiextensions.k8s.io/v1 CustomResourceDefinitionSpec.group).
        pattern: '^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$',
        maxLength: 253,
      },
      kind: {
        description: 'The kind, as objects name it: `Rollout`.',
        title: 'a kind (Rollout)',
        type: 'string',
        pattern: '^[A-Z][A-Za-z0-9]{0,62}$',
      },
      resource: {
        description: 'The plural name under which the API server serves the kind: `rollouts`.',
        title: 'the plural name of a resource, in lower case (rollouts)',
        type: 'string',
        // A DNS label (RFC 1035).
        pattern: '^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$',
      },
      versions: {
        description:
          'The versions of the group in which the template has this path. The default is every version. The API server converts objects of other versions before it calls Ringfence.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: {
          title: 'a version (v1alpha1)',
          type: 'string',
          pattern: '^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$',
        },
      },
      template: {
        description:
          'The path from the object to its pod template, which holds `metadata.labels` and `spec`: `spec.template`. A path cannot lead through a list.',
        title: 'a field path of at most ten steps (spec.template)',
        type: 'string',
        pattern: '^[A-Za-z][-A-Za-z0-9_]{0,62}(?:\\.[A-Za-z][-A-Za-z0-9_]{0,62}){0,9}$',
      },
    },
  },
};
