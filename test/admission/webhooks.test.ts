import { describe, expect, it } from 'vitest';
import { judgedResources } from '../../src/admission/kinds.ts';
import { desiredConfigurations, type Endpoint, type Webhook, webhookPaths } from '../../src/admission/webhooks.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { modes } from '../../src/policy/mode.ts';
import { configIn } from './scene.ts';

const service: Endpoint = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };
const username = 'system:serviceaccount:ringfence-system:ringfence';
const configurations = (mode: (typeof modes)[number], endpoint: Endpoint = service) =>
  desiredConfigurations(configIn(mode), endpoint, username);
const every = modes.flatMap((mode) =>
  Object.values(configurations(mode)).flatMap(({ webhooks }) =>
    webhooks.map((webhook) => ({ mode, name: webhook.name, webhook })),
  ),
);
const named = (name: string): Webhook => {
  const found = every.find((one) => one.mode === 'enforce' && one.name === `${name}.ringfence.dev`);
  if (found === undefined) throw new Error(`no webhook ${name}`);
  return found.webhook;
};
const expression = (webhook: string, condition: string): string =>
  named(webhook).matchConditions.find(({ name }) => name === condition)?.expression ?? '';

/** `group/resource OPERATION`, one for each that a webhook is called for. */
function calls({ rules }: Webhook): string[] {
  return rules.flatMap(({ apiGroups, resources, operations }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => operations.map((operation) => `${group}/${resource} ${operation}`)),
    ),
  );
}

describe('the webhook configurations', () => {
  it('ask for every judged resource at creation and update, and for nothing that is not in the table', () => {
    const asked = configurations('enforce').validating.webhooks.flatMap(calls);
    const resources = judgedResources.map(({ group, resource }) => `${group}/${resource}`);
    for (const resource of resources)
      expect(asked).toEqual(expect.arrayContaining([`${resource} CREATE`, `${resource} UPDATE`]));
    expect(asked.filter((one) => !resources.includes(one.replace(/ \w+$/, '')))).toEqual([
      '/namespaces/status UPDATE',
      '/namespaces/finalize UPDATE',
      '/pods/status UPDATE',
      '/pods/binding CREATE',
      '/bindings CREATE',
    ]);
    expect(asked.filter((one) => one.endsWith('DELETE'))).toEqual(['networking.k8s.io/networkpolicies DELETE']);
    expect(asked).toHaveLength(new Set(asked).size);
  });

  it.each(every)('$mode: $name is narrow, quick, and leaves Ringfence itself alone', ({ mode, webhook }) => {
    expect(webhook.timeoutSeconds).toBeLessThanOrEqual(5);
    expect(webhook.matchPolicy).toBe('Equivalent');
    expect(webhook).not.toHaveProperty('objectSelector');
    expect(JSON.stringify(webhook.rules)).not.toContain('*');
    expect(webhook.matchConditions[0]).toEqual({
      name: 'not-own',
      expression: `request.userInfo.username != "${username}"`,
    });
    const marks = webhook.name === 'mark.ringfence.dev';
    expect(webhook.failurePolicy).toBe(mode === 'enforce' && !marks ? 'Fail' : 'Ignore');
    expect(webhook.sideEffects).toBe(webhook.name === 'pods.ringfence.dev' ? 'NoneOnDryRun' : 'None');
    expect(webhook.clientConfig).toMatchObject({
      service: { path: marks ? webhookPaths.mutate : webhookPaths.validate },
    });
  });

  it('mark new namespaces in enforce only', () => {
    expect(modes.filter((mode) => configurations(mode).mutating.webhooks.length > 0)).toEqual(['enforce']);
    expect(calls(named('mark'))).toEqual(['/namespaces CREATE']);
  });

  it('keep exempt namespaces out by the name that the API server itself keeps, but for Namespaces, where it can be forged', () => {
    for (const name of ['pods', 'workloads', 'networkpolicies'])
      expect(named(name).namespaceSelector?.matchExpressions).toEqual([
        {
          key: 'kubernetes.io/metadata.name',
          operator: 'NotIn',
          values: ['kube-system', 'kube-public', 'kube-node-lease', 'ringfence-system'],
        },
      ]);
    for (const name of ['namespaces', 'mark']) {
      expect(named(name)).not.toHaveProperty('namespaceSelector');
      expect(expression(name, 'not-built-in')).toBe(
        '!has(request.name) || !(request.name in ["default","kube-node-lease","kube-public","kube-system"])',
      );
    }
  });

  it('ask about deletions of the baseline only, and Bindings that carry a label of the taxonomy', () => {
    expect(expression('networkpolicies', 'meaning-changes')).toContain(
      `request.operation == "DELETE" ? oldObject.metadata.name in ${JSON.stringify(reservedNames)} :`,
    );
    const keys = [...configIn('enforce').taxonomy.keys.keys()];
    expect(expression('pods', 'labels-change')).toContain(`key in ${JSON.stringify(keys)}`);
  });

  it('say which configuration made them', () => {
    for (const { metadata } of Object.values(configurations('observe')))
      expect(metadata).toEqual({
        name: 'ringfence',
        labels: { 'app.kubernetes.io/managed-by': 'ringfence' },
        annotations: { 'ringfence.dev/config-version': '7' },
      });
  });

  it.each([
    ['https://10.0.0.1:8443', 'https://10.0.0.1:8443/validate'],
    ['https://10.0.0.1:8443/', 'https://10.0.0.1:8443/validate'],
    ['https://example.test/ringfence', 'https://example.test/ringfence/validate'],
  ])('with the base URL %s are called at %s', (baseUrl, url) => {
    const urls = configurations('observe', { baseUrl }).validating.webhooks.map(({ clientConfig }) => clientConfig);
    expect(new Set(urls.map((config) => JSON.stringify(config)))).toEqual(new Set([JSON.stringify({ url })]));
  });

  it('write a username with quotes as the text that it is', () => {
    const { validating } = desiredConfigurations(configIn('enforce'), service, 'a" || true || "');
    expect(validating.webhooks[0]?.matchConditions[0]?.expression).toBe(
      'request.userInfo.username != "a\\" || true || \\""',
    );
  });
});
