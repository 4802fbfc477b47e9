// A user's NetworkPolicy with a name of the baseline: it is never replaced by accident, and a
// deliberate replacement stores it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { eventually, type Installation, install } from './installation.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, networkPolicy } from './objects.ts';
import { grant, leastKeeper } from './people.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

const [wall, dns] = ['deny-all-baseline', 'allow-dns-egress'];
const fromController = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } };
const own: readonly Manifest[] = [
  networkPolicy(wall, {}, { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [fromController] }] }),
  networkPolicy(
    dns,
    {},
    {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '169.254.20.10/32' } }], ports: [{ port: 53, protocol: 'UDP' }] }],
    },
  ),
];

describeWithSharedControlPlane('a name of the baseline that is taken', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await grant(controlPlane(), 'keeper', ...leastKeeper('keeper'));
    for (const [name, labels] of [
      ['legacy', { ...namespaceLabels, [modeLabel]: 'observe' }],
      ['strict', namespaceLabels],
      ['empty', namespaceLabels],
    ] as const)
      await admin.run('apply -f -', namespace(name, labels));
    for (const name of ['legacy', 'strict']) {
      const how = 'apply --server-side --field-manager=argocd-controller -f -';
      await admin.run(how, ...own.map((policy) => inNamespace(name, policy)));
    }
    installation = await install(controlPlane(), 'enforce');
    await (await installation.start()).untilReady();
  });
  afterAll(() => installation.end());

  const ringfence = (command: string) => runCommand(controlPlane(), 'keeper', command);
  const specsOf = async (name: string) => {
    const { items } = await admin.get<{ items: StoredObject[] }>(`networkpolicies -n ${name}`);
    return items.map(({ spec }) => spec);
  };

  it.each(['legacy', 'strict'])('keeps the mark off by kubectl and by fence, in every mode: %s', async (name) => {
    const before = await specsOf(name);
    const refusal = await admin.refused(`label namespace ${name} ringfence.dev/fence=true`);
    expect(refusal).toContain(`NetworkPolicy ${dns} exists with another specification, which would be lost`);
    expect(refusal).toContain(`ringfence fence ${name} --replace  [baseline-guard]`);
    const dry = await ringfence(`fence ${name} --dry-run`);
    expect([dry.code, dry.stdout]).toEqual([1, expect.stringContaining(`  replace  NetworkPolicy ${name}/${dns}: `)]);
    const { code, stdout, stderr } = await ringfence(`fence ${name} --yes`);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `NetworkPolicy ${name}/${wall} has another specification than the baseline:\n  - ingress:`,
    );
    expect(await specsOf(name)).toEqual(before);
    expect((await admin.get(`namespace ${name}`)).metadata.labels).not.toHaveProperty(['ringfence.dev/fence']);
  });

  it('is printed, then replaced, by --replace; what was printed applies under another name', async () => {
    const before = await specsOf('legacy');
    const { code, stdout, stderr } = await ringfence('fence legacy --yes --replace');
    expect([code, stderr]).toEqual([0, expect.stringContaining('  replaced  NetworkPolicy legacy/deny-all-baseline')]);
    const kept = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest & StoredObject);
    expect(kept.map(({ spec }) => spec).toSorted(byText)).toEqual(before.toSorted(byText));
    expect(await specsOf('legacy')).not.toEqual(before);
    for (const policy of kept) {
      const name = `kept-${policy.metadata.name}`;
      await admin.run('apply -f -', { ...policy, metadata: { ...policy.metadata, name } });
    }
  });

  it('is never called open while its wall stands: unfence names what stays, until it is gone', async () => {
    for (const expected of ['  unmarked  Namespace legacy: ringfence.dev/fence', '  stays']) {
      const { code, stdout, stderr } = await ringfence('unfence legacy --yes');
      expect([code, stdout]).toEqual([2, expect.stringContaining(expected)]);
      expect(stderr).toContain('namespace legacy is still closed');
      expect(stderr).toContain(`NetworkPolicy legacy/${wall}: argocd-controller manages its specification`);
      expect(stderr).toContain(`kubectl delete networkpolicy ${wall} ${dns} --namespace legacy`);
    }
    await admin.run(`delete networkpolicy ${wall} ${dns} --namespace legacy`);
    expect(await ringfence('unfence legacy --yes')).toMatchObject({
      code: 0,
      stdout: 'namespace legacy is not fenced; there is nothing to remove\n',
    });
  });

  describe('in a fenced namespace', () => {
    beforeAll(async () => {
      expect(await ringfence('fence empty --yes')).toMatchObject({ code: 0 });
    });

    it('is no breach where the creation ends in AlreadyExists: not told, and no Event', async () => {
      const policy = inNamespace('empty', own[1] as Manifest);
      const { exitCode, stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
        input: JSON.stringify(policy),
      });
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('AlreadyExists')]);
      expect(stderr).not.toContain('breached');
      // A real breach is recorded. When its Event exists, the Event of the creation would exist
      // too.
      expect(await admin.run(`delete networkpolicy ${dns} -n empty`)).toContain('breached by permission');
      const used = () => admin.run('get events -n empty --field-selector reason=PermissionUsed');
      await eventually('the Event', async () => (await used()).includes(`used breach fences/empty`));
      const { items } = await admin.get<{ items: { count: number; message: string }[] }>('events -n empty');
      expect(items.filter(({ message }) => message.includes('breach')).map(({ count }) => count)).toEqual([1]);
    });
  });
});

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
