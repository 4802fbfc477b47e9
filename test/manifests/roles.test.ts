import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/load.ts';
import { guardRules, permissionGroup, permissionRules } from '../../src/policy/permissions.ts';
import { isAllowedValue } from '../../src/policy/taxonomy.ts';
import { baseManifests, type Manifest, readKustomization, readManifests, root } from './manifests.ts';

/** rbac.authorization.k8s.io/v1 PolicyRule. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const folder = join(root, 'manifests/roles');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
const shipped = files.flatMap((file) => readManifests(join(folder, file)));
const examples = readdirSync(join(folder, 'examples')).map(
  (file) => [file, readManifests(join(folder, 'examples', file))] as const,
);
const everything = [...shipped, ...examples.flatMap(([, manifests]) => manifests)];
const rulesOf = (role: Manifest) => role['rules'] as readonly Rule[];
const { taxonomy } = defaultConfig({ version: '0', ownNamespace: undefined });

function role(name: string): Manifest {
  const found = shipped.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === name);
  if (found === undefined) throw new Error(`no ClusterRole ${name}`);
  return found;
}

/** Returns Ringfence's own permissions in a role: `VERB RESOURCE` and `VERB RESOURCE/NAME`. */
function permissionsIn(manifest: Manifest): readonly string[] {
  return rulesOf(manifest)
    .filter(({ apiGroups }) => apiGroups.includes(permissionGroup))
    .flatMap(({ resources, verbs, resourceNames = [''] }) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => resourceNames.map((name) => `${verb} ${resource}${name === '' ? '' : `/${name}`}`)),
      ),
    );
}

describe('the roles for people', () => {
  it('are four, and the kustomization lists each', () => {
    expect(shipped.map(({ metadata }) => metadata.name).sort()).toEqual([
      'ringfence-fence-keeper',
      'ringfence-policy-opener',
      'ringfence-team-lead',
      'ringfence-viewer',
    ]);
    expect(new Set(readKustomization(folder).resources)).toEqual(new Set(files));
  });

  it('are bound to nobody, and no part of an installation', () => {
    expect(new Set(shipped.map(({ kind }) => kind))).toEqual(new Set(['ClusterRole']));
    const installed = baseManifests.map(({ manifest }) => manifest.metadata.name);
    expect(shipped.filter(({ metadata }) => installed.includes(metadata.name))).toEqual([]);
  });

  it.each(everything.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    "%s is the cluster's, ours by its labels, and without wildcards",
    (_, { kind, metadata, apiVersion, ...rest }) => {
      // A Role or RoleBinding would grant nothing, because these resources are cluster-scoped.
      expect(['ClusterRole', 'ClusterRoleBinding']).toContain(kind);
      expect(apiVersion).toBe('rbac.authorization.k8s.io/v1');
      expect(metadata.namespace).toBeUndefined();
      expect(metadata.name).toMatch(/^ringfence-/);
      expect(metadata.labels).toEqual({
        'app.kubernetes.io/name': 'ringfence',
        'app.kubernetes.io/part-of': 'ringfence',
      });
      expect(JSON.stringify(rest)).not.toContain('*');
    },
  );

  it('the viewer changes nothing, and has no permission of ours', () => {
    const verbs = rulesOf(role('ringfence-viewer')).flatMap((rule) => rule.verbs);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
    expect(permissionsIn(role('ringfence-viewer'))).toEqual([]);
  });

  it('the team lead claims the default vocabulary, but for what a team is', () => {
    // RBAC has no patterns, and a key with a pattern has no list of values. The environment is
    // granted by name, together with the team.
    const vocabulary = [...taxonomy.keys.values()].flatMap(({ key, values = [] }) =>
      key === 'env' ? [] : values.map((value) => `claim identities/${key}:${value}`),
    );
    expect(vocabulary.length).toBeGreaterThan(5);
    expect(permissionsIn(role('ringfence-team-lead'))).toEqual(vocabulary);
  });

  it('the team lead makes namespaces, and can neither change nor delete one', () => {
    const onNamespaces = rulesOf(role('ringfence-team-lead'))
      .filter(({ resources }) => resources.includes('namespaces'))
      .flatMap(({ verbs }) => verbs);
    expect(new Set(onNamespaces)).toEqual(new Set(['create', 'get', 'list', 'watch']));
  });

  it('the policy opener opens every fence, and may do nothing else', () => {
    // A name would exclude either the fences or `*`, which cluster-scoped policies need.
    expect(rulesOf(role('ringfence-policy-opener'))).toEqual([
      { apiGroups: [permissionGroup], resources: ['fences'], verbs: ['open'] },
    ]);
  });

  it('the fence keeper holds every permission that there is', () => {
    // No verb allows the mark on a namespace that is never fenced, or a trial until no time.
    const { 'never-fenced': _, trial: __, ...guarded } = guardRules;
    const verbs = [...Object.keys(permissionRules), ...Object.keys(guarded)].map((id) =>
      id === 'claim'
        ? 'claim identities'
        : `${id === 'baseline-guard' ? 'breach' : id === 'other-policy' ? 'open' : id} fences`,
    );
    expect(new Set(permissionsIn(role('ringfence-fence-keeper')))).toEqual(new Set(verbs));
  });
});

describe.each(examples)('the example %s', (_, manifests) => {
  it('binds roles that exist', () => {
    const roles = [...shipped, ...manifests].filter(({ kind }) => kind === 'ClusterRole');
    const bindings = manifests.filter(({ kind }) => kind === 'ClusterRoleBinding');
    expect(bindings.length).toBeGreaterThan(0);
    for (const binding of bindings) {
      const { name } = binding['roleRef'] as { readonly name: string };
      expect(binding['roleRef']).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
      expect(roles.map(({ metadata }) => metadata.name)).toContain(name);
    }
  });

  it('claims identities of the default vocabulary, by name', () => {
    const claims = manifests
      .filter(({ kind }) => kind === 'ClusterRole')
      .flatMap(permissionsIn)
      .filter((text) => text.startsWith('claim '));
    for (const claim of claims) {
      const [, key = '', value = ''] = /^claim identities\/([^:]+):(.+)$/.exec(claim) ?? [];
      const known = taxonomy.keys.get(key);
      expect(known !== undefined && isAllowedValue(known, value), claim).toBe(true);
    }
  });
});
