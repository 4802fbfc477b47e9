import type { RuleText } from './check.ts';

/** The rule on the form of an object. No configuration sets another cap. */
export const readable: RuleText = {
  id: 'readable',
  rule: 'An object has the form of its Kubernetes type, as the API server validates it.',
  remedy: 'Write the field as its Kubernetes type requires.',
  cap: 'enforce',
};
