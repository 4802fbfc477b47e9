// The envelope of admission.k8s.io/v1 AdmissionReview, checked by hand, to compare with the JSON
// Schema of src/admission.

export interface Request {
  readonly uid: string;
  readonly kind: { readonly group?: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group?: string; readonly version: string; readonly resource: string };
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: { readonly username?: string };
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export function isEnvelope(body: unknown): body is { readonly request: Request } {
  if (!isObject(body) || body['apiVersion'] !== 'admission.k8s.io/v1' || body['kind'] !== 'AdmissionReview')
    return false;
  const request = body['request'];
  return (
    isObject(request) &&
    isText(request['uid']) &&
    isNamed(request['kind'], 'kind') &&
    isNamed(request['resource'], 'resource') &&
    ['subResource', 'name', 'namespace'].every((key) => isAbsentOr(isText, request[key])) &&
    ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'].includes(request['operation'] as string) &&
    isAbsentOr((value) => typeof value === 'boolean', request['dryRun']) &&
    isUser(request['userInfo'])
  );
}

function isUser(user: unknown): boolean {
  return (
    isObject(user) &&
    isAbsentOr(isText, user['username']) &&
    isAbsentOr(isText, user['uid']) &&
    isAbsentOr(areTexts, user['groups']) &&
    isAbsentOr((extra) => isObject(extra) && Object.values(extra).every(areTexts), user['extra'])
  );
}

function isNamed(value: unknown, field: string): boolean {
  return isObject(value) && isText(value['version']) && isText(value[field]) && isAbsentOr(isText, value['group']);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}
