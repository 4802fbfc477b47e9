// The whole way of namespaces that were there before: audit, readiness, plan, apply, a fence on
// trial, its confirmation, and back. The policies of the plan are really written and applied.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { isSameSpec } from '../../src/baseline/equality.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { type CommandResult, runCommand } from './command.ts';
import { definitionOf, objectOf, standIn, untilServed } from './foreign-kinds.ts';
import { eventually, type Installation, install } from './installation.ts';
import {
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  podLabels,
  workload,
} from './objects.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const names = Array.from({ length: 40 }, (_, index) => `team-${String(index + 1).padStart(2, '0')}`);
/** A command is a process, so that the way back and forth is that of some of them. */
const fenced = names.slice(0, 2);

/** A caller that names what it calls, and both ends. Nothing has made a policy for them. */
function objectsOf(name: string): readonly Manifest[] {
  const env = [{ name: 'API_URL', value: 'http://api:8080' }];
  const spec = { containers: [{ name: 'app', image: 'none', env }] };
  const service = { metadata: { name: 'api' }, spec: { selector: { app: 'api' }, ports: [{ port: 8080 }] } };
  return [
    inNamespace(name, { apiVersion: 'v1', kind: 'Service', ...service }),
    ...[workload('Deployment', 'caller', podLabels, spec), workload('Deployment', 'api')].map((one) =>
      inNamespace(name, { ...one, spec: { ...(one['spec'] as object), replicas: fenced.includes(name) ? 1 : 0 } }),
    ),
  ];
}

