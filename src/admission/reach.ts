import { text } from '../kubernetes/cel.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { clientConfig, type Endpoint } from './endpoint.ts';
import type { AdmissionRequest } from './review.ts';
import { type Webhook, webhookPaths } from './webhooks.ts';

/** The user who makes the dry run that proves reach, and its namespace. */
export interface Prover {
  /** Ringfence's own namespace. */
  readonly namespace: string;
  /** The username of the process at the API server. */
  readonly username: string;
}

/** The name of the entry that the proof calls. */
export const reachEntryName = 'reach.ringfence.dev';

/**
 * Returns the entry that proves that the API server reaches Ringfence. Only Ringfence's own dry-run
 * creation of an Event calls it, so it can fail closed from the start without an effect on others.
 * If the call fails, the answer of the API server to Ringfence contains the reason.
 */
export function reachEntry(endpoint: Endpoint, { namespace, username }: Prover): Webhook {
  // With failurePolicy Fail, an expression that errors refuses the request. Requests of others end
  // at the first term, which cannot error.
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

/** Returns the name of an object that proves reach. `nonce` is a UUID that is used only once. */
export function proofName(nonce: string): string {
  return `${namePrefix}${nonce}`;
}

/** Returns the warning with which a replica confirms the call for the object of that name. */
export function reachWarning(name: string): string {
  return `ringfence was reached: ${name}`;
}

/**
 * Returns the warnings of a replica on the path of that entry. They do not depend on the replica
 * that asks, so any replica behind the Service can give the proof. There are none for any other
 * name, so that the content of a foreign request is not repeated.
 */
export function reachWarnings({ name = '' }: Pick<AdmissionRequest, 'name'>): readonly string[] {
  return proofPattern.test(name) ? [reachWarning(name)] : [];
}

const namePrefix = 'ringfence-reach-';
const proofPattern = /^ringfence-reach-[0-9a-f-]{36}$/;
