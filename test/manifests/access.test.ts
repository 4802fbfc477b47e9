import { describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import type { CallOptions, Cluster, Method } from '../../src/cluster/connection.ts';
import { dnsObjects } from '../../src/cluster/dns.ts';
import {
  clusterRoles,
  configMaps,
  events,
  exposureReferences,
  namespaces,
  namespacesPath,
  networkPolicies,
  networkPoliciesPath,
  owners,
  pods,
  residents,
  webhookConfigurations,
} from '../../src/cluster/resources.ts';
import { accessReviews, identity, ownAccess } from '../../src/cluster/reviews.ts';
import { secrets } from '../../src/cluster/secrets.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { kinds, workloadKinds } from '../../src/kubernetes/kinds.ts';
import { webhooksRoleName } from '../../src/process/owner.ts';
import { sources } from '../house/sources.ts';
import { baseManifests, findManifest, type Manifest } from './manifests.ts';
import { any, placeOf, rightsFor } from './rights.ts';

const own = 'ringfence-system';
const names = desiredConfigurations(defaultConfig({ version: '0', ownNamespace: own }), { baseUrl: '' }, '');
const metadata = { name: names.validating.metadata.name };
const tls = { namespace: own, name: 'ringfence-tls', data: {}, type: 'Opaque' };
const attributes = { verb: '', group: '', resource: '', name: '' };

/**
 * Every adapter of the cluster room: the role that grants its calls, the calls, and the reflected
 * collection.
 */
const adapters = [
  adapter('ClusterRole ringfence', accessReviews, {
    isAllowed: (it) => it.isAllowed({ user: any, groups: [] }, attributes),
  }),
  adapter('ClusterRole ringfence-webhooks', clusterRoles, { get: (it) => it.get(webhooksRoleName) }),
  adapter('Role ringfence', configMaps, {
    get: (it) => it.get(own, 'ringfence'),
    version: (it) => it.version(own, 'ringfence'),
  }),
  adapter('ClusterRole ringfence', events, {
    create: (it) => it.create({ metadata: { namespace: any, name: any } }),
    tryCreate: (it) => it.tryCreate({ metadata: { namespace: any, name: any } }),
    patch: (it) => it.patch(any, any, {}),
  }),
  // Kubernetes grants it to every authenticated user (ClusterRole system:basic-user).
  adapter(undefined, identity, { whoAmI: (it) => it.whoAmI() }),
  adapter(undefined, ownAccess, { isAllowed: (it) => it.isAllowed(attributes) }),
  adapter('ClusterRole ringfence', exposureReferences, {
    service: (it) => it.service(any, any),
    gateway: (it) => it.gateway(any, any),
    grants: (it) => it.grants(any),
  }),
  adapter('ClusterRole ringfence', namespaces, { get: (it) => it.get(any) }, [namespacesPath, any]),
  adapter(
    'ClusterRole ringfence',
    networkPolicies,
    {
      get: (it) => it.get(any, any),
      apply: (it) => it.apply({ metadata: { namespace: any, name: any } } as Parameters<typeof it.apply>[0]),
      clearOwnerReferences: (it) => it.clearOwnerReferences(any, any, '1'),
      patchLabels: (it) => it.patchLabels(any, any, {}),
      patchAnnotations: (it) => it.patchAnnotations(any, any, {}),
    },
    [networkPoliciesPath, any],
  ),
  adapter('ClusterRole ringfence', owners, {
    get: (it) => Promise.all(workloadKinds.map((kind) => it.get(kind, any, any))),
  }),
  adapter('ClusterRole ringfence', dnsObjects, {
    service: (it) => it.service(any, any),
    slices: (it) => it.slices(any, any),
    anyPod: (it) => it.anyPod(any, {}),
  }),
  adapter('ClusterRole ringfence', pods, {
    get: (it) => it.get(any, any),
    any: (it) => it.any(any),
  }),
  adapter('ClusterRole ringfence', residents, {
    list: (it) =>
      Promise.all(kinds.filter(({ scope }) => scope === 'Namespaced').map((resource) => it.list(any, resource))),
    each: (it) =>
      Promise.all(
        kinds.filter(({ scope }) => scope === 'Namespaced').map((resource) => it.each(any, resource, () => undefined)),
      ),
  }),
  adapter('Role ringfence', secrets, {
    get: (it) => it.get(own, tls.name),
    create: (it) => it.create(tls),
    replace: (it) => it.replace(tls),
  }),
  adapter('ClusterRole ringfence-webhooks', webhookConfigurations, {
    get: (it) => Promise.all([it.get('Validating', metadata.name), it.get('Mutating', metadata.name)]),
    create: (it) => Promise.all([it.create('Validating', { metadata }), it.create('Mutating', { metadata })]),
    replace: (it) => Promise.all([it.replace('Validating', { metadata }), it.replace('Mutating', { metadata })]),
  }),
];

/**
 * The adapter that commands use with the rights of the person who runs them
 * (test/fencing/access.test.ts lists its calls). The ServiceAccount has none of these rights, so
 * the process must not contain it.
 */
const personal = 'objects';

const room = sources.filter(({ room }) => room === 'cluster');

describe('access', () => {
  it('is known for every adapter of the cluster room, and every call of each', () => {
    const found = room.flatMap(({ text }) =>
      [...text.matchAll(/^export function (\w+)\(cluster: Pick<Cluster, 'request'>\)/gm)].map(([, name]) => name),
    );
    expect(new Set(found)).toEqual(new Set([...adapters.map(({ name }) => name), personal]));
    for (const { name, methods, called } of adapters) expect(called, name).toEqual(methods);
  });

  it('has no other way to a resource: what can make any call is used by adapters alone', () => {
    const makers = sources.filter(({ imports }) => imports.includes('src/cluster/resource.ts'));
    expect(makers.map(({ path }) => path)).toEqual([
      'src/cluster/dns.ts',
      'src/cluster/resources.ts',
      'src/cluster/secrets.ts',
    ]);
  });

  it('with the rights of a person is out of the reach of the process', () => {
    const reached = reachFrom('src/process/serve.ts');
    expect(reached).toContain('src/cluster/secrets.ts');
    expect(reached).not.toContain(`src/cluster/${personal}.ts`);
    expect(reachFrom('src/commands/fence.ts')).toContain(`src/cluster/${personal}.ts`);
  });

  it('is granted for each call that is made, and for no other', async () => {
    const needed = (await Promise.all(adapters.map(({ rights }) => rights()))).flat();
    const granted = roles().flatMap(rightsOf);
    expect(needed.length).toBeGreaterThan(20);
    expect(new Set(granted)).toEqual(new Set(needed));
  });

  it('has no wildcard, no delete and no escalation', () => {
    const verbs = roles().flatMap((role) => rulesOf(role).flatMap((rule) => [...rule.verbs, ...rule.resources]));
    const forbidden = ['*', 'delete', 'deletecollection', 'escalate', 'bind', 'impersonate', 'roles'];
    expect(verbs.filter((verb) => forbidden.includes(verb))).toEqual([]);
    const onRbac = roles().flatMap((role) => rulesOf(role).filter(({ apiGroups }) => /^rbac/.test(apiGroups.join())));
    expect(onRbac).toMatchObject([{ resources: ['clusterroles'], resourceNames: [webhooksRoleName], verbs: ['get'] }]);
  });

  it('never includes a write to a namespace', () => {
    const rules = roles().flatMap(rulesOf);
    const verbs = rules.flatMap(({ resources, verbs }) => (resources.includes('namespaces') ? verbs : []));
    expect(verbs).toEqual(['get', 'list', 'watch']);
  });

  it('is bound to the one service account, role by role', () => {
    for (const { kind, metadata } of roles()) {
      const binding = findManifest(`${kind}Binding`, metadata.name);
      expect(binding['roleRef']).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name });
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: 'ringfence', namespace: own }]);
    }
    expect(findManifest('ServiceAccount')['automountServiceAccountToken']).toBe(false);
  });
});