describeWithSharedControlPlane('the way of 40 namespaces to their fences and back', (controlPlane) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-round-trip-'));
  let installation: Installation | undefined;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -f -', ...names.map((name) => namespace(name)));
    await admin.run('apply -f -', ...names.flatMap(objectsOf));
    installation = await install(controlPlane(), 'enforce');
    const replica = await installation.start();
    await replica.untilReady();
    for (const name of fenced)
      await eventually(`the Pods of ${name}`, async () => {
        const { items } = await admin.get<{ items: readonly object[] }>(`pods -n ${name}`);
        return items.length === 2;
      });
  });
  afterAll(async () => {
    await installation?.end();
    rmSync(folder, { recursive: true });
  });

  const ringfence = (command: string): Promise<CommandResult> => runCommand(controlPlane(), 'admin', command);
  const json = async <T>(command: string): Promise<T> => JSON.parse((await ringfence(`${command} -o json`)).stdout);
  const policiesIn = async (name: string): Promise<readonly string[]> =>
    (await admin.run(`get networkpolicies -n ${name} -o jsonpath={.items[*].metadata.name}`)).split(' ').sort();
  const planned = ['allow-api-ingress', 'allow-caller-egress'];

  it('begins with an audit and what is ready: no fence, and nothing that enforce would refuse', async () => {
    const { namespaces } = await json<{ namespaces: { name: string; fence: string; findings: object }[] }>('audit');
    const own = namespaces.filter(({ name }) => names.includes(name));
    expect(own.map(({ fence }) => fence)).toEqual(names.map(() => 'not-fenced'));
    const answer = await json<{ namespaces: { name: string; isReady: boolean }[] }>('readiness');
    const ready = answer.namespaces.filter(({ name, isReady }) => isReady && names.includes(name));
    expect(ready).toHaveLength(names.length);
  });

  it('goes on with policies that the plan writes, and that nobody had', async () => {
    expect(await Promise.all(fenced.map(policiesIn))).toEqual(fenced.map(() => ['']));
    const { code, stderr } = await ringfence(`plan --all --write ${folder}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`ringfence plan --verify ${folder}`)]);
    const applied = await admin.run(`apply ${names.map((name) => `-f ${join(folder, name)}`).join(' ')}`);
    expect(applied.trim().split('\n')).toEqual(
      names.flatMap(() => planned.map((name) => `networkpolicy.networking.k8s.io/${name} created`)),
    );
    expect(await ringfence(`plan --verify ${folder}`)).toMatchObject({ code: 0 });
    // The flow is open, as before: the policies for egress do not wait for a baseline with DNS.
    const { rows } = await json<{ rows: { namespace: string; cut: number; policies: number }[] }>('plan --all');
    expect(
      rows.filter(({ namespace: name, cut, policies }) => names.includes(name) && cut + policies === 0),
    ).toHaveLength(names.length);
  });

  it('has fences on trial, which cut nothing and are confirmed', async () => {
    for (const name of fenced) {
      expect(await ringfence(`fence ${name} --trial 15m --no-watch --yes`)).toMatchObject({ code: 0 });
      expect(await ringfence(`fence ${name} --confirm`)).toMatchObject({ code: 0 });
      expect(isSameSpec((await admin.get(`networkpolicy deny-all-baseline -n ${name}`)).spec, denyAllSpec)).toBe(true);
    }
    const [first = '', second = ''] = fenced;
    const verdict = async (from: string, to: string): Promise<unknown> =>
      (await json<{ verdict: unknown }>(`reach --from ${from} --to ${to} --port 8080`)).verdict;
    expect(await verdict(`${first}/deployment/caller`, `${first}/deployment/api`)).toBe('allowed');
    expect(await verdict(`${second}/deployment/caller`, `${first}/deployment/api`)).toBe('denied');
    expect(await ringfence(`plan --verify ${folder}`)).toMatchObject({ code: 0 });
  });

  describe('may lead by a staged fence, where Calico serves that', () => {
    const kind = {
      ...standIn({
        group: 'projectcalico.org',
        kind: 'StagedKubernetesNetworkPolicy',
        resource: 'stagedkubernetesnetworkpolicies',
        scope: 'Namespaced',
      }),
      versions: ['v3'],
    };
    const name = names.at(-1) ?? '';
    const staged = async (): Promise<readonly string[]> =>
      (await admin.run(`get ${kind.resource} -n ${name} -o jsonpath={.items[*].metadata.name}`)).split(' ').sort();
    const wall = ['allow-dns-egress', 'deny-all-baseline'];

    it('which decides nothing, and is removed by unfence', async () => {
      await admin.run('apply -f -', definitionOf(kind));
      const api = openApi(controlPlane(), 'admin');
      await untilServed(api, [kind]);
      api.close();
      expect(await ringfence(`fence ${name} --stage --yes`)).toMatchObject({ code: 0 });
      expect(await staged()).toEqual(wall);
      expect((await admin.get(`namespace ${name}`)).metadata.labels).not.toHaveProperty(['ringfence.dev/fence']);
      expect(await policiesIn(name)).toEqual(planned);
      // The guard of policies of other kinds asks nobody about it, in a fenced namespace either.
      const theirs = objectOf(kind, 'v3', 'theirs', { podSelector: {} });
      await admin.run('apply -f -', { ...theirs, metadata: { name: 'theirs', namespace: fenced[0] } } as Manifest);
      expect(await ringfence(`unfence ${name} --yes`)).toMatchObject({ code: 0 });
      expect(await staged()).toEqual(['']);
    });

    it('and becomes a real one only when what the plan allows is real', async () => {
      expect(await ringfence(`fence ${name} --stage --planned ${folder} --yes`)).toMatchObject({ code: 0 });
      expect(new Set(await staged())).toEqual(new Set([...planned, ...wall]));
      const refused = async (why: string): Promise<void> => {
        const { code, stderr } = await ringfence(`fence ${name} --yes`);
        expect([code, stderr]).toEqual([1, expect.stringContaining(`\n  allow-api-ingress: ${why}\n`)]);
        expect(stderr).toContain('a planned policy is only staged, and what it allows is not allowed yet:');
        expect(await policiesIn(name)).not.toContain('deny-all-baseline');
      };
      await admin.run(`delete networkpolicy allow-api-ingress -n ${name}`);
      await refused('there is no such NetworkPolicy');
      const other = { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'], ingress: [] };
      await admin.run('apply -f -', inNamespace(name, networkPolicy('allow-api-ingress', namespaceLabels, other)));
      await refused('the NetworkPolicy of this name is another one');
      await admin.run(`apply -f ${join(folder, name)}`);
      expect(await ringfence(`fence ${name} --yes`)).toMatchObject({ code: 0 });
      expect(new Set(await policiesIn(name))).toEqual(new Set([...planned, ...wall]));
      expect(await staged()).toEqual(['']);
    });
  });

  it('leads back: the walls go, and the policies stay, because they are the teams’', async () => {
    for (const name of fenced) {
      expect(await ringfence(`unfence ${name} --yes`)).toMatchObject({ code: 0 });
      expect(await policiesIn(name)).toEqual(planned);
    }
  });
});
