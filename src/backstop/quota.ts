// The guard of ResourceQuotas. A quota without room for the baseline has the effect of a deletion.

import { baselineParts } from '../baseline/desired.ts';
import { list, text } from '../kubernetes/cel.ts';
import { outsidePrefixes, quotaChanges } from '../kubernetes/conditions.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import { networkPolicyCount, resourceQuotas } from '../kubernetes/rules.ts';
import { isMarked } from '../policy/mode.ts';
import { isPermitted, neededText } from './identity.ts';
import { buildValidation } from './judgement.ts';
import { apiVersion, type Backing, buildMetadata, type ValidatingBinding, type ValidatingPolicy } from './manifest.ts';

/** Builds the guard of ResourceQuotas, which denies in every mode, in namespaces with the mark. */
export function buildQuotaGuard({ config }: Backing): readonly [ValidatingPolicy, ValidatingBinding] {
  const metadata = buildMetadata('baseline-quota', config);
  const needed = baselineParts(config).length;
  const tooFew = list(Array.from({ length: needed }, (_, count) => String(count)));
  const says = `${networkPolicyCount} leaves no room for the baseline, which is ${needed} NetworkPolicies`;
  const policy: ValidatingPolicy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [outsideOf(config.exemptNamespaces), isMarked],
        },
        resourceRules: [resourceQuotas],
      },
      matchConditions: [...outsidePrefixes(config.exemptPrefixes), quotaChanges],
      variables: [
        { name: 'title', expression: '"ResourceQuota " + request.namespace + "/" + object.metadata.name' },
        {
          name: 'count',
          expression: `dyn(object).spec.?hard[?${text(networkPolicyCount)}].orValue("")`,
        },
      ],
      validations: [
        buildValidation(
          'baseline-guard',
          `!(variables.count in ${tooFew}) || ${isPermitted('fences', 'request.namespace', 'breach')}`,
          {
            says: `${text(`${says}; `)} + ${neededText('fences', 'request.namespace', 'breach')}`,
            short: says,
          },
        ),
      ],
    },
  };
  return [
    policy,
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
}
