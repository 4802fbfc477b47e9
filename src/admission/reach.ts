import { text } from '../kubernetes/cel.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { clientConfig, type Endpoint } from './endpoint.ts';
import type { AdmissionRequest } from './review.ts';
import { type Webhook, webhookPaths } from './webhooks.ts';

/** Who makes the dry run that proves reach, and where. */
export interface Prover {
  /** Ringfence's own namespace. */
  readonly namespace: string;
  /** The username under which the API server knows the process. */
  readonly username: string;
}

/** The name of the entry that the proof comes back through. */
export const reachEntryName = 'reach.ringfence.dev';

/**
 * The entry that proves that the API server reaches Ringfence. Only the dry-run creation of an
 * Event by Ringfence itself calls it, so it may fail closed from the start: the API server then
 * says in its answer to Ringfence why it cannot call, and the writes of others never see it.
 */
export function reachEntry(endpoint: Endpoint, { namespace, username }: Prover): Webhook {
  // Under Fail an expression that errors is a refusal. Other people's requests end at the first
  // term.
  const isProof = [
    `request.userInfo.username == ${text(username)}`,
    'has(request.dryRun) && request.dryRun == true',
    `has(request.name) && request.name.startsWith(${text(namePrefix)})`,
  ].join(' && ');
  return {
    name: reachEntryName,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(endpoint, webhookPaths.reach),
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['events'], operations: ['CREATE'], scope: 'Namespaced' },
    ],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 5,
    namespaceSelector: { matchExpressions: [{ key: metadataNameLabel, operator: 'In', values: [namespace] }] },
    matchConditions: [{ name: 'own-proof', expression: isProof }],
  };
}

/** The name of an object that proves reach. `nonce` is a UUID that nobody has used before. */
export function proofName(nonce: string): string {
  return `${namePrefix}${nonce}`;
}

/** The warning by which a replica tells that it was called for the object of that name. */
export function reachWarning(name: string): string {
  return `ringfence was reached: ${name}`;
}

/**
 * What a replica warns of on the path of that entry. It needs to know nothing of the replica that
 * asks, so any replica behind the Service can give the proof. Empty for any other request: what a
 * stranger sends is not repeated.
 */
export function reachWarnings({ name = '' }: Pick<AdmissionRequest, 'name'>): readonly string[] {
  return proofPattern.test(name) ? [reachWarning(name)] : [];
}

const namePrefix = 'ringfence-reach-';
const proofPattern = /^ringfence-reach-[0-9a-f-]{36}$/;
