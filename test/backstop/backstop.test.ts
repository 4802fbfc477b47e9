import { describe, expect, it } from 'vitest';
import { buildBackstop } from '../../src/backstop/backstop.ts';
import { coverage } from '../../src/backstop/coverage.ts';
import type { BackstopManifest, ValidatingBinding, ValidatingPolicy } from '../../src/backstop/manifest.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { notOwnBaseline } from '../../src/kubernetes/conditions.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { builtInNamespaces } from '../../src/kubernetes/namespaces.ts';
import { checks } from '../../src/policy/checks/index.ts';

const origin = { ownNamespace: 'ringfence-system', version: '42' };
const options = { ownUsername: 'system:serviceaccount:ringfence-system:ringfence', mutating: true };
const build = (file: Partial<ConfigFile> = {}) => buildBackstop(mergeConfig(file, origin), options);
const standard = buildBackstop(defaultConfig(origin), options);

const isPolicy = (one: BackstopManifest): one is ValidatingPolicy => one.kind === 'ValidatingAdmissionPolicy';
const isBinding = (one: BackstopManifest): one is ValidatingBinding => one.kind === 'ValidatingAdmissionPolicyBinding';
const policies = standard.filter(isPolicy);
const anchor = 'networkpolicy-parameters.ringfence.dev';
const asking = policies.filter(({ metadata }) => metadata.name !== anchor);

describe('the objects', () => {
  it('are one for each name, of names that no configuration changes', () => {
    const names = (manifests: readonly BackstopManifest[]) =>
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const quiet = Object.fromEntries(checks.map(({ id }) => [id, 'observe' as const]));
    const bare = {
      mode: 'observe',
      taxonomy: { env: null, tier: null, team: null, sensitivity: null, expose: null, internal: null },
      checks: quiet,
    } as const;
    expect(new Set(names(standard)).size).toBe(standard.length);
    expect(names(build(bare))).toEqual(names(standard));
  });

  it('say whose they are and which configuration made them; all but one go with one label', () => {
    for (const { metadata } of standard) {
      expect(metadata.name).toMatch(/^[a-z.-]+\.ringfence\.dev$/);
      expect(metadata.annotations).toEqual({ 'ringfence.dev/config-version': '42' });
      expect(metadata.labels['app.kubernetes.io/name']).toBe('ringfence');
    }
    const staying = standard.filter(({ metadata }) => metadata.labels['app.kubernetes.io/part-of'] !== 'ringfence');
    expect(new Set(staying.map(({ metadata }) => metadata.name))).toEqual(new Set([anchor]));
  });

  it('bind every policy, and nothing else', () => {
    const bound = standard.flatMap((one) => ('policyName' in one.spec ? [one.spec.policyName] : []));
    const made = standard.flatMap((one) => ('policyName' in one.spec ? [] : [one.metadata.name]));
    expect(new Set(bound)).toEqual(new Set(made));
  });

  it('are without a MutatingAdmissionPolicy where it is not served', () => {
    const left = buildBackstop(defaultConfig(origin), { ...options, mutating: false });
    expect(left).toEqual(standard.filter(({ kind }) => !kind.startsWith('Mutating')));
  });
});

