import { describe, expect, it } from 'vitest';
import { builtInNamespaces, judgedResources } from '../../src/admission/kinds.ts';
import { buildBackstop } from '../../src/backstop/backstop.ts';
import { coverage } from '../../src/backstop/coverage.ts';
import type { BackstopManifest, ValidatingBinding, ValidatingPolicy } from '../../src/backstop/manifest.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { modeLabel } from '../../src/policy/mode.ts';

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
    expect(spec.matchConditions[0]?.expression).toBe(`request.userInfo.username != "${options.ownUsername}"`);
    const selector = JSON.stringify(spec.matchConstraints.namespaceSelector);
    if (name.startsWith('namespaces.')) {
      expect(spec.matchConditions[1]?.expression).toContain(JSON.stringify(builtInNamespaces).replaceAll(',', ', '));
      expect(selector).toBeUndefined();
    } else expect(selector).toContain('"kube-system","kube-public","kube-node-lease","ringfence-system"');
    for (const { message, messageExpression, reason } of spec.validations) {
      // Without a line break, else the API server shows the other; with no authorizer, which it does not hand to messages.
      expect(message).toMatch(/^[^\n]+ \[[a-z-]+\]$/);
      expect(messageExpression).toMatch(/^variables\.title \+ ": " \+ [\s\S]* \+ " \[[a-z-]+\]"$/);
      expect(messageExpression).not.toContain('authorizer');
      expect(reason).toBe('Forbidden');
    }
  });

  it('judges the kinds of its check', () => {
    for (const { metadata, spec } of asking) {
      const check = checks.find(({ id }) => metadata.name === `${id}.ringfence.dev`);
      if (check === undefined) continue;
      const judged = judgedResources.filter(({ kind }) => kind !== 'Namespace' && check.kinds.includes(kind));
      const asked = spec.matchConstraints.resourceRules.flatMap(({ apiGroups, resources }) =>
        resources.filter((one) => !one.includes('/') && one !== 'bindings').map((one) => `${apiGroups[0]}/${one}`),
      );
      expect(new Set(asked), check.id).toEqual(new Set(judged.map(({ group, resource }) => `${group}/${resource}`)));
    }
  });
});

describe('what becomes of a finding', () => {
  const bindings = (config: Partial<ConfigFile>) =>
    build(config)
      .filter(isBinding)
      .filter(({ spec }) => spec.policyName === 'label-values.ringfence.dev')
      .map(({ spec }) => {
        const [requirement] = spec.matchResources?.namespaceSelector?.matchExpressions ?? [];
        const values = requirement !== undefined && 'values' in requirement ? requirement.values.join(' ') : '';
        return [`${requirement?.key} ${requirement?.operator} ${values}`, spec.validationActions.join(' ')];
      });

  it.each<[Config['mode'], Config['mode'], string[]]>([
    ['enforce', 'enforce', ['In observe: Audit', 'In warn: Warn Audit', 'NotIn observe warn: Deny']],
    ['enforce', 'warn', ['In observe: Audit', 'In warn: Warn Audit', 'NotIn observe warn: Warn Audit']],
    ['enforce', 'observe', ['In observe: Audit', 'In warn: Audit', 'NotIn observe warn: Audit']],
    ['warn', 'enforce', ['In observe: Audit', 'NotIn observe enforce: Warn Audit', 'In enforce: Deny']],
    ['observe', 'enforce', ['NotIn warn enforce: Audit', 'In warn: Warn Audit', 'In enforce: Deny']],
  ])('in a cluster of mode %s, of a check with the cap %s', (mode, cap, expected) => {
    const found = bindings({ mode, checks: { 'label-values': cap } }).map(([where, what]) => `${where}: ${what}`);
    expect(found).toEqual(expected.map((one) => `${modeLabel} ${one}`));
  });

  it.each<[string, Partial<ConfigFile>, string[]]>([
    ['by default, creations by the cluster’s mode', {}, ['deny', 'deny', 'deny warn audit', 'deny warn audit']],
    ['in a cluster that warns', { mode: 'warn' }, ['deny', 'warn', 'deny warn audit', 'deny warn audit']],
    ['in a cluster that observes', { mode: 'observe' }, ['deny', '', 'deny warn audit', 'deny warn audit']],
    ['under a cap', { checks: { 'label-values': 'warn' } }, ['deny', 'deny', 'deny warn audit', 'warn audit']],
  ])('on Namespaces %s', (_title, file, expected) => {
    const asked = build(file)
      .filter(isPolicy)
      .flatMap(({ metadata, spec }) => {
        const [, outcome = ''] = /^namespaces\.(\w+)\./.exec(metadata.name) ?? [];
        return spec.validations.map(({ message }) => ({ outcome, message }));
      });
    const outcomes = ['lower', 'fence-mark', 'relabel', 'label-values'].map((id) =>
      [
        ...new Set(
          asked
            .filter(({ outcome, message }) => outcome !== '' && message.endsWith(`[${id}]`))
            .map((one) => one.outcome),
        ),
      ].join(' '),
    );
    expect(outcomes).toEqual(expected);
  });
});

describe('the coverage', () => {
  it('speaks of every check once, in the order of the ids, and of what is judged beside them', () => {
    const rules = coverage.map(({ rule }) => rule);
    expect(rules.slice(0, checks.length)).toEqual(checks.map(({ id }) => id));
    expect(new Set(rules).size).toBe(rules.length);
  });

  it('holds what the policies ask, and says why where it holds nothing', () => {
    const asked = asking.flatMap(({ spec }) =>
      spec.validations.map(({ message }) => /\[([a-z-]+)\]$/.exec(message)?.[1]),
    );
    expect(new Set(coverage.flatMap(({ rule, held }) => (held ? [rule] : [])))).toEqual(new Set(asked));
    for (const { rule, held, beyond } of coverage) if (!held) expect(beyond, rule).toMatch(/^[A-Z].*\.$/);
  });
});
