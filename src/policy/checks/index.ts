import type { Check } from '../check.ts';
import { hostNetwork } from './host-network.ts';
import { internalExpose } from './internal-expose.ts';
import { labelAgreement } from './label-agreement.ts';
import { labelValues } from './label-values.ts';
import { modeValue } from './mode-value.ts';
import { namespaceExposure } from './namespace-exposure.ts';
import { requiredLabels } from './required-labels.ts';

/** Every check, in the order of their ids: one line per rule. */
export const checks: readonly Check[] = [
  hostNetwork,
  internalExpose,
  labelAgreement,
  labelValues,
  modeValue,
  namespaceExposure,
  requiredLabels,
];
