import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/admission/endpoint.ts';
import { desiredConfigurations, type Webhook, webhookPaths } from '../../src/admission/webhooks.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { list } from '../../src/kubernetes/cel.ts';
import { notOwnBaseline } from '../../src/kubernetes/conditions.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { openingKinds } from '../../src/kubernetes/other-policies.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';
import { configIn } from './scene.ts';

const service: Endpoint = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };
const username = 'system:serviceaccount:ringfence-system:ringfence';
const configurations = (mode: Mode, endpoint: Endpoint = service) =>
  desiredConfigurations(configIn(mode), endpoint, username);
const both = (mode: Mode) => [configurations(mode).validating, configurations(mode).mutating];
const every = modes.flatMap((mode) =>
  both(mode).flatMap(({ webhooks }) => webhooks.map((webhook) => ({ mode, name: webhook.name, webhook }))),
);
const named = (name: string): Webhook => {
  const found = every.find((one) => one.mode === 'enforce' && one.name === `${name}.ringfence.dev`);
  if (found === undefined) throw new Error(`no webhook ${name}`);
  return found.webhook;
};
const expression = (webhook: string, condition: string): string =>
  named(webhook).matchConditions.find(({ name }) => name === condition)?.expression ?? '';

/** Returns the calls of a webhook, each as `group/resource OPERATION`. */
function calls({ rules }: Webhook): string[] {
  return rules.flatMap(({ apiGroups, resources, operations }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => operations.map((operation) => `${group}/${resource} ${operation}`)),
    ),
  );
}

/** Whether an entry is for the names of the baseline. */
function isOfReservedNames(name: string): boolean {
  return /^(reserved-names|baseline)\./.test(name);
}

function phaseOf({ name }: Webhook): 'enforced' | 'unenforced' {
  return name.includes('.unenforced.') ? 'unenforced' : 'enforced';
}

function markingPhase(mode: Mode): 'mark' | 'markAsked' {
  return mode === 'enforce' ? 'mark' : 'markAsked';
}

