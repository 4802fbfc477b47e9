import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { own } from '../kubernetes/raw-object.ts';

/** authentication/v1 UserInfo. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * admission.k8s.io/v1 AdmissionRequest, with the fields that Ringfence reads. `object` and
 * `oldObject` are not validated.
 */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group?: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group?: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: UserInfo;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
}

/** The reason why a body is not an AdmissionReview, and its uid if there is one. */
export interface Malformed {
  readonly malformed: string;
  readonly uid: string | undefined;
}

const text = { type: 'string' } as const;
const groupVersion = (field: 'kind' | 'resource') =>
  ({
    type: 'object',
    required: ['version', field],
    properties: { group: text, version: text, [field]: text },
  }) as const;

/**
 * The envelope of admission.k8s.io/v1 AdmissionReview. `object` and `oldObject` are read later, by
 * kind.
 */
export const envelopeSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'request'],
  properties: {
    apiVersion: { const: 'admission.k8s.io/v1' },
    kind: { const: 'AdmissionReview' },
    request: {
      type: 'object',
      required: ['uid', 'kind', 'resource', 'operation', 'userInfo'],
      properties: {
        uid: { type: 'string', minLength: 1 },
        kind: groupVersion('kind'),
        resource: groupVersion('resource'),
        subResource: text,
        name: text,
        namespace: text,
        operation: { enum: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] },
        userInfo: {
          type: 'object',
          properties: {
            username: text,
            uid: text,
            groups: { type: 'array', items: text },
            extra: { type: 'object', additionalProperties: { type: 'array', items: text } },
          },
        },
        dryRun: { type: 'boolean' },
      },
    },
  },
} as const;

const isEnvelope: ValidateFunction<{ request: AdmissionRequest }> = new Ajv({
  strict: true,
  meta: false,
  validateSchema: false,
}).compile(envelopeSchema);

/** Reads a parsed body as an AdmissionReview. Never throws. */
export function readReview(body: unknown): AdmissionRequest | Malformed {
  if (isEnvelope(body)) return body.request;
  const error = isEnvelope.errors?.[0];
  // The sender chooses the keys of `extra`, which may be of any length, so they are not repeated.
  const path = error?.instancePath.replace(/^(\/request\/userInfo\/extra)\/.*$/s, '$1') ?? '';
  const field = path.slice(1).replaceAll('/', '.');
  const allowed = error?.keyword === 'const' ? ` "${String(error.params['allowedValue'])}"` : '';
  return {
    malformed: `not an admission.k8s.io/v1 AdmissionReview: ${field === '' ? 'the body' : field} ${error?.message ?? 'is wrong'}${allowed}`,
    uid: uidOf(body),
  };
}

function uidOf(body: unknown): string | undefined {
  const request = own(body, 'request');
  const uid = own(request, 'uid');
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}
