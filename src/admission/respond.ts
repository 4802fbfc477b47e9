/** admission.k8s.io/v1 AdmissionResponse. Only this file builds responses. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patchType?: 'JSONPatch';
  /** Base64 of the JSON Patch. */
  readonly patch?: string;
}

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** Optional parts of any response. */
export interface Extras {
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>> | undefined;
}

/** Returns a response that admits the request unchanged. */
export function allow(uid: string, extras: Extras = {}): AdmissionResponse {
  return { uid, allowed: true, ...present(extras) };
}

/**
 * Returns a response that refuses the request. kubectl prints `Error from server (Forbidden): …
 * denied the request: MESSAGE`.
 */
export function deny(uid: string, message: string, extras: Extras = {}): AdmissionResponse {
  return { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message }, ...present(extras) };
}

/**
 * Returns a response that admits the request with a JSON Patch, or unchanged without operations.
 */
export function patch(uid: string, operations: readonly PatchOperation[], extras: Extras = {}): AdmissionResponse {
  if (operations.length === 0) return allow(uid, extras);
  const encoded = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch: encoded, ...present(extras) };
}

/** Returns the review that contains a response. */
export function complete(response: AdmissionResponse): {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
} {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function present(extras: Extras): Pick<AdmissionResponse, 'warnings' | 'auditAnnotations'> {
  return {
    ...(extras.warnings !== undefined && extras.warnings.length > 0 ? { warnings: extras.warnings } : {}),
    ...(extras.auditAnnotations !== undefined ? { auditAnnotations: extras.auditAnnotations } : {}),
  };
}
