// Namespaces without a webhook: the mark, the checks, and the permissions.
import { beforeAll, describe, expect, it } from 'vitest';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs } from './backstop-scene.ts';
import { eventually } from './installation.ts';
import { type Manifest, namespace, namespaceLabels, plainDeveloperRole } from './objects.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { namespacesOnTrial, trialRows } from './trial-rows.ts';

// The users: one has every right of Kubernetes and none of Ringfence's, one has those of a team,
// one has all.
const users = ['dev', 'lead', 'ops'].map((name) => ({ name, groups: ['developers'] }));
const dry = '--dry-run=server';
const marked = { ...namespaceLabels, [fenceMark]: 'true' };
const lab = { env: 'dev', tier: 'web', team: 'lab' };
const toKubeSystem = { 'kubernetes.io/metadata.name': 'kube-system' };

describeWithControlPlane(
  'the backstop of namespaces',
  { users, controllers: false, disableAdmissionPlugins: ['ServiceAccount'] },
  (controlPlane) => {
    let admin: Terminal;
    const type = (user: string, command: string, ...input: readonly Manifest[]) =>
      typeAs(controlPlane(), user, command, ...input);

    beforeAll(async () => {
      admin = openTerminal(controlPlane(), 'admin');
      const api = openApi(controlPlane(), 'admin');
      await admin.run('apply -f -', ...plainDeveloperRole, ...permissions);
      await admin.run(
        'apply -f -',
        namespace('shop', marked),
        namespace('soft', { ...marked, [modeLabel]: 'warn' }),
        namespace('quiet', { ...marked, [modeLabel]: 'observe' }),
        namespace('plain'),
        ...namespacesOnTrial,
        namespace('old', {}),
        namespace('attic', {}),
      );
      const exempt = { namespaces: ['attic', 'vault', 'cluster-*'] };
      await applyPolicies(controlPlane(), api, await printBackstop(controlPlane(), { exempt }));
    });

    describe('a namespace', () => {
      it('is marked when it is created, whatever its name and whatever it claims to be', async () => {
        const hidden = {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { generateName: 'lab-', labels: { ...lab, ...toKubeSystem } },
        };
        const asks = { ...lab, [modeLabel]: 'enforce' };
        const made = [namespace('lab', lab), namespace('lab-2', asks), hidden];
        const printed = await admin.run(`create ${dry} -o jsonpath={.metadata.labels}{"\\n"} -f -`, ...made);
        expect(printed.match(/"ringfence.dev\/fence":"true"/g)).toHaveLength(made.length);
      });

      it('that is exempt is not marked, and needs no labels', async () => {
        const generated = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'cluster-' } };
        const made = [namespace('vault', {}), namespace('cluster-storage', {}), generated];
        expect(await admin.run(`create ${dry} -o json -f -`, ...made)).not.toContain(fenceMark);
        expect(await admin.run(`create ${dry} -o json -f -`, namespace('clusters', lab))).toContain(fenceMark);
      });

      /** Policies come into force and end within seconds. */
      const untilComes = (outcome: string) =>
        eventually(outcome, async () => (await type('admin', `create ${dry} -f -`, namespace('lab', lab))) === outcome);

      it('that comes unmarked all the same is refused', async () => {
        const binding = 'mutatingadmissionpolicybinding mark.ringfence.dev';
        const stored = await admin.get<Manifest>(binding);
        await admin.run(`delete ${binding}`);
        await untilComes('fence-mark');
        expect(await type('admin', `create ${dry} -f -`, namespace('lab', { ...lab, [fenceMark]: '' }))).toBe('passes');
        const { resourceVersion: _, uid: __, ...metadata } = stored['metadata'] as Record<string, unknown>;
        await admin.run('create -f -', { ...stored, metadata });
        await untilComes('passes');
      });

      /** The outcomes for dev, lead and ops. */
      type Row = [title: string, dev: string, lead: string, ops: string, command: string, ...input: Manifest[]];
      it.each<Row>([
        ['claims an identity', 'claim', 'passes', 'passes', `create ${dry} -f -`, namespace('lab', lab)],
        [
          'claims what is not theirs',
          'claim',
          'claim',
          'passes',
          `create ${dry} -f -`,
          namespace('lab', { ...lab, env: 'prod' }),
        ],
        [
          'is misspelt',
          'label-values',
          'label-values',
          'label-values',
          `create ${dry} -f -`,
          namespace('lab', { ...lab, tier: 'wbe' }),
        ],
        ['has no labels', 'required-labels', 'required-labels', 'required-labels', `create namespace lab ${dry}`],
        [
          'names no mode',
          'mode-value',
          'mode-value',
          'mode-value',
          `create ${dry} -f -`,
          namespace('lab', { ...lab, [modeLabel]: 'off' }),
        ],
        [
          'asks for a milder mode',
          'lower',
          'lower',
          'passes',
          `create ${dry} -f -`,
          namespace('lab', { ...lab, [modeLabel]: 'warn' }),
        ],
        [
          'has a name under an exempt prefix',
          'exempt',
          'exempt',
          'passes',
          `create ${dry} -f -`,
          namespace('cluster-x', {}),
        ],
        ['has the name of a peer', 'claim', 'exempt', 'passes', `create ${dry} -f -`, namespace('monitoring', lab)],
        ['changes its env', 'relabel', 'relabel', 'passes', `label namespace plain ${dry} --overwrite env=dev`],
        ['gets an identity label', 'relabel', 'relabel', 'passes', `label namespace plain ${dry} sensitivity=low`],
        [
          'loses a label that it needs',
          'required-labels',
          'required-labels',
          'required-labels',
          `label namespace plain ${dry} tier-`,
        ],
        [
          'changes through its status',
          'relabel',
          'relabel',
          'passes',
          `patch namespace plain ${dry} --subresource=status -p ${labels({ env: 'dev' })}`,
        ],
        [
          'is lowered through its status',
          'lower',
          'lower',
          'passes',
          `patch namespace plain ${dry} --subresource=status -p ${labels({ [modeLabel]: 'warn' })}`,
        ],
        [
          'changes through its finalizers',
          'relabel',
          'relabel',
          'passes',
          'replace --raw /api/v1/namespaces/plain/finalize?dryRun=All -f -',
          namespace('plain', { ...namespaceLabels, env: 'dev' }),
        ],
        ['is put under the mark', 'fence', 'fence', 'passes', `label namespace plain ${dry} ${fenceMark}=`],
        ['loses its mark', 'lower', 'lower', 'passes', `label namespace shop ${dry} ${fenceMark}-`],
        ['gets a milder mode', 'lower', 'lower', 'passes', `label namespace shop ${dry} ${modeLabel}=observe`],
        [
          'gets a stricter mode',
          'passes',
          'passes',
          'passes',
          `label namespace quiet ${dry} --overwrite ${modeLabel}=warn`,
        ],
        ['goes back to the cluster’s mode', 'passes', 'passes', 'passes', `label namespace quiet ${dry} ${modeLabel}-`],
        [
          'that warns changes its env',
          'relabel',
          'relabel',
          'passes',
          `label namespace soft ${dry} --overwrite env=dev`,
        ],
        [
          'that observes changes its env',
          'relabel',
          'relabel',
          'passes',
          `label namespace quiet ${dry} --overwrite env=dev`,
        ],
        [
          'that observes changes its env and enforces',
          'relabel',
          'relabel',
          'passes',
          `label namespace quiet ${dry} --overwrite env=dev ${modeLabel}=enforce`,
        ],
        [
          'that observes is misspelt and enforces',
          'label-values',
          'label-values',
          'label-values',
          `label namespace quiet ${dry} --overwrite env=prd ${modeLabel}=enforce`,
        ],
        ['that is exempt changes its team', 'relabel', 'relabel', 'passes', `label namespace attic ${dry} team=lab`],
        ['is annotated', 'passes', 'passes', 'passes', `annotate namespace plain ${dry} a=b`],
        ...trialRows,
        ['gets a label of no meaning', 'passes', 'passes', 'passes', `label namespace old ${dry} colour=blue`],
        [
          'that Kubernetes needs is relabelled',
          'relabel',
          'relabel',
          'passes',
          `label namespace kube-system ${dry} env=prod`,
        ],
        ['is deleted', 'passes', 'passes', 'passes', `delete namespace plain ${dry} --wait=false`],
      ])('%s: %s, %s, %s', async (_title, byDev, byLead, byOps, command, ...input) => {
        const found = await Promise.all(users.map(({ name }) => type(name, command, ...input)));
        expect(found).toEqual([byDev, byLead, byOps]);
      });
    });
  },
);

function labels(set: object): string {
  return JSON.stringify({ metadata: { labels: set } });
}

const apiVersion = 'rbac.authorization.k8s.io/v1';
const permissions: readonly Manifest[] = [
  ...grant('lead', [
    { resources: ['identities'], verbs: ['claim'], resourceNames: ['env:dev', 'tier:web', 'team:lab'] },
  ]),
  ...grant('ops', [
    { resources: ['fences'], verbs: ['fence', 'relabel', 'lower', 'exempt'] },
    { resources: ['identities'], verbs: ['claim'] },
  ]),
];

/** The objects that grant one user some of Ringfence's permissions, cluster-wide. */
function grant(user: string, rules: readonly object[]): readonly Manifest[] {
  const [metadata, apiGroup] = [{ name: `ringfence-${user}` }, 'rbac.authorization.k8s.io'];
  const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name };
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata,
      rules: rules.map((rule) => ({ apiGroups: ['ringfence.dev'], ...rule })),
    },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [{ apiGroup, kind: 'User', name: user }] },
  ];
}