describe('the webhook configurations', () => {
  it.each(['Fail', 'Ignore'])(
    'of %s ask for every judged resource at creation and update, and for no other',
    (policy) => {
      const asked = configurations('enforce')
        .validating.webhooks.filter(({ name, failurePolicy }) => failurePolicy === policy && !isOfReservedNames(name))
        .flatMap(calls);
      // The cluster enforces, so an entry that fails open does not match cluster-scoped policies.
      const opening = openingKinds.filter(({ scope }) => policy === 'Fail' || scope === 'Namespaced');
      const resources = [...kinds, ...opening].map(({ group, resource }) => `${group}/${resource}`);
      for (const resource of resources)
        expect(asked).toEqual(expect.arrayContaining([`${resource} CREATE`, `${resource} UPDATE`]));
      expect(asked.filter((one) => !resources.includes(one.replace(/ \w+$/, '')))).toEqual([
        '/namespaces/status UPDATE',
        '/namespaces/finalize UPDATE',
        '/pods/status UPDATE',
        '/pods/binding CREATE',
        '/bindings CREATE',
      ]);
      expect(asked.filter((one) => one.endsWith('DELETE'))).toEqual([]);
      expect(asked).toHaveLength(new Set(asked).size);
    },
  );

  it.each(every)('$mode: $name is narrow, quick, and leaves Ringfence itself alone', ({ mode, webhook }) => {
    expect(webhook.timeoutSeconds).toBeLessThanOrEqual(5);
    expect(webhook.matchPolicy).toBe('Equivalent');
    expect(webhook).not.toHaveProperty('objectSelector');
    const isOfOthers = webhook.name.startsWith('otherpolicies.');
    for (const rule of webhook.rules) {
      expect(rule.apiVersions).toEqual(isOfOthers ? ['*'] : ['v1']);
      expect(JSON.stringify({ ...rule, apiVersions: [] })).not.toContain('*');
    }
    const isAskedOfBaseline = isOfReservedNames(webhook.name) || webhook.name === 'inherit.ringfence.dev';
    const ownWrites = webhook.matchConditions.filter(({ expression }) => expression.includes(username));
    expect(ownWrites).toEqual(isAskedOfBaseline ? [notOwnBaseline(username, reservedNames)] : []);
    const phase = webhook.name === 'mark.ringfence.dev' ? markingPhase(mode) : phaseOf(webhook);
    expect(webhook.failurePolicy).toBe(phase === 'enforced' ? 'Fail' : 'Ignore');
    expect(webhook.sideEffects).toBe(webhook.name.startsWith('pods.') ? 'NoneOnDryRun' : 'None');
    expect(webhook.clientConfig).toMatchObject({ service: { path: webhookPaths[phase] } });
  });

  it.each<[Mode, object, object]>([
    ['enforce', { operator: 'NotIn', values: ['observe', 'warn'] }, { operator: 'In', values: ['observe', 'warn'] }],
    ['warn', { operator: 'In', values: ['enforce'] }, { operator: 'NotIn', values: ['enforce'] }],
    ['observe', { operator: 'In', values: ['enforce'] }, { operator: 'NotIn', values: ['enforce'] }],
  ])('of a cluster in %s fail closed for the namespaces that enforce, and only for them', (mode, closed, open) => {
    const key = 'ringfence.dev/mode';
    for (const webhook of configurations(mode).validating.webhooks.filter(
      ({ name }) => !name.startsWith('namespaces.') && !isOfReservedNames(name),
    ))
      expect(webhook.namespaceSelector?.matchExpressions.slice(1), webhook.name).toEqual([
        { key, ...(webhook.failurePolicy === 'Fail' ? closed : open) },
        ...(webhook.name.startsWith('otherpolicies.') ? [{ key: 'ringfence.dev/fence', operator: 'Exists' }] : []),
      ]);
  });

  it('split Namespaces by what they were, so that none takes itself out of the entry that fails closed', () => {
    const old = 'oldObject.metadata.?labels["ringfence.dev/mode"].orValue("")';
    const marked = 'oldObject.metadata.?labels["ringfence.dev/fence"].hasValue()';
    const split = modes.map((mode) =>
      configurations(mode)
        .validating.webhooks.filter(({ name }) => name.startsWith('namespaces.'))
        .map(({ matchConditions }) => matchConditions.at(-1)?.expression),
    );
    const stored = '(oldObject == null ? object : oldObject).metadata.?name.orValue("")';
    const builtIn = `${stored} in ["default", "kube-node-lease", "kube-public", "kube-system"]`;
    // Ringfence's own Namespace can always be created, labelled and repaired.
    const closed = (when: string) => `!(${stored} == "ringfence-system") && (${when})`;
    const enforcing = closed(
      `oldObject == null ? true : (${builtIn} || ${marked} || !(${old} in ["observe", "warn"]))`,
    );
    const lenient = closed(`oldObject == null ? false : (${builtIn} || ${marked} || ${old} == "enforce")`);
    expect(split).toEqual([
      [lenient, `!(${lenient})`],
      [lenient, `!(${lenient})`],
      [enforcing, `!(${enforcing})`],
    ]);
  });

  it('ask about the mark in every mode, so that it is in place before a cluster enforces', () => {
    for (const mode of modes)
      expect(configurations(mode).mutating.webhooks.map(({ name }) => name)).toEqual(['mark.ringfence.dev']);
    expect(calls(named('mark'))).toEqual(['/namespaces CREATE']);
  });

  it('are written so that the mark is demanded only while it is put on', () => {
    expect(modes.map((mode) => configurations(mode).first)).toEqual(['Validating', 'Validating', 'Mutating']);
  });

  it('fill labels in only where that is switched on, after the mark, and are asked again after others', () => {
    const config = { ...configIn('enforce'), inherit: true };
    const [mark, inherit, ...others] = desiredConfigurations(config, service, username).mutating.webhooks;
    expect([mark?.name, inherit?.name, others]).toEqual(['mark.ringfence.dev', 'inherit.ringfence.dev', []]);
    expect(inherit).toMatchObject({
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      reinvocationPolicy: 'IfNeeded',
      clientConfig: { service: { path: webhookPaths.inherit } },
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn' }] },
    });
    const asked = inherit === undefined ? [] : calls(inherit);
    expect(asked).toContain('apps/deployments UPDATE');
    expect(asked).toContain('/pods CREATE');
    expect(asked).not.toContain('/pods UPDATE');
    expect(asked.filter((one) => one.includes('namespaces'))).toEqual([]);
  });

  it('judge ahead of the backstop where that is installed: what enforces, by the same rules and conditions, last of all', () => {
    const config = { ...configIn('enforce'), inherit: true, backstop: true };
    const { mutating, validating } = desiredConfigurations(config, service, username);
    const early = mutating.webhooks.slice(2);
    const closed = validating.webhooks.filter(({ failurePolicy }) => failurePolicy === 'Fail');
    expect(early).toEqual(
      closed.map((webhook) => ({
        ...webhook,
        name: webhook.name.replace('.ringfence', '.early.ringfence'),
        failurePolicy: 'Ignore',
        clientConfig: { service: { ...service.service, path: webhookPaths.early } },
        reinvocationPolicy: 'Never',
      })),
    );
  });

  it('keep the names under a prefix out by a condition, which Namespaces themselves do not have', () => {
    const { validating, mutating } = desiredConfigurations(
      { ...configIn('enforce'), inherit: true, backstop: true, exemptPrefixes: ['openshift-', 'cattle-'] },
      service,
      username,
    );
    for (const { name, matchConditions, namespaceSelector } of [...validating.webhooks, ...mutating.webhooks]) {
      const condition = matchConditions.find((one) => one.name === 'outside-prefixes');
      expect(condition !== undefined, name).toBe(namespaceSelector !== undefined);
      if (condition !== undefined)
        expect(condition.expression).toBe(
          '!["openshift-", "cattle-"].exists(prefix, request.?namespace.orValue("").startsWith(prefix))',
        );
    }
    for (const { webhook } of every)
      expect(webhook.matchConditions.map(({ name }) => name)).not.toContain('outside-prefixes');
  });

  it('keep exempt namespaces out by the name that the API server itself keeps, but for Namespaces, where it can be forged', () => {
    for (const name of ['pods', 'workloads', 'networkpolicies'])
      expect(named(name).namespaceSelector?.matchExpressions.slice(0, 1)).toEqual([
        {
          key: 'kubernetes.io/metadata.name',
          operator: 'NotIn',
          values: ['kube-system', 'kube-public', 'kube-node-lease', 'ringfence-system'],
        },
      ]);
    for (const name of ['namespaces', 'mark']) expect(named(name)).not.toHaveProperty('namespaceSelector');
  });

  it('ask about Bindings that carry a label of the taxonomy', () => {
    const keys = [...configIn('enforce').taxonomy.keys.keys()];
    expect(expression('pods', 'labels-change')).toContain(
      `${list(keys)}.exists(key, key in object.metadata.?labels.orValue({}))`,
    );
  });

  it('say which configuration made them', () => {
    for (const { metadata } of both('observe'))
      expect(metadata).toEqual({
        name: 'ringfence',
        labels: { 'app.kubernetes.io/managed-by': 'ringfence' },
        annotations: { 'ringfence.dev/config-version': '7' },
      });
  });

  it.each([
    ['https://10.0.0.1:8443', 'https://10.0.0.1:8443/mutate/mark'],
    ['https://10.0.0.1:8443/', 'https://10.0.0.1:8443/mutate/mark'],
    ['https://example.test/ringfence', 'https://example.test/ringfence/mutate/mark'],
  ])('with the base URL %s are called at %s', (baseUrl, url) => {
    const urls = configurations('enforce', { baseUrl }).mutating.webhooks.map(({ clientConfig }) => clientConfig);
    expect(new Set(urls.map((config) => JSON.stringify(config)))).toEqual(new Set([JSON.stringify({ url })]));
  });

  it('write a username with quotes as the text that it is', () => {
    const { validating } = desiredConfigurations(configIn('enforce'), service, 'a" || true || "');
    const [condition] = validating.webhooks.find(({ name }) => isOfReservedNames(name))?.matchConditions ?? [];
    expect(condition?.expression).toMatch(/^request\.userInfo\.username != "a\\" \|\| true \|\| \\"" \|\| /);
  });
});
