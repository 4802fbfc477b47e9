import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namespaceKeys } from '../../src/admission/match-conditions.ts';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import { buildBackstop } from '../../src/backstop/backstop.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { defaultConfig } from '../../src/config/load.ts';
import {
  labelsChange,
  type Named,
  networkPolicyChanges,
  notBuiltIn,
  notOwnBaseline,
  notStartUp,
  otherPolicyChanges,
  podLabelsChange,
  templateChanges,
} from '../../src/kubernetes/conditions.ts';
import { judgedKeys } from '../../src/policy/taxonomy.ts';

const config = defaultConfig({ version: '1', ownNamespace: 'ringfence-system' });
const username = 'system:serviceaccount:ringfence-system:ringfence';
const service = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };

const { validating, mutating } = desiredConfigurations(config, service, username);
const ofWebhooks = [...validating.webhooks, ...mutating.webhooks].flatMap(({ matchConditions }) => matchConditions);
const ofBackstop = buildBackstop(config, { ownUsername: username, mutating: true }).flatMap(
  ({ spec }): readonly Named[] => ('matchConditions' in spec ? (spec.matchConditions ?? []) : []),
);

describe('a condition has one text, which webhooks and backstop both use', () => {
  it.each([
    ['it is not our own write of the baseline', notOwnBaseline(username, reservedNames).expression],
    ['the Namespace is not built in', notBuiltIn.expression],
    ['the API server does not make it at its start', notStartUp.expression],
    ['labels of a Namespace change', labelsChange(namespaceKeys(config.taxonomy))],
    ['a Pod has other labels, or a Binding brings some', podLabelsChange(judgedKeys(config.taxonomy))],
    ['a pod template changes', templateChanges],
    ['a NetworkPolicy changes', networkPolicyChanges(judgedKeys(config.taxonomy))],
    ['a policy of another kind changes', otherPolicyChanges.expression],
  ])('%s', (_, text) => {
    expect(ofWebhooks.some(({ expression }) => expression.includes(text))).toBe(true);
    expect(ofBackstop.some(({ expression }) => expression.includes(text))).toBe(true);
  });

  it('and the same name means the same in both', () => {
    const shared = ofWebhooks.filter(({ name }) => ofBackstop.some((other) => other.name === name));
    expect(new Set(shared.map(({ name }) => name))).toEqual(
      new Set(['not-own-baseline', 'not-built-in', 'not-start-up', 'policy-changes']),
    );
    for (const { name, expression } of shared)
      expect(ofBackstop.filter((other) => other.name === name).every((other) => other.expression === expression)).toBe(
        true,
      );
  });

  it('and nobody else writes what an update changes, who asks, or which namespaces are built in', () => {
    const own = /!= oldObject|userInfo\.username !=|in \$\{\w*\(?builtInNamespaces/;
    const writers = globSync('src/**/*.ts').filter((path) => own.test(readFileSync(path, 'utf8')));
    expect(writers).toEqual(['src/kubernetes/conditions.ts']);
  });
});
