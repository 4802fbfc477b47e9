import type { Check } from '../check.ts';
import { crossEnvironment } from './cross-environment.ts';
import { egressBroadCidr } from './egress-broad-cidr.ts';
import { egressToAnyone } from './egress-to-anyone.ts';
import { egressToApiServer } from './egress-to-api-server.ts';
import { egressToMetadata } from './egress-to-metadata.ts';
import { egressWithoutDns } from './egress-without-dns.ts';
import { exposesUnexposed } from './exposes-unexposed.ts';
import { flowMatrix } from './flow-matrix.ts';
import { hostNetwork } from './host-network.ts';
import { ingressBroadCidr } from './ingress-broad-cidr.ts';
import { ingressFromAnyone } from './ingress-from-anyone.ts';
import { internalExpose } from './internal-expose.ts';
import { internalExposed } from './internal-exposed.ts';
import { labelAgreement } from './label-agreement.ts';
import { labelValues } from './label-values.ts';
import { missingTemplate } from './missing-template.ts';
import { modeValue } from './mode-value.ts';
import { namespaceExposure } from './namespace-exposure.ts';
import { namespaceSelectorAsInternet } from './namespace-selector-as-internet.ts';
import { noEffect } from './no-effect.ts';
import { policyTypes } from './policy-types.ts';
import { requiredLabels } from './required-labels.ts';
import { unanchoredIdentity } from './unanchored-identity.ts';
import { ungovernedSelector } from './ungoverned-selector.ts';
import { unknownTaxonomyValue } from './unknown-taxonomy-value.ts';

/** Every check, in the order of the ids. */
export const checks: readonly Check[] = [
  crossEnvironment,
  egressBroadCidr,
  egressToAnyone,
  egressToApiServer,
  egressToMetadata,
  egressWithoutDns,
  exposesUnexposed,
  flowMatrix,
  hostNetwork,
  ingressBroadCidr,
  ingressFromAnyone,
  internalExpose,
  internalExposed,
  labelAgreement,
  labelValues,
  missingTemplate,
  modeValue,
  namespaceExposure,
  namespaceSelectorAsInternet,
  noEffect,
  policyTypes,
  requiredLabels,
  unanchoredIdentity,
  ungovernedSelector,
  unknownTaxonomyValue,
];
