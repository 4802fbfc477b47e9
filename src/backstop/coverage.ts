// The rules that the backstop contains, and its limits. The tables of docs/backstop.md are made
// from this file, and tests compare it with the builders and the engine.

/** How the backstop covers one rule. */
export interface Coverage {
  /** The id of a check or of another rule. */
  readonly rule: string;
  readonly held: boolean;
  /** The cases in which its verdict differs from the webhook's; empty if there are none. */
  readonly beyond: string;
}

const binding = 'A Binding is judged by its own labels, because the request does not contain those of its Pod. So';
const standing = `${binding} a wrong value that the Pod already has is refused again.`;
const identities = 'Only the engine can compute what a rule opens for every identity that its selectors allow.';
const ranges = 'The check needs the sum of address ranges, which CEL cannot compute.';
const others = 'The check needs the other NetworkPolicies of the namespace, but an expression sees one object.';
const advice = 'By default the check only warns and never refuses, so it is left to the engine.';

/** Every rule: first the checks, then the others, each in the order of the ids. */
export const coverage: readonly Coverage[] = [
  { rule: 'cross-environment', held: false, beyond: identities },
  { rule: 'egress-broad-cidr', held: false, beyond: ranges },
  { rule: 'egress-to-anyone', held: false, beyond: ranges },
  { rule: 'egress-to-api-server', held: false, beyond: advice },
  { rule: 'egress-to-metadata', held: false, beyond: advice },
  { rule: 'egress-without-dns', held: false, beyond: others },
  { rule: 'exposes-unexposed', held: false, beyond: identities },
  {
    rule: 'flow-matrix',
    held: false,
    beyond: `${identities} Existing policies are not judged again when a namespace gets other labels.`,
  },
  {
    rule: 'host-network',
    held: true,
    beyond: 'In namespaces that are not fenced the check only warns, so there it is left to the engine.',
  },
  { rule: 'ingress-broad-cidr', held: false, beyond: ranges },
  { rule: 'ingress-from-anyone', held: false, beyond: ranges },
  {
    rule: 'internal-expose',
    held: true,
    beyond: `${binding} \`internal\` on the one and \`expose\` on the other passes.`,
  },
  { rule: 'internal-exposed', held: false, beyond: identities },
  { rule: 'label-agreement', held: true, beyond: standing },
  { rule: 'label-values', held: true, beyond: standing },
  { rule: 'missing-template', held: false, beyond: advice },
  { rule: 'mode-value', held: true, beyond: '' },
  { rule: 'namespace-exposure', held: true, beyond: standing },
  { rule: 'namespace-selector-as-internet', held: false, beyond: advice },
  { rule: 'no-effect', held: false, beyond: others },
  { rule: 'policy-types', held: false, beyond: advice },
  { rule: 'required-labels', held: true, beyond: '' },
  { rule: 'unanchored-identity', held: false, beyond: advice },
  { rule: 'ungoverned-selector', held: false, beyond: advice },
  {
    rule: 'unknown-taxonomy-value',
    held: true,
    beyond:
      'A NetworkPolicy with thousands of selector values exceeds the cost limit of an expression and is refused for that.',
  },
  {
    rule: 'baseline-gate',
    held: true,
    beyond:
      'It cannot make the baseline, so a Pod is refused until the baseline exists. It also refuses dry runs, which the webhook admits. If the baseline is missing, the message is the API server’s own, and only the name of the binding is Ringfence’s.',
  },
  {
    rule: 'baseline-guard',
    held: true,
    beyond:
      'It cannot check whether a terminating namespace still has a Pod. There, Kubernetes’ namespace controller may delete the baseline (since 1.34 it deletes Pods first). Everyone else needs `breach`. It cannot look at the objects of a namespace that gets the mark. It does not know when a trial is over.',
  },
  {
    rule: 'claim',
    held: true,
    beyond:
      'Each permission check costs 350,000 of the 10,000,000 cost units of a policy, so more than about 27 identity labels in one request are refused.',
  },
  { rule: 'exempt', held: true, beyond: '' },
  {
    rule: 'exposed-unexpected',
    held: false,
    beyond: 'It needs other objects, but an expression sees one.',
  },
  { rule: 'fence', held: true, beyond: '' },
  { rule: 'fence-mark', held: true, beyond: '' },
  { rule: 'lower', held: true, beyond: '' },
  { rule: 'never-fenced', held: true, beyond: '' },
  { rule: 'other-policy', held: true, beyond: '' },
  {
    rule: 'readable',
    held: false,
    beyond: 'The API server evaluates policies on objects that it has already parsed, so this cannot occur.',
  },
  { rule: 'relabel', held: true, beyond: '' },
  { rule: 'trial', held: true, beyond: '' },
];

/** The limits that apply to every rule. */
export const limits: readonly string[] = [
  'A refusal names every problem with the labels of an object. A refusal for another reason (the gate, the baseline, a permission) names only that reason. There is no fix to copy and no spelling hint.',
  'The labels of a namespace and its baseline come from the API server’s cache. They are a few milliseconds old and never read live.',
  'A violation that existed before an update passes without the webhook’s warning.',
  'If several findings are only recorded, the API server’s audit log keeps one for each request, and its own log mentions the others. There is no audit line of Ringfence, no metric and no Event.',
  'In `warn`, if the webhook is installed, both warn.',
  'An exception ends for what is created. An update of a workload from before that day still passes, because an expression knows no other time than that of the creation.',
  'Nothing is repaired. The baseline stays as it is until Ringfence is back.',
];
