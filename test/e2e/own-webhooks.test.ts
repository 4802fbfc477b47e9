// What the token of Ringfence's own ServiceAccount is good for, in the hands of somebody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import type { ApiError } from '../../src/cluster/api-error.ts';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { endpointOf } from '../../src/installation/address.ts';
import { modes } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, ownNamespace, urlRole } from './installation.ts';
import {
  developerRole,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
} from './objects.ts';
import { grant } from './people.ts';
import { openTerminal, type Terminal } from './terminal.ts';

interface Configuration extends Manifest {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly webhooks: readonly Readonly<Record<string, unknown>>[];
}

type Kind = 'Validating' | 'Mutating';

const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'Namespaced' };
const ownService = { service: { namespace: ownNamespace, name: 'ringfence', path: '/validate/enforced', port: 443 } };

/** A configuration as Ringfence might write it, with more laid over its only entry. */
function configuration(kind: Kind, metadata: object, entry: object = {}): Configuration {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { ...metadata },
    webhooks: [
      {
        name: 'pods.ringfence.dev',
        admissionReviewVersions: ['v1'],
        clientConfig: ownService,
        rules: [rule],
        failurePolicy: 'Ignore',
        sideEffects: 'None',
        ...entry,
      },
    ],
  };
}

describeWithSharedControlPlane('the token of Ringfence', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;
  let token: string;
  let thief: Cluster;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -f -', ...developerRole, namespace('shop'));
    await admin.run('create -f -', configuration('Validating', { name: 'others' }, { namespaceSelector: nowhere }));
    installation = await install(controlPlane(), 'enforce');
    token = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    thief = connect({ kubeconfig: token });
    // The API server learns of a policy within a second or two.
    await eventually('the policy', async () => {
      const answer = await tryCreate(configuration('Validating', { name: 'early' }));
      return answer.includes('denied request');
    });
    const replica = await installation.start();
    await replica.untilReady();
    // This URL and no other.
    const [role] = urlRole;
    const rules = role.rules.map((one) => ({ ...one, resourceNames: [new URL(replica.url).host] }));
    await admin.run('apply -f -', { ...role, rules });
    await eventually('every other URL to be refused', async () =>
      (await tryCreate(collecting)).includes('may not send reviews to'),
    );
  });
  afterAll(async () => {
    await thief.close();
    await installation.end();
  });

  /** What the API server says against a command with the token; empty if it succeeds. */
  async function refusal(command: string, manifest?: object): Promise<string> {
    const input = manifest === undefined ? {} : { input: JSON.stringify(manifest) };
    const { exitCode, stderr } = await controlPlane().kubectl(command.split(' '), { as: token, ...input });
    return exitCode === 0 ? '' : stderr;
  }
  /** What the API server says against a creation with the token, as a dry run. */
  async function tryCreate(body: Pick<Configuration, 'kind'>): Promise<string> {
    const path = `/apis/admissionregistration.k8s.io/v1/${body.kind.toLowerCase()}s`;
    return thief.request('POST', path, { body, query: { dryRun: 'All' } }).then(
      () => '',
      ({ reason, statusMessage }: ApiError) => `${reason}: ${statusMessage}`,
    );
  }
  const read = async (kind: Kind): Promise<Configuration> =>
    (await admin.get(`${kind.toLowerCase()}webhookconfiguration ringfence`)) as unknown as Configuration;

  describe.each<Kind>(['Validating', 'Mutating'])('writes of the %s configuration', (kind) => {
    it.each<[string, object, object, string]>([
      ['another name', { name: 'other' }, {}, 'writes webhook configurations named "ringfence" only'],
      ['a generated name', { generateName: 'ringfence' }, {}, 'writes webhook configurations named "ringfence" only'],
      ...(
        [
          ['Secrets', { resources: ['pods', 'secrets'] }, '/secrets'],
          ['everything', { resources: ['*'] }, '/*'],
          ['every subresource', { resources: ['*/*'] }, '/*/*'],
          ['every group', { apiGroups: ['*'] }, '*/pods'],
          ['tokens', { resources: ['serviceaccounts/token'] }, '/serviceaccounts/token'],
          [
            'roles',
            { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] },
            'rbac.authorization.k8s.io/roles',
          ],
          ['every custom resource', { apiGroups: ['example.com'], resources: ['*'] }, 'example.com/*'],
          ['the exec of Pods', { resources: ['pods/exec'] }, '/pods/exec'],
        ] as const
      ).map(([what, changed, said]): [string, object, object, string] => [
        `a rule on ${what}`,
        { name: 'ringfence' },
        { rules: [{ ...rule, scope: '*', ...changed }] },
        `may not ask about ${said}`,
      ]),
      [
        'reviews for another Service',
        { name: 'ringfence' },
        { clientConfig: { service: { ...ownService.service, name: 'collector' } } },
        'sends reviews to the Service ringfence of its own namespace only',
      ],
      [
        'reviews for a Service elsewhere',
        { name: 'ringfence' },
        { clientConfig: { service: { ...ownService.service, namespace: 'shop' } } },
        'sends reviews to the Service ringfence of its own namespace only',
      ],
      [
        'reviews for a URL',
        { name: 'ringfence' },
        { clientConfig: { url: 'https://collector.example.com/reviews' } },
        'may not send reviews to collector.example.com; for --webhook-url grant it the verb "serve"',
      ],
    ])('with %s are refused', async (_, metadata, entry, reason) => {
      const said = await tryCreate(configuration(kind, metadata, entry));
      expect(said).toContain(`denied request: ServiceAccount ${ownNamespace}/ringfence ${reason}`);
    });

    it.each(modes)('with what Ringfence asks for in %s, at its Service, pass', async (mode) => {
      const config = { ...defaultConfig({ version: '1', ownNamespace }), mode, inherit: true, backstop: true };
      const endpoint = endpointOf({ namespace: ownNamespace });
      const { validating, mutating } = desiredConfigurations(config, endpoint, 'ringfence');
      // Admission is asked before the name is looked for.
      expect(await tryCreate(kind === 'Validating' ? validating : mutating)).toContain('AlreadyExists');
    });

    it('are refused as an update, too, and change nothing', async () => {
      const { metadata, webhooks, ...rest } = await read(kind);
      const { uid, resourceVersion } = metadata;
      const [first, ...others] = webhooks;
      const changed = { ...first, clientConfig: { url: 'https://collector.example.com/reviews' } };
      const update = { ...rest, metadata: { name: 'ringfence', uid, resourceVersion }, webhooks: [changed, ...others] };
      expect(await refusal('replace -f -', update)).toContain('may not send reviews to');
      expect((await read(kind)).metadata['uid']).toBe(uid);
    });

    it('of others are refused', async () => {
      const others = configuration('Validating', { name: 'others' }, { rules: [rule] });
      expect(await refusal('apply --server-side --force-conflicts -f -', others)).toContain('forbidden');
      expect(await refusal('delete validatingwebhookconfiguration others')).toContain('forbidden');
    });

    it('that are right are made by Ringfence itself, again and again', async () => {
      const before = await read(kind);
      await admin.run(`delete ${kind.toLowerCase()}webhookconfiguration ringfence`);
      const made = await eventually('the configuration', async () => {
        const found = await read(kind).catch(() => undefined);
        return found === undefined || found.webhooks.length < before.webhooks.length ? undefined : found;
      });
      expect(made.webhooks.map(({ name }) => name)).toEqual(before.webhooks.map(({ name }) => name));
    });
  });

  it('keeps an address that stands, without the right to take another', async () => {
    await admin.run('delete clusterrole webhook-urls');
    const patch = [{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 9 }];
    await admin.run(`patch validatingwebhookconfiguration ringfence --type=json -p ${JSON.stringify(patch)}`);
    await eventually('the repair', async () => (await read('Validating')).webhooks[0]?.['timeoutSeconds'] === 5);
  });

  it('have a policy that Kubernetes type-checks without a warning', async () => {
    const status = async () =>
      (await admin.get<{ status?: object }>('validatingadmissionpolicy own-webhooks.ringfence.dev')).status;
    await expect.poll(status, { timeout: 60_000 }).toMatchObject({ typeChecking: {} });
    expect(JSON.stringify(await status())).not.toContain('expressionWarnings');
  });

  it('of other people are their own affair', async () => {
    const theirs = configuration('Mutating', { name: 'theirs' }, { rules: [{ ...rule, resources: ['secrets'] }] });
    expect(await admin.run('create --dry-run=server -f -', theirs)).toContain('created');
  });

  it.each<[string, string, Manifest | undefined, string]>([
    ['a Pod', 'create -f -', inNamespace('shop', pod('bare', {})), '4 labels keep it out'],
    ['another tier for a namespace', 'label namespace shop --overwrite tier=web', undefined, 'relabel'],
    ['a mode for a namespace', 'label namespace shop ringfence.dev/mode=observe', undefined, 'lower'],
    [
      'a NetworkPolicy of another name',
      'create -f -',
      inNamespace('shop', networkPolicy('open', namespaceLabels, { ingress: [{}] })),
      'ingress-from-anyone',
    ],
  ])('is judged as anyone else for %s', async (_, command, manifest, said) => {
    const binding = urlRole[1];
    const roleRef = { ...binding.roleRef, name: 'developer' };
    await grant(controlPlane(), token, ...developerRole, { ...binding, metadata: { name: 'stolen' }, roleRef });
    expect(await refusal(command, manifest)).toContain(said);
  });
});

/** As Ringfence might be made to write it, to send reviews elsewhere. */
const collecting = configuration(
  'Validating',
  { name: 'ringfence' },
  { clientConfig: { url: 'https://collector.example.com/reviews' } },
);

const nowhere = { matchLabels: { 'kubernetes.io/metadata.name': 'nowhere' } };
