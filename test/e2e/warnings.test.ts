// The warnings of kubectl without a refusal: the most important first, and at most a screen. Also
// the warnings when the mode of a namespace is raised.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloadKinds } from '../../src/kubernetes/kinds.ts';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install } from './installation.ts';
import {
  developerRole,
  inNamespace,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
  workload,
} from './objects.ts';
import { grant } from './people.ts';
import { programOf } from './program.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const marked = { ...namespaceLabels, 'ringfence.dev/fence': '' };
const anyone = { ipBlock: { cidr: '0.0.0.0/0' } };

describeWithSharedControlPlane('warnings', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    installation = await install(controlPlane(), 'warn');
    const replica = await installation.start();
    await replica.untilReady();
    await eventually('the API server to ask', async () => {
      const { stderr } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return stderr.startsWith('Warning: ');
    });
    await admin.run(
      'apply -f -',
      namespace('shop', marked),
      namespace('strict', { ...marked, [modeLabel]: 'enforce' }),
    );
  });
  afterAll(() => installation.end());

  it('are one line each, and say what a refusal would', async () => {
    expect(await dev.run('create -f -', pod('web', { env: 'prd', tier: 'api', team: 'shop' }))).toBe(`\
pod/web created
Warning: Pod shop/web: env "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values]
Warning: Pod shop/web: expose missing; "true" if the outside may reach it, else "false" [required-labels]
`);
  });

  it('are at most ten findings, and say how many more there are', async () => {
    const ingress = Array.from({ length: 13 }, (_, index) => ({ ports: [{ port: 8000 + index }] }));
    const printed = await dev.run('create -f -', networkPolicy('open', namespaceLabels, { ingress }));
    const [created, ...warnings] = printed.trimEnd().split('\n');
    expect(created).toBe('networkpolicy.networking.k8s.io/open created');
    const ids = warnings.flatMap((line) => /\[([a-z-]+)(?: and \d+ more)?\]$/.exec(line)?.[1] ?? []);
    expect(ids).toHaveLength(10);
    const more = /^Warning: NetworkPolicy shop\/open: and (\d+) more$/.exec(warnings.at(-1) ?? '');
    expect(Number(more?.[1])).toBeGreaterThanOrEqual(3);
    for (const line of warnings) {
      expect(line).toMatch(/^Warning: NetworkPolicy shop\/open: /);
      expect(line.length).toBeLessThanOrEqual('Warning: '.length + 120);
    }
  });

  it('begin with what is new: what stood before comes last', async () => {
    // An object from before in a namespace that enforces: its old labels and its new egress only
    // warn.
    await admin.run(`label namespace strict ${modeLabel}=observe --overwrite`);
    await dev.run('create -f -', inNamespace('strict', networkPolicy('legacy', {})));
    await admin.run(`label namespace strict ${modeLabel}=enforce --overwrite`);
    const spec = { policyTypes: ['Ingress', 'Egress'], egress: [{ to: [anyone] }] };
    const printed = await dev.run(`patch networkpolicy legacy -n strict --type=merge -p ${JSON.stringify({ spec })}`);
    const warnings = printed.split('\n').filter((line) => line.startsWith('Warning: '));
    const isBefore = warnings.map((line) => line.includes('(as before)'));
    // All three labels, with nothing after them.
    expect(isBefore.indexOf(true)).toBeGreaterThan(0);
    expect(isBefore.slice(isBefore.indexOf(true))).toEqual([true, true, true]);
  });

  describe('of a namespace that is raised to enforce', () => {
    beforeAll(async () => {
      await admin.run('apply -f -', namespace('legacy', marked));
      const living = [
        pod('right'),
        pod('bare', {}),
        pod('elsewhere', { ...podLabels, tier: 'data' }),
        ...workloadKinds.map((kind) => workload(kind, `bare-${kind.toLowerCase()}`, {})),
        workload('Deployment', 'right'),
        networkPolicy('bare', {}),
        networkPolicy('open', namespaceLabels, { ingress: [{}] }),
      ];
      await dev.run('apply -f -', ...living.map((one) => inNamespace('legacy', one)));
    });

    it('count what lives there and would be refused, kind by kind, with the command that lists it', async () => {
      const printed = await dev.run(`label namespace legacy ${modeLabel}=enforce`);
      const counts: Readonly<Record<string, number>> = {
        pods: 2,
        deployments: 1,
        statefulsets: 1,
        daemonsets: 1,
        replicasets: 1,
        replicationcontrollers: 1,
        jobs: 1,
        cronjobs: 1,
        networkpolicies: 2,
      };
      const lines = Object.entries(counts).flatMap(([resource, count]) => [
        `Warning: Namespace legacy: ${count} ${resource} here would be refused if made now; to list them:`,
        `Warning: Namespace legacy: kubectl get ${resource} -n legacy -o yaml | ringfence check -`,
      ]);
      expect(printed).toBe(['namespace/legacy labeled', ...lines, ''].join('\n'));
    });

    it.each([
      ['pods', ['Pod legacy/bare', 'Pod legacy/elsewhere']],
      ['deployments', ['Deployment legacy/bare-deployment']],
      ['cronjobs', ['CronJob legacy/bare-cronjob']],
      ['networkpolicies', ['NetworkPolicy legacy/bare', 'NetworkPolicy legacy/open']],
    ])('give a command that lists the %s', async (resource, expected) => {
      const yaml = await dev.run(`get ${resource} -n legacy -o yaml`);
      const blind = await check(yaml);
      expect(blind.code).toBe(1);
      // Without --namespaces the labels of the namespace are not known. Findings that need them are
      // listed as not decided, with the option that decides them.
      expect(namedIn(blind.stdout)).toEqual(expect.arrayContaining(expected));
      const facts = join(controlPlane().folder, 'cluster.yaml');
      writeFileSync(facts, await admin.run('get namespaces,networkpolicies -A -o yaml'));
      const informed = await check(yaml, '--namespaces', facts);
      expect({ ...informed, named: namedIn(informed.stdout) }).toMatchObject({ code: 1, named: expected });
    });
  });
});

/** Returns the reported objects, each once. */
function namedIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/^stdin:\S+ (\w+ [\w/-]+):/gm)].map(([, name = '']) => name))];
}

/** Runs `ringfence check -` on a text. */
async function check(
  input: string,
  ...options: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string }> {
  const running = promisify(execFile)(process.execPath, [programOf(), 'check', '-', ...options]);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { readonly code: number; readonly stdout: string }) => ({ code, stdout }),
  );
}
