// The admission side, with everything around it in memory: the real gate in front of the cluster
// double, and ports that record the calls.
import type { NamespaceView } from '../../src/admission/facts.ts';
import { createHandler, type HandlerPorts } from '../../src/admission/handler.ts';
import type { AdmissionResponse } from '../../src/admission/respond.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { createTurns, defaultTurnLimits, type Steps } from '../../src/admission/turns.ts';
import type { Phase } from '../../src/admission/webhooks.ts';
import { createGate } from '../../src/baseline/gate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { fenceMark, type Mode } from '../../src/policy/mode.ts';
import { type Permission, permissionText } from '../../src/policy/permissions.ts';
import type { AuditRecord } from '../../src/telemetry/audit.ts';
import { createClusterDouble } from '../baseline/cluster-double.ts';
import { exposureOf } from './exposure-double.ts';

/** The time of the API server. */
export const serverTime = Date.parse('2026-03-01T12:00:00Z');

export const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
export const identity = { env: 'prod', tier: 'api', team: 'shop' } as const;
export const podLabels = { ...identity, expose: 'false' } as const;
export const fenced = { ...identity, [fenceMark]: 'true' } as const;

/** The wire form of an object, without types. */
export type Wire = Readonly<Record<string, unknown>>;

export function configIn(mode: Mode): Config {
  return { ...defaultConfig({ version: '7', ownNamespace: 'ringfence-system' }), mode };
}

/**
 * An AdmissionRequest in namespace `shop` (for a Namespace: of that name), as the API server sends
 * it. `more` overrides its fields.
 */
export function request(kind: string, object: unknown, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const judged = kinds.find((one) => one.kind === kind);
  const [group, version] = [judged?.group ?? '', 'v1'];
  return {
    uid,
    kind: { group, version, kind },
    resource: { group, version, resource: judged?.resource ?? `${kind.toLowerCase()}s` },
    name: 'web',
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'dev', groups: ['developers', 'system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    ...more,
  };
}

export function review(admissionRequest: unknown): Wire {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: admissionRequest };
}

export function pod(labels: unknown = podLabels, spec: Wire = {}): Wire {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', labels }, spec };
}

export function namespace(labels: unknown, name = 'shop'): Wire {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function deployment(labels: unknown, template: Wire = {}, replicas = 1): Wire {
  const podTemplate = { metadata: { labels }, spec: {}, ...template };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, template: podTemplate },
  };
}

export function networkPolicy(name: string, labels: unknown = identity, spec: Wire = {}, metadata: Wire = {}): Wire {
  const whole = { podSelector: {}, policyTypes: ['Ingress'], ...spec };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop', labels, ...metadata },
    spec: whole,
  };
}

/** The admission side of one replica, in front of a cluster with the fenced namespace `shop`. */
export function setUp(mode: Mode = 'enforce') {
  const cluster = createClusterDouble();
  cluster.setNamespace('shop', fenced);
  const cached = new Map<string, NamespaceView>();
  const policies = new Map<string, readonly NetworkPolicy[]>();
  const walled = new Set<string>();
  const pods = new Map<string, unknown>();
  const permitted = new Set<string>();
  const unclaimable = new Set<string>();
  const around: Wire[] = [];
  const asked: string[] = [];
  const told: string[] = [];
  const audited: AuditRecord[] = [];
  const defects: unknown[] = [];
  const malformed: string[] = [];
  const reviewed: string[] = [];
  const config = configIn(mode);
  const gate = createGate({ ...cluster, cachedNamespace: () => undefined, onDrift: () => undefined }, () => config);
  const ports: HandlerPorts = {
    gate,
    caches: {
      namespace: (name) => cached.get(name),
      networkPolicies: (name) => policies.get(name) ?? [],
      policiesNaming: () => [],
      isWalled: (name) => walled.has(name),
    },
    async readNamespace(name) {
      const raw = await cluster.namespaces.get(name);
      return raw === undefined ? undefined : readNamespace(raw);
    },
    readPod: async (space, name) => pods.get(`${space}/${name}`),
    readNetworkPolicy: (namespace, name) => cluster.policies.get(namespace, name),
    anyPod: async (space) => [...pods.keys()].some((key) => key.startsWith(`${space}/`)),
    residents: { list: async () => ({ objects: [], isWhole: true }) },
    exposure: exposureOf(around),
    // A machine under load takes any time. What happens when patience ends is tested by itself.
    now: () => serverTime,
    turns: createTurns({ ...defaultTurnLimits, patienceMs: Number.POSITIVE_INFINITY }),
    async isAllowed({ username }, permission: Permission) {
      asked.push(permissionText(permission));
      if (permission.verb === 'claim') return !unclaimable.has(permission.name);
      return permitted.has(`${username} ${permission.verb} ${permission.name}`);
    },
    reviewed: (phase, outcome) => void reviewed.push(`${phase} ${outcome}`),
    audit: (record) => void audited.push(record),
    tell: (_, { outcome, permissions = [] }) => void told.push([outcome, ...permissions].join(' ')),
    defect: (error) => void defects.push(error),
    malformed: (reason) => void malformed.push(reason),
  };
  return {
    cluster,
    /** The caches of the informers. They are empty at first. */
    cached,
    policies,
    walled,
    pods,
    /** What exists beside an exposure. */
    around,
    /**
     * The permissions that SubjectAccessReview grants, as `USER VERB NAME`. Everyone has `claim`,
     * except for `unclaimable`.
     */
    permitted,
    unclaimable,
    asked,
    /** The recorded Events: the outcome and the used permissions. */
    told,
    audited,
    defects,
    malformed,
    /** The recorded answers: `PHASE OUTCOME`. */
    reviewed,
    config,
    ports,
    handle: createHandler(ports, () => config),
    /** Returns the response to a review. Throws if the answer is a bad request. */
    async answer(
      admissionRequest: unknown,
      phase: Phase = mode === 'enforce' ? 'enforced' : 'unenforced',
    ): Promise<AdmissionResponse> {
      const answer = await createHandler(ports, () => config)(phase, review(admissionRequest));
      if ('badRequest' in answer) throw new Error(answer.badRequest);
      return answer.review.response;
    },
  };
}

/** Takes all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Returns the ids of the checks of findings, in order, each once. */
export function checksOf(findings: readonly { readonly check: string }[]): string[] {
  return [...new Set(findings.map(({ check }) => check))];
}
