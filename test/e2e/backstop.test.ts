// The baseline without a webhook: the gate, the guard, and its creation and deletion.
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackstopManifest } from '../../src/backstop/manifest.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs, wallIn } from './backstop-scene.ts';
import { networkPolicyQuota } from './cluster-objects.ts';
import { eventually } from './installation.ts';
import {
  developerRole,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
} from './objects.ts';
import { grant } from './people.ts';
import { openApi, type RawApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const marked = { ...namespaceLabels, [fenceMark]: 'true' };
const config = defaultConfig({ ownNamespace: 'ringfence-system', version: '0' });
const owner = (uid: string) => [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
const wall = 'networkpolicy deny-all-baseline';
const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const dry = '--dry-run=server';
const wide = networkPolicy('deny-all-baseline', {}, { ingress: [{}] });

// On a control plane of its own: once the gate of the backstop has been removed, an API server sees
// no parameters for the next one until it restarts (kubernetes#133827).
/** A fenced namespace on trial, whose wall is open. */
function onTrial(name: string, until: string): readonly Manifest[] {
  const metadata = { name, labels: marked, annotations: { [trialAnnotation]: until } };
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata }, wallIn(name, openSpec)];
}

const options = {
  users: [{ name: 'dev', groups: ['developers'] }, { name: 'ops', groups: ['developers'] }, { name: 'guest' }],
  auditLog: true,
  disableAdmissionPlugins: ['ServiceAccount'],
};

