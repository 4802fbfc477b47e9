// Stand-ins for kinds of other projects on a control plane, which accept any object, and requests
// about their objects.
import { readServed } from '../../src/doctor/discovery.ts';
import type { OtherPolicyKind } from '../../src/kubernetes/other-policies.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { eventually } from './installation.ts';
import type { Manifest } from './objects.ts';
import type { Answer, RawApi } from './raw-api.ts';

/** A served kind, with the content of an object. */
export interface ForeignKind extends Pick<OtherPolicyKind, 'group' | 'kind' | 'resource' | 'scope'> {
  readonly versions: readonly string[];
  readonly hasStatus: boolean;
  readonly harmless: object;
  readonly open: object;
}

/** A kind without its project: in two versions, with any content. */
export function standIn(kind: Pick<OtherPolicyKind, 'group' | 'kind' | 'resource' | 'scope'>): ForeignKind {
  return {
    ...kind,
    versions: ['v1', 'v2'],
    hasStatus: true,
    harmless: { rules: [] },
    open: { rules: [{ action: 'Allow' }] },
  };
}

/** The CustomResourceDefinition of a stand-in. */
export function definitionOf({ group, kind, resource, scope, versions }: ForeignKind): Manifest {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${resource}.${group}`,
      // Kubernetes requires this for groups of Kubernetes itself.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in for tests' },
    },
    spec: {
      group,
      scope,
      names: { kind, plural: resource, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema },
        subresources: { status: {} },
      })),
    },
  };
}

export function pathOf({ group, resource, scope }: ForeignKind, version: string, namespace: string): string {
  return `/apis/${group}/${version}/${scope === 'Cluster' ? '' : `namespaces/${namespace}/`}${resource}`;
}

export function objectOf(kind: ForeignKind, version: string, name: string, spec: object): Manifest {
  return { apiVersion: `${kind.group}/${version}`, kind: kind.kind, metadata: { name }, spec };
}

/** Resolves when every version of a kind is served, and the API server says so to who asks. */
export async function untilServed(api: RawApi, kinds: readonly ForeignKind[]): Promise<void> {
  const get = async (path: string, accept: string) => (await api.send('GET', path, undefined, accept)).body;
  for (const kind of kinds)
    for (const version of kind.versions)
      await eventually(
        `${kind.group}/${version} ${kind.resource}`,
        async () => (await api.send('GET', pathOf(kind, version, 'default'))).code === 200,
      );
  await eventually('the discovery', async () => {
    const { resources } = await readServed({ get });
    const isNamed = ({ group, resource }: ForeignKind, version: string): boolean =>
      resources.some((one) => one.group === group && one.version === version && one.resource === resource);
    return kinds.every((kind) => kind.versions.every((version) => isNamed(kind, version)));
  });
}

/**
 * Returns the outcome of a request: `passes`, `warns` or `refused` by Ringfence, or the message of
 * the API server.
 */
export function outcomeOf({ code, message, warnings }: Answer): string {
  const ours = warnings.filter((text) => text.includes('[other-policy]'));
  if (code < 300) return ours.length > 0 ? 'warns' : 'passes';
  return code === 403 && message.includes('[other-policy]') ? 'refused' : `${code} ${message}`;
}

/** The outcome of a finding, by the mode. */
export const outcomes: Readonly<Record<Mode, string>> = { observe: 'passes', warn: 'warns', enforce: 'refused' };

/** The users. All have every right of Kubernetes on these kinds. */
export interface Askers {
  readonly admin: RawApi;
  /** Without any permission of Ringfence. */
  readonly tenant: RawApi;
  /** With `open` on every fence. */
  readonly opener: RawApi;
}

/**
 * Tries each way to open a fence by an object of a kind, through one version, and ways that do not
 * open it. Returns the outcomes.
 */
export async function tryAll(
  kind: ForeignKind,
  version: string,
  namespace: string,
  name: string,
  { admin, tenant, opener }: Askers,
): Promise<Readonly<Record<string, string>>> {
  const path = pathOf(kind, version, namespace);
  const make = (api: RawApi, as: string, spec: object) =>
    api.send('POST', path, objectOf(kind, version, `${name}-${as}`, spec));
  const made = await make(admin, 'old', kind.harmless);
  if (made.code !== 201) throw new Error(`${kind.kind} of ${version}: ${made.code} ${made.message}`);
  const stored = made.body as Manifest;
  const put = (change: object, at = '') => tenant.send('PUT', `${path}/${name}-old${at}`, { ...stored, ...change });
  const dryRun = (change: object) => tenant.send('PUT', `${path}/${name}-old?dryRun=All`, { ...stored, ...change });
  const metadata = {
    ...(stored['metadata'] as object),
    annotations: { seen: 'yes' },
    finalizers: ['example.test/kept'],
  };
  const status = { observedGeneration: 1, conditions: [] };
  return {
    created: outcomeOf(await make(tenant, 'new', kind.open)),
    'changed to open, as a dry run': outcomeOf(await dryRun({ spec: kind.open })),
    ...(kind.hasStatus ? { status: outcomeOf(await put({ status }, '/status?dryRun=All')) } : { status: 'passes' }),
    'another annotation and finalizer': outcomeOf(await dryRun({ metadata })),
    'changed to open': outcomeOf(await put({ spec: kind.open })),
    'created with the permission': outcomeOf(await make(opener, 'opener', kind.open)),
  };
}

/** Returns the expected result of {@link tryAll}, if a finding has the outcome `finding`. */
export function expected(finding: string): Readonly<Record<string, string>> {
  return {
    created: finding,
    'changed to open, as a dry run': finding,
    status: 'passes',
    'another annotation and finalizer': 'passes',
    'changed to open': finding,
    'created with the permission': 'passes',
  };
}
