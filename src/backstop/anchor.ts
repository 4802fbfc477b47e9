import { denyAllName } from '../baseline/names.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  nothing,
  type ValidatingBinding,
  type ValidatingPolicy,
} from './manifest.ts';

/**
 * A policy that asks nothing, and is to stay when the others go. Before 1.37, an API server that
 * loses its last binding with NetworkPolicy parameters for a second knows of no NetworkPolicy made
 * later until it restarts (kubernetes/kubernetes#133827): a backstop that is taken away and put
 * back would bar every Pod. So it does not carry the label by which the others are taken away.
 */
export function buildAnchor({ config }: Backing): readonly [ValidatingPolicy, ValidatingBinding] {
  const { labels, ...rest } = buildMetadata('networkpolicy-parameters', config);
  const metadata = { ...rest, labels: { 'app.kubernetes.io/name': labels['app.kubernetes.io/name'] } };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        paramKind: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
        matchConstraints: {
          // The virtual resource of the permissions: nobody serves it, so no request is ever about
          // it.
          resourceRules: [
            {
              apiGroups: ['ringfence.dev'],
              apiVersions: ['v1'],
              resources: ['fences'],
              operations: ['CREATE'],
              scope: 'Cluster',
            },
          ],
        },
        validations: [nothing],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: metadata.name,
        validationActions: ['Audit'],
        paramRef: { name: denyAllName, parameterNotFoundAction: 'Allow' },
      },
    },
  ];
}
