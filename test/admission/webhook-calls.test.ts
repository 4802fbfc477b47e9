import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/admission/endpoint.ts';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import { list } from '../../src/kubernetes/cel.ts';
import { resourceQuotas, rulesOf } from '../../src/kubernetes/rules.ts';
import { modes } from '../../src/policy/mode.ts';
import { configIn } from './scene.ts';

const service: Endpoint = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };
const username = 'system:serviceaccount:ringfence-system:ringfence';
const { validating, mutating } = desiredConfigurations(configIn('enforce'), service, username);

function expression(webhook: string, condition: string): string | undefined {
  const found = [...validating.webhooks, ...mutating.webhooks].find(({ name }) => name === `${webhook}.ringfence.dev`);
  return found?.matchConditions.find(({ name }) => name === condition)?.expression;
}

describe('the API server is told to', () => {
  it('ask about the namespaces that every cluster has, but when the API server makes them at its start', () => {
    const builtIn =
      '(oldObject == null ? object : oldObject).metadata.?name.orValue("") in ["default", "kube-node-lease", "kube-public", "kube-system"]';
    expect(expression('namespaces', 'not-start-up')).toBe(
      `oldObject != null || request.userInfo.username != "system:apiserver" || !(${builtIn})`,
    );
    expect(expression('mark', 'not-built-in')).toBe(`!(${builtIn})`);
  });

  it('ask about a change of the taxonomy’s keys, the mark and the mode, whatever the keys are', () => {
    const file = { taxonomy: { 'example.org/zone': { values: ['a'] }, 'a"\\b': { values: ['a'] } } } as const;
    const config = mergeConfig(file, { version: '7', ownNamespace: 'ringfence-system' });
    const { validating } = desiredConfigurations(config, service, username);
    const changes = Object.fromEntries(
      validating.webhooks.map(({ name, matchConditions }) => [name.split('.')[0], JSON.stringify(matchConditions)]),
    );
    const keys = [...config.taxonomy.keys.keys()];
    expect(keys).toContain('example.org/zone');
    for (const name of ['namespaces', 'pods', 'networkpolicies'])
      expect(changes[name]).toContain(
        JSON.stringify(
          `${list(name === 'namespaces' ? [...keys, 'ringfence.dev/fence', 'ringfence.dev/mode'] : keys)}.exists(key, object.metadata.?labels[key] != oldObject.metadata.?labels[key])`,
        ).slice(1, -1),
      );
    expect(changes['namespaces']).not.toContain('object.metadata.?labels !=');
  });

  it('ask about the names of the baseline by entries of their own, of which that of marked namespaces fails closed in every mode', () => {
    const isReserved = `(oldObject == null ? object : oldObject).metadata.?name.orValue("") in ${list(reservedNames)}`;
    for (const mode of modes) {
      const found = (start: string) =>
        desiredConfigurations(configIn(mode), service, username).validating.webhooks.filter(({ name }) =>
          name.startsWith(`${start}.`),
        );
      const [baseline, ...others] = found('baseline');
      expect(others).toEqual([]);
      expect(baseline?.failurePolicy).toBe('Fail');
      expect(baseline?.namespaceSelector?.matchExpressions).toEqual([
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: configIn(mode).exemptNamespaces },
        { key: 'ringfence.dev/fence', operator: 'Exists' },
      ]);
      expect(baseline?.rules).toEqual([...rulesOf(['NetworkPolicy'], ['CREATE', 'UPDATE', 'DELETE']), resourceQuotas]);
      for (const entry of found('reserved-names')) {
        const [ordinary] = found('networkpolicies').filter(
          ({ failurePolicy }) => failurePolicy === entry.failurePolicy,
        );
        expect(entry.namespaceSelector?.matchExpressions).toEqual([
          ...(ordinary?.namespaceSelector?.matchExpressions ?? []),
          { key: 'ringfence.dev/fence', operator: 'DoesNotExist' },
        ]);
        expect(entry.matchConditions[1]).toEqual({ name: 'reserved', expression: isReserved });
        expect(ordinary?.matchConditions[0]).toEqual({ name: 'not-reserved', expression: `!(${isReserved})` });
      }
      expect(found('reserved-names')).toHaveLength(2);
    }
  });
});
