// What the backstop holds and where it ends: docs/backstop.md is written from this, and the tests hold the builders and the engine to it.

/** How far the backstop holds one rule. */
export interface Coverage {
  /** The id of a check, or of what is judged beside the checks. */
  readonly rule: string;
  readonly held: boolean;
  /** Where it says nothing, or something else than the webhook; empty where the two say the same. */
  readonly beyond: string;
}

const binding = 'A Binding is judged by its own labels: those of its Pod are not in the request, so';
const standing = `${binding} a wrong value that the Pod has already is refused once more.`;
const identities =
  'What a rule opens is worked out over every identity that its selectors allow: that takes the engine.';
const ranges = 'It takes the sum of address ranges, which CEL cannot make.';
const others = 'It takes the other NetworkPolicies of the namespace; an expression sees one object.';
const advice = 'Unless the configuration says otherwise it warns and never refuses; it is left to the engine.';

/** Every rule, the checks first, each in the order of the ids. */
export const coverage: readonly Coverage[] = [
  { rule: 'cross-environment', held: false, beyond: identities },
  { rule: 'egress-broad-cidr', held: false, beyond: ranges },
  { rule: 'egress-to-anyone', held: false, beyond: ranges },
  { rule: 'egress-to-metadata', held: false, beyond: advice },
  { rule: 'egress-without-dns', held: false, beyond: others },
  { rule: 'exposes-unexposed', held: false, beyond: identities },
  {
    rule: 'flow-matrix',
    held: false,
    beyond: `${identities} Nor is it asked what existing policies open once a namespace has other labels.`,
  },
  { rule: 'host-network', held: true, beyond: '' },
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
  { rule: 'mode-value', held: true, beyond: '' },
  { rule: 'namespace-exposure', held: true, beyond: standing },
  { rule: 'namespace-selector-as-internet', held: false, beyond: advice },
  { rule: 'no-effect', held: false, beyond: others },
  { rule: 'required-labels', held: true, beyond: '' },
  { rule: 'ungoverned-selector', held: false, beyond: advice },
  {
    rule: 'unknown-taxonomy-value',
    held: true,
    beyond:
      'A NetworkPolicy with some thousands of selector values costs more than an expression may, and is refused for that.',
  },
  {
    rule: 'baseline-gate',
    held: true,
    beyond:
      'It cannot make the wall, so a Pod is refused until it stands; a dry run too, which the webhook admits. Where there is no wall the API server has its own words, and only the binding’s name is ours.',
  },
  {
    rule: 'baseline-guard',
    held: true,
    beyond:
      'Whether a Pod is left in a namespace that ends cannot be asked: there Kubernetes’ namespace controller may delete the baseline, in which it keeps the order since 1.34, and nobody else may without `breach`.',
  },
  {
    rule: 'claim',
    held: true,
    beyond:
      'A permission costs 350,000 of the 10,000,000 that a policy may: more than some 27 identity labels claimed at once are refused for that.',
  },
  { rule: 'exempt', held: true, beyond: '' },
  { rule: 'fence', held: true, beyond: '' },
  { rule: 'fence-mark', held: true, beyond: '' },
  { rule: 'lower', held: true, beyond: '' },
  {
    rule: 'readable',
    held: false,
    beyond: 'Policies are asked about objects that the API server has read: there is no other form.',
  },
  { rule: 'relabel', held: true, beyond: '' },
];

/** What holds for every rule. */
export const limits: readonly string[] = [
  'A refusal names everything that is wrong with an object’s labels, but what is refused for another reason (the gate, the baseline, a permission) is refused for that alone. There is no fix to copy, and no spelling is suggested.',
  'The labels of a namespace, and its wall, are what the API server last heard of them: a few milliseconds old, never read live.',
  'What stood before an update passes without the warning that the webhook gives.',
  'Of several findings that are only recorded, the API server’s audit log keeps one for each request, and its own log mentions the others. There is no audit line of ours, no metric, no Event.',
  'Where the mode is `warn` and the webhook is there, both warn.',
  'Nothing is repaired: the baseline is held as it is until Ringfence is back.',
];
