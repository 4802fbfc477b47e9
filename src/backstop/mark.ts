import { list, text } from '../kubernetes/cel.ts';
import { hasPrefix, notBuiltIn } from '../kubernetes/conditions.ts';
import { rulesOf } from '../kubernetes/rules.ts';
import { fenceMark, modeLabel } from '../policy/mode.ts';
import { apiVersion, type Backing, buildMetadata, type MutatingBinding, type MutatingPolicy } from './manifest.ts';

/**
 * Builds the policy that marks new namespaces: all of them if the cluster enforces, otherwise those
 * whose own mode is enforce. It fails open, because the validating policy refuses a namespace
 * without the mark.
 */
export function buildMark({ config }: Backing): readonly [MutatingPolicy, MutatingBinding] {
  const metadata = buildMetadata('mark', config);
  const labels = 'object.metadata.?labels.orValue({})';
  // The generateName counts if the API server has not made the name yet.
  const named = 'object.metadata.?name.orValue(object.metadata.?generateName.orValue(""))';
  return [
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: { resourceRules: rulesOf(['Namespace'], ['CREATE']) },
        matchConditions: [
          notBuiltIn,
          {
            name: 'not-exempt',
            expression: `!(object.metadata.?name.orValue("") in ${list(config.exemptNamespaces)})`,
          },
          ...(config.exemptPrefixes.length === 0
            ? []
            : [{ name: 'outside-prefixes', expression: `!${hasPrefix(named, config.exemptPrefixes)}` }]),
          { name: 'not-marked', expression: `!(${text(fenceMark)} in ${labels})` },
          ...(config.mode === 'enforce'
            ? []
            : [{ name: 'enforces', expression: `${labels}[?${text(modeLabel)}].orValue("") == "enforce"` }]),
        ],
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression: `Object{metadata: Object.metadata{labels: {${text(fenceMark)}: "true"}}}`,
            },
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name },
    },
  ];
}
