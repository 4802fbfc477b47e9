import { describe, expect, it } from 'vitest';
import { reachEntry } from '../../src/admission/reach.ts';
import { desiredConfigurations, webhookConfigurationName } from '../../src/admission/webhooks.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { endpointOf } from '../../src/installation/address.ts';
import { modes } from '../../src/policy/mode.ts';
import { findManifest } from './manifests.ts';

const namespace = 'ringfence-system';
const username = `system:serviceaccount:${namespace}:ringfence`;
const endpoint = endpointOf({ namespace });
const name = 'own-webhooks.ringfence.dev';
const { spec } = findManifest('ValidatingAdmissionPolicy', name) as unknown as {
  readonly spec: {
    readonly matchConditions: readonly { readonly expression: string }[];
    readonly variables: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly { readonly expression: string }[];
  };
};

/** Every `GROUP/RESOURCE` in the rules of the process, in every mode, with every option on. */
const asked = new Set(
  modes.flatMap((mode) => {
    const caps = new Map([['exposed-unexpected', 'enforce'] as const]);
    const initial = defaultConfig({ version: '7', ownNamespace: namespace });
    const config = { ...initial, mode, caps, inherit: true, backstop: true };
    const { validating, mutating } = desiredConfigurations(config, endpoint, username);
    const proof = reachEntry(endpoint, { namespace, username });
    return [...validating.webhooks, ...mutating.webhooks, proof].flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups: [group = ''], resources }) => resources.map((resource) => `${group}/${resource}`)),
    );
  }),
);
const isCustom = (one: string): boolean => /^[^/]+\.[^/]+\/[^/]+$/.test(one) && !/^(?:[^/]*\.)?k8s\.io\//.test(one);

describe('the policy on what Ringfence writes into its webhook configurations', () => {
  it('allows the resources that the process asks about, and no other of Kubernetes itself', () => {
    const { expression = '' } = spec.variables.find((one) => one.name === 'allowed') ?? {};
    const allowed = JSON.parse(expression) as readonly string[];
    expect(new Set(allowed)).toEqual(new Set([...asked].filter((one) => !isCustom(one))));
    expect([...asked].filter(isCustom).length).toBeGreaterThan(10);
  });

  it('names the configurations, the ServiceAccount and the Service as the process does', () => {
    const [condition] = spec.matchConditions;
    const pattern = /matches\("(.*)"\)/.exec(condition?.expression ?? '')?.[1] ?? '';
    expect(new RegExp(pattern).test(username)).toBe(true);
    expect(new RegExp(pattern).test('system:serviceaccount:shop:ringfence-other')).toBe(false);
    const all = spec.validations.map(({ expression }) => expression).join('\n');
    expect(all).toContain(`object.metadata.name == "${webhookConfigurationName}"`);
    expect(endpoint).toMatchObject({ service: { name: 'ringfence' } });
    expect(all).toContain('clientConfig.service.name == "ringfence"');
  });

  it('is bound, and refuses', () => {
    expect(findManifest('ValidatingAdmissionPolicyBinding', name)['spec']).toEqual({
      policyName: name,
      validationActions: ['Deny'],
    });
  });
});