describeWithControlPlane('the backstop of the baseline', options, (controlPlane) => {
  let admin: Terminal;
  let api: RawApi;
  let manifests: readonly BackstopManifest[];
  const type = (user: string, command: string, ...input: readonly Manifest[]) =>
    typeAs(controlPlane(), user, command, ...input);

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    api = openApi(controlPlane(), 'admin');
    await grant(controlPlane(), 'ops', ...developerRole, ...breach('shop', 'ops'));
    // The namespaces from before.
    const fenced = ['shop', 'bare', 'half', 'owned', 'ending', 'turned', 'leaving'];
    await admin.run('apply -f -', ...fenced.map((name) => namespace(name, marked)));
    await admin.run(
      'apply -f -',
      namespace('soft', { ...marked, [modeLabel]: 'warn' }),
      namespace('quiet', { ...marked, [modeLabel]: 'observe' }),
      namespace('old', {}),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace: 'owned' } },
    );
    const { uid } = (await admin.get('configmap owner -n owned')).metadata;
    const owned = { name: 'deny-all-baseline', namespace: 'owned', ownerReferences: owner(uid) };
    const held = { name: 'deny-all-baseline', namespace: 'ending', finalizers: ['example.com/hold'] };
    await admin.run(
      'apply -f -',
      ...baseline('shop'),
      ...baseline('quiet'),
      ...baseline('leaving'),
      wallIn('half', { podSelector: {}, policyTypes: ['Ingress'] }),
      wallIn('turned', { podSelector: {}, policyTypes: ['Egress', 'Ingress'] }),
      wallIn('old'),
      { ...wallIn('owned'), metadata: owned },
      { ...wallIn('ending'), metadata: held },
    );
    await admin.run(
      'apply -f -',
      ...onTrial('ended', '2020-01-01T00:00:00Z'),
      ...onTrial('tried', '2999-01-01T00:00:00Z'),
    );
    await admin.run(`delete ${wall} -n ending --wait=false`);
    manifests = await printBackstop(controlPlane());
    await applyPolicies(controlPlane(), api, manifests);
  });

  it('applied again changes nothing', async () => {
    const { stdout } = await controlPlane().kubectl(['apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
    });
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith(' unchanged')),
    ).toEqual([]);
  });

  it('is type-checked by Kubernetes without a warning', async () => {
    const statuses = async () => {
      const { items } = await admin.get<{ items: { status?: { typeChecking?: object } }[] }>(
        'validatingadmissionpolicies -l app.kubernetes.io/name=ringfence',
      );
      return items.map(({ status }) => status?.typeChecking);
    };
    const policiesPrinted = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').length;
    // The controller needs seconds for each, on a busy machine.
    await expect.poll(statuses, { timeout: 100_000 }).toEqual(Array.from({ length: policiesPrinted }, () => ({})));
  });

  describe('the gate', () => {
    it.each([
      ['without its wall, not', 'bare', 'deny-all-baseline must be there first'],
      ['whose wall stands, yes', 'shop', 'passes'],
      ['whose wall names its types the other way round, yes', 'turned', 'passes'],
      ['with a wall of another specification, not', 'half', 'baseline-gate'],
      ['whose wall belongs to something that may be deleted, not', 'owned', 'baseline-gate'],
      ['whose wall is being deleted, not', 'ending', 'baseline-gate'],
      ['whose trial is over, and whose wall is open, yes', 'ended', 'passes'],
      ['whose trial goes on, and whose wall is open, not', 'tried', 'baseline-gate'],
      ['that warns, without a wall, yes', 'soft', 'passes'],
      ['that is not fenced, yes', 'old', 'passes'],
    ])('lets a Pod into a namespace %s', async (_title, home, outcome) => {
      expect(await type('dev', `create ${dry} -f -`, inNamespace(home, pod('new')))).toBe(outcome);
    });

    it('opens when the wall is made, and the Pod is stored', async () => {
      await admin.run('apply -f -', wallIn('bare'));
      await eventually('the wall to be known', async () => {
        const outcome = await type('dev', 'create -f -', inNamespace('bare', pod('new')));
        return outcome === 'passes';
      });
    });
  });

  describe('the baseline', () => {
    it.each<[string, string, ...Manifest[]]>([
      ['is deleted', `delete ${wall} -n shop ${dry}`],
      ['is deleted with all others', `delete --raw ${policies}?dryRun=All`],
      ['loses its DNS egress', `delete networkpolicy allow-dns-egress -n shop ${dry}`],
      ['is created wide', `create ${dry} -f -`, wide],
      ['is replaced by a wide one', `replace ${dry} -f -`, wide],
      ['gets rules', `patch ${wall} -n shop ${dry} --type=merge -p {"spec":{"egress":[{}]}}`],
      ['gets another type', `patch ${wall} -n shop ${dry} --type=merge -p {"spec":{"policyTypes":["Ingress"]}}`],
      ['gets a selector', `patch ${wall} -n shop ${dry} -p {"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}`],
      [
        'gets an owner',
        `patch ${wall} -n shop ${dry} -p ${JSON.stringify({ metadata: { ownerReferences: owner('1') } })}`,
      ],
      ['gets another identity', `label ${wall} -n shop ${dry} --overwrite tier=data`],
      ['gets a quota without room for it', `create ${dry} -f -`, networkPolicyQuota(1)],
    ])('%s by who may breach the fence, and by no one else', async (_title, command, ...input) => {
      expect(await type('dev', command, ...input)).toBe('baseline-guard');
      const byOps = await type('ops', command, ...input);
      expect(byOps.includes('AlreadyExists') ? 'passes' : byOps).toBe('passes');
    });

    it.each<[string, string, ...Manifest[]]>([
      ['applied again as it is', `apply --server-side --force-conflicts ${dry} -f -`, ...baseline('shop')],
      ['annotated', `annotate ${wall} -n shop ${dry} a=b`],
      ['labelled with what is no identity', `label ${wall} -n shop ${dry} colour=blue`],
      ['left without a label, which is filled in', `label ${wall} -n shop ${dry} tier-`],
      ['under a quota with room for it', `create ${dry} -f -`, networkPolicyQuota(2)],
      ['kept out by a quota where no fence is', `create ${dry} -f -`, networkPolicyQuota(0, 'old')],
      ['deleted where no fence is', `delete ${wall} -n old ${dry}`],
      [
        'under another name, whatever it says',
        `create ${dry} -f -`,
        networkPolicy('open', undefined, { ingress: [{}] }),
      ],
    ])('may be %s', async (_title, command, ...input) => {
      expect(await type('dev', command, ...input)).toBe('passes');
    });

    it('is protected in every mode, and against who has all rights in the namespace alone', async () => {
      expect(await type('dev', `delete ${wall} -n quiet ${dry}`)).toBe('baseline-guard');
      await admin.run('create rolebinding all -n quiet --clusterrole=cluster-admin --user=dev');
      expect(await type('dev', `delete ${wall} -n quiet ${dry}`)).toBe('baseline-guard');
      expect(await type('ops', `delete ${wall} -n quiet ${dry}`)).toBe('baseline-guard');
    });

    it('is Ringfence’s own to write', async () => {
      const as = '--as=system:serviceaccount:ringfence-system:ringfence --as-group=developers';
      expect(await type('admin', `replace ${dry} -f - ${as}`, wide)).toBe('passes');
    });

    it('goes with a namespace that ends, by Kubernetes’ own controller, which waits for the Pods', async () => {
      // The controller looks again after half of the grace period.
      const slow = { nodeName: 'node-1', terminationGracePeriodSeconds: 20 };
      await admin.run('apply -f -', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
      await admin.run('apply -f -', inNamespace('leaving', pod('slow', podLabels, slow)));
      await admin.run('delete namespace leaving --wait=false');
      await eventually(
        'the Pod to end',
        async () => (await admin.get('pod slow -n leaving')).metadata.deletionTimestamp,
      );
      expect(await type('dev', `delete ${wall} -n leaving`)).toBe('baseline-guard');
      await admin.run('delete pod slow -n leaving --grace-period=0 --force');
      const isGone = async () => !(await admin.run('get namespaces -o name')).includes('namespace/leaving');
      await eventually('the namespace to be gone', isGone, 90_000);
    });
  });

  it('taken away by its label and put back, knows the walls that are made then', async () => {
    const kinds = ['validating', 'mutating'].flatMap((kind) => [
      `${kind}admissionpolicybinding`,
      `${kind}admissionpolicy`,
    ]);
    await admin.run(`delete ${kinds.join(',')} -l app.kubernetes.io/part-of=ringfence`);
    await applyPolicies(controlPlane(), api, []);
    expect(await type('dev', `create ${dry} -f -`, inNamespace('shop', pod('new', {})))).toBe('passes');
    await applyPolicies(controlPlane(), api, manifests);
    await admin.run('apply -f -', namespace('again'), wallIn('again'));
    await eventually('the wall to be known', async () => {
      const outcome = await type('dev', `create ${dry} -f -`, inNamespace('again', pod('new')));
      return outcome === 'passes';
    });
  });
});

function baseline(name: string): readonly Manifest[] {
  const labels = new Map(Object.entries(namespaceLabels));
  return desiredBaseline({ name, labels }, config).map((policy) => ({ ...policy }));
}

/** The objects that grant the permission to breach the fence of one namespace. */
function breach(name: string, user: string): readonly Manifest[] {
  const [apiVersion, metadata] = ['rbac.authorization.k8s.io/v1', { name: `breach-${name}` }];
  const rules = [{ apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['breach'], resourceNames: [name] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
  ];
}
