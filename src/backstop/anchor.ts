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
 * Builds a policy that checks nothing, and that stays when the others are removed. Before 1.37, an
 * API server that is without a binding with NetworkPolicy parameters for a second does not see
 * later NetworkPolicies until it restarts (kubernetes/kubernetes#133827). A backstop that is
 * removed and installed again would then refuse every Pod. Therefore this policy does not carry the
 * label by which the others are removed.
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
          // This is the virtual resource of the permissions. It is not served, so no request
          // matches.
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
