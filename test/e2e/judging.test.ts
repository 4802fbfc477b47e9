// Facts that must not decide a verdict: a rule's own past, or the mode of another namespace. Each
// attack has a control with the opposite outcome.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { type ApiProxy, forwardAll, holdWatches, startApiProxy } from './api-proxy.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, ownNamespace } from './installation.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, networkPolicy, pod } from './objects.ts';
import { checksIn, findingsIn, openTerminal, type Terminal } from './terminal.ts';

const data = { ...namespaceLabels, tier: 'data' };

describeWithSharedControlPlane('judging in enforce', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;
  let proxy: ApiProxy;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    // The objects from before Ringfence.
    await admin.run(
      'apply -f -',
      namespace('vault', data),
      namespace('front', { ...namespaceLabels, tier: 'web' }),
      ...homes.map(([name, labels]) => namespace(name, labels)),
      ...homes.map(([name]) => inNamespace(name, networkPolicy('from-unborn', namespaceLabels, letsIn(unborn(name))))),
      inNamespace('vault', pod('older', { tier: 'api' })),
    );
    installation = await install(controlPlane(), 'enforce');
    await applyConfiguration(controlPlane(), 'mode: enforce\nexempt: { namespaces: [attic] }\n');
    proxy = await startApiProxy(controlPlane());
    const kubeconfig = proxy.kubeconfigFrom(
      await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence'),
    );
    const replica = await installation.start({ arguments: ['--config-seconds', '0.5', '--kubeconfig', kubeconfig] });
    await replica.untilReady();
    await untilFollowed(controlPlane());
    await eventually('enforce', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
  });
  afterAll(async () => {
    await installation.end();
    await proxy.close();
  });

  describe('a policy that selects Pods which no rule would let in, but which are there', () => {
    const policy = (tier: string, ingress: readonly object[]): Manifest =>
      inNamespace('vault', networkPolicy('rules', data, { podSelector: { matchLabels: { tier } }, ingress }));
    const fromApi = [{ from: [{ namespaceSelector: { matchLabels: { env: 'prod', tier: 'api' } } }] }];
    const create = 'create --dry-run=server -f -';

    it('does not open them to everyone', async () => {
      const refusal = await admin.refused(create, policy('api', [{}]));
      const checks = [
        'cross-environment',
        'exposes-unexposed',
        'flow-matrix',
        'ingress-from-anyone',
        'internal-exposed',
      ];
      expect(checksIn(refusal)).toEqual(new Set(checks));
      // The same as for the Pods of the namespace's own tier.
      expect(checksIn(await admin.refused(create, policy('data', [{}])))).toEqual(checksIn(refusal));
    });

    it('opens them to whom it may open the namespace', async () => {
      await admin.run(create, policy('api', fromApi));
      await admin.run(create, policy('data', fromApi));
    });
  });

  describe('a policy that names a namespace whose relabelling Ringfence has not heard of', () => {
    const policy = inNamespace('strict', networkPolicy('from-front', namespaceLabels, letsIn('front')));
    const create = 'create --dry-run=server -f -';

    beforeAll(() => proxy.setRule(holdWatches));
    afterAll(() => proxy.setRule(forwardAll));

    it('is admitted before, and refused afterwards', async () => {
      await admin.run(create, policy);
      await admin.run('label namespace front --overwrite tier=data');
      expect(findingsIn(await admin.refused(create, policy))).toEqual([
        expect.stringMatching(/^ {2}ingress\[0\]\.from\[0\] {2}opens data -> api on every port; .*\[flow-matrix\]$/),
      ]);
    });

    it('is refused where the namespace cannot be read', async () => {
      proxy.setRule((call) => (call.path === '/api/v1/namespaces/front' ? 'hold' : holdWatches(call)));
      expect(await admin.refused(create, policy)).toContain(
        'not decided: what it opens: namespace front could not be read: ',
      );
    });
  });

  it('a Pod that claims an identity in a namespace without labels is said to have nobody who answers for it', async () => {
    const create = 'create --dry-run=server -f -';
    expect(await admin.run(create, inNamespace('default', pod('stray')))).toContain('[unanchored-identity]');
    expect(await admin.run(create, inNamespace('strict', pod('own')))).not.toContain('Warning: ');
  });

  describe('a namespace that an existing policy names, and opens more than it may', () => {
    const createFor = (home: string) => [`create --dry-run=server -f -`, namespace(unborn(home), data)] as const;

    it('is created where the policy lives in an exempt namespace', async () => {
      expect(await admin.run(...createFor('attic'))).not.toContain('Warning: ');
    });

    it('is created, with a warning, where the policy lives in a namespace that warns', async () => {
      expect(await admin.run(...createFor('soft'))).toContain('NetworkPolicy soft/from-unborn');
    });

    it('is refused where the policy lives in a namespace that enforces', async () => {
      const refusal = await admin.refused(...createFor('strict'));
      expect(findingsIn(refusal)).toEqual([
        '  tier  with it NetworkPolicy strict/from-unborn (ingress[0].from[0]) opens data -> api; change that NetworkPolicy first, or choose another tier  [flow-matrix]',
      ]);
    });
  });
});

const homes = [
  ['attic', namespaceLabels],
  ['soft', { ...namespaceLabels, [modeLabel]: 'warn' }],
  ['strict', namespaceLabels],
] as const;

const unborn = (home: string): string => `unborn-of-${home}`;

function letsIn(name: string): object {
  return { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }] }] };
}