describe('every policy', () => {
  it.each(asking.map((policy) => [policy.metadata.name, policy] as const))('%s', (name, { spec }) => {
    const ownWrites = (spec.matchConditions ?? []).filter(({ expression }) => expression.includes(options.ownUsername));
    const seesRepairs = name.startsWith('objects.') || name === 'baseline-guard.ringfence.dev';
    expect(ownWrites).toEqual(seesRepairs ? [notOwnBaseline(options.ownUsername, reservedNames)] : []);
    const selector = JSON.stringify(spec.matchConstraints.namespaceSelector);
    if (name.startsWith('namespaces.')) {
      expect(spec.matchConditions?.[0]?.expression).toContain(JSON.stringify(builtInNamespaces).replaceAll(',', ', '));
      expect(selector).toBeUndefined();
    } else expect(selector).toContain('"kube-system","kube-public","kube-node-lease","ringfence-system"');
    for (const { message, messageExpression, reason } of spec.validations) {
      // The API server uses the other message if there is a line break. Messages cannot use the
      // authorizer.
      expect(message).toMatch(/^[^\n]+$/);
      expect(messageExpression).toMatch(/^variables\.title \+ ": " \+ /);
      expect(messageExpression).toMatch(/variables\.faults\.join\("; "\)$| \[[a-z-]+\]"$/);
      expect(messageExpression).not.toContain('authorizer');
      expect(reason).toBe('Forbidden');
    }
  });

  it('on objects is asked about every kind, and every way to change a label', () => {
    const judged = kinds.filter(({ kind }) => kind !== 'Namespace');
    const ways = [
      ...judged.map(({ group, resource }) => `${group}/${resource}`),
      '/pods/status',
      '/pods/binding',
      '/bindings',
    ];
    for (const { spec } of policies.filter(({ metadata }) => metadata.name.startsWith('objects.'))) {
      const asked = spec.matchConstraints.resourceRules.flatMap(({ apiGroups, resources }) =>
        resources.map((one) => `${apiGroups[0]}/${one}`),
      );
      expect(new Set(asked)).toEqual(new Set(ways));
    }
  });
});

describe('what becomes of a finding', () => {
  /**
   * Returns, for each action, the selector of its binding and the modes under which it checks
   * missing labels.
   */
  const asked = (file: Partial<ConfigFile>) =>
    ['deny', 'warn', 'audit'].map((name) => {
      const named = build(file).filter(({ metadata }) => metadata.name === `objects.${name}.ringfence.dev`);
      const [requirement] = named.find(isBinding)?.spec.matchResources?.namespaceSelector?.matchExpressions ?? [];
      const where =
        requirement === undefined ? 'everywhere' : `${requirement.operator} ${Object.values(requirement)[2]}`;
      const faults = named.find(isPolicy)?.spec.variables?.find((one) => one.name === 'faults')?.expression ?? '';
      const [, modes = ''] = /\(variables\.mode in \[(.*?)\] \?[^?]*\? \[[^?]*missing/.exec(faults) ?? [];
      return `${where}: ${faults.includes('[required-labels]') ? `asked${modes === '' ? '' : ` under ${modes}`}` : 'not asked'}`;
    });

  it.each<[string, Partial<ConfigFile>, string[]]>([
    ['that enforces', {}, ['NotIn observe,warn: asked', 'In warn: asked', 'In observe: asked']],
    ['that warns', { mode: 'warn' }, ['In enforce: asked', 'NotIn observe,enforce: asked', 'In observe: asked']],
    ['that observes', { mode: 'observe' }, ['In enforce: asked', 'In warn: asked', 'NotIn warn,enforce: asked']],
    [
      'that enforces, of a check with the cap warn',
      { checks: { 'required-labels': 'warn' } },
      ['NotIn observe,warn: not asked', 'NotIn observe: asked', 'In observe: asked'],
    ],
    [
      'that enforces, beside a check with the cap warn',
      { checks: { 'label-values': 'warn' } },
      ['NotIn observe,warn: asked', 'NotIn observe: asked under "warn"', 'In observe: asked'],
    ],
  ])('on objects, in a cluster %s', (_title, file, expected) => {
    expect(asked(file)).toEqual(expected);
  });

  it.each<[string, Partial<ConfigFile>, string[]]>([
    ['by default, creations by the cluster’s mode', {}, ['deny', 'deny', 'deny', 'deny warn audit']],
    ['in a cluster that warns', { mode: 'warn' }, ['deny', 'warn', 'deny warn', 'deny warn audit']],
    ['in a cluster that observes', { mode: 'observe' }, ['deny', '', 'deny warn audit', 'deny warn audit']],
    ['under a cap', { checks: { 'label-values': 'warn' } }, ['deny', 'deny', 'deny', 'warn audit']],
  ])('on Namespaces %s', (_title, file, expected) => {
    const found = ['lower', 'fence-mark', 'relabel', 'label-values'].map((id) =>
      ['deny', 'warn', 'audit'].filter((name) => {
        const policy = build(file).find(({ metadata }) => metadata.name === `namespaces.${name}.ringfence.dev`);
        return JSON.stringify(policy).includes(`[${id}]`);
      }),
    );
    expect(found.map((names) => names.join(' '))).toEqual(expected);
  });
});

describe('the coverage', () => {
  it('speaks of every check once, in the order of the ids, and of what is judged beside them', () => {
    const rules = coverage.map(({ rule }) => rule);
    expect(rules.slice(0, checks.length)).toEqual(checks.map(({ id }) => id));
    expect(new Set(rules).size).toBe(rules.length);
  });

  it('holds what the policies ask, and says why where it holds nothing', () => {
    const asked = [...JSON.stringify(asking).matchAll(/ \[([a-z-]+)\]/g)].map(([, id]) => id);
    expect(new Set(coverage.flatMap(({ rule, held }) => (held ? [rule] : [])))).toEqual(new Set(asked));
    for (const { rule, held, beyond } of coverage) if (!held) expect(beyond, rule).toMatch(/^[A-Z].*\.$/);
  });
});