/** Returns a file with all files that it imports, directly or indirectly. */
function reachFrom(path: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(path)) return reached;
  reached.add(path);
  for (const next of sources.find((source) => source.path === path)?.imports ?? []) reachFrom(next, reached);
  return reached;
}

interface Adapter {
  readonly name: string;
  readonly methods: ReadonlySet<string>;
  readonly called: ReadonlySet<string>;
  rights(): Promise<readonly string[]>;
}

function adapter<T extends object>(
  role: string | undefined,
  build: (cluster: Pick<Cluster, 'request'>) => T,
  calls: { readonly [method in keyof T]: (adapter: T) => Promise<unknown> },
  reflected?: readonly [path: string, name: string],
): Adapter {
  async function rights(): Promise<readonly string[]> {
    const made: string[] = [];
    const built = build({
      async request<R>(method: Method, path: string, options: CallOptions = {}): Promise<R> {
        made.push(...rightsFor(method, path, options));
        // An answer with everything that the adapters read.
        return {
          metadata: { resourceVersion: '1' },
          items: [],
          status: { allowed: true, userInfo: { username: any } },
        } as R;
      },
    });
    for (const method of Object.values<(adapter: T) => Promise<unknown>>(calls)) await method(built);
    if (reflected !== undefined) {
      const [path, name] = reflected;
      for (const verb of ['list', 'watch']) made.push(`${verb} ${placeOf(`${path}/${name}`)}`);
    }
    return role === undefined ? [] : made.map((right) => `${role}: ${right}`);
  }
  const unused = { request: () => Promise.reject(new Error('not called')) };
  return {
    name: build.name,
    methods: new Set(Object.keys(build(unused))),
    called: new Set(Object.keys(calls)),
    rights,
  };
}

/** rbac.authorization.k8s.io/v1 PolicyRule. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

function roles(): readonly Manifest[] {
  return baseManifests.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
}

function rulesOf(role: Manifest): readonly Rule[] {
  return role['rules'] as readonly Rule[];
}

function rightsOf(role: Manifest): string[] {
  return rulesOf(role).flatMap(({ apiGroups, resources, verbs, resourceNames = [any] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          resourceNames.map((name) => {
            const place = placeOf(`/${group === '' ? 'api' : `apis/${group}`}/v1/${resource}/${name}`);
            return `${role.kind} ${role.metadata.name}: ${verb} ${place}`;
          }),
        ),
      ),
    ),
  );
}
