// Secrets that must never appear in output, with a real process on a real API server: canaries in
// objects, the token of Ringfence, and its private keys.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { open, read, right, whole } from '../server/sockets.ts';
import { eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { developerRole, type Manifest, namespace, networkPolicy, pod, podLabels, workload } from './objects.ts';
import { grant } from './people.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const canary = 'c4n4ry-7f3a';
const options = {
  users: [{ name: 'dev', groups: ['developers'] }],
  disableAdmissionPlugins: ['ServiceAccount'],
  controllers: false,
};

/**
 * Adds the canary to annotations, to a label that is not identity, and in a Pod to every place
 * where people put secrets by mistake.
 */
function withCanary(manifest: Manifest): Manifest {
  const metadata = manifest['metadata'] as { labels?: object };
  return {
    ...manifest,
    metadata: {
      ...metadata,
      annotations: { note: canary, [`example.com/${canary}`]: 'x' },
      labels: { ...metadata.labels, password: canary },
    },
  };
}
const container = {
  name: 'main',
  image: `registry.example/${canary}:1`,
  args: [`--password=${canary}`],
  env: [{ name: 'PASSWORD', value: canary }],
};

describeWithControlPlane('what must never be told', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let dev: Terminal;
  let admin: Terminal;
  const answers: string[] = [];

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--log-level', 'debug'] });
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
    await grant(controlPlane(), 'dev', ...developerRole);
    dev = openTerminal(controlPlane(), 'dev');
    await dev.run('apply -f -', namespace('shop'));
  });
  afterAll(() => installation.end());

  async function forge(body: string): Promise<void> {
    const socket = await open(Number(new URL(replica.url).port));
    socket.write(whole(body));
    answers.push((await read(socket, 1)).text);
    socket.destroy();
  }

  it('objects are judged, admitted and refused, and bodies come that are none', async () => {
    const spec = { hostNetwork: true, containers: [container] };
    for (const manifest of [
      pod('wrong', { ...podLabels, env: 'prd' }, spec),
      workload('Deployment', 'wrong', { ...podLabels, tier: 'data' }, { containers: [container] }),
      networkPolicy('wrong', undefined, { ingress: [{}] }),
      networkPolicy('deny-all-baseline', undefined, { ingress: [{}] }),
      namespace('wrong', { env: 'prd' }),
    ])
      answers.push(await dev.refused('create -f -', withCanary(manifest)));
    answers.push(await dev.run('create -f -', withCanary(pod('right', podLabels, { containers: [container] }))));
    for (const body of [
      `{"password": "${canary}"`,
      canary,
      JSON.stringify({ kind: 'Secret', data: { password: canary } }),
      right.replace('"userInfo":{', `"userInfo":{"extra":{"${canary}":"x"},"uid":"${canary}",`),
      right.replace('"spec":{}', `"spec":"${canary}"`),
      right.replace('"metadata":{', `"metadata":{"labels":"${canary}"}, "x":{`),
    ])
      await forge(body);
  });

  it('the API server goes away under a review, and comes back', async () => {
    await controlPlane().stopApiServer();
    await forge(right.replace('"shop"', '"elsewhere"'));
    await controlPlane().startApiServer();
    await eventually('the log to tell of it', () => replica.log().some(({ level }) => level === 'warn'));
    await eventually('a Pod to be judged again', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', '-f', '-'], {
        as: 'dev',
        input: JSON.stringify(withCanary(pod('late', podLabels, { containers: [container] }))),
      });
      return exitCode === 0;
    });
  });

  it('and of all that, no answer, line, metric or Event holds what it must not', async () => {
    // An API server that has just started may have refused earlier calls, because it answers before
    // it knows its roles.
    expect((await controlPlane().kubectl(['create', 'namespace', 'unlabelled'])).exitCode).toBe(1);
    const events = await eventually(
      'Events of the refusals',
      async () => {
        const text = await admin.run('get events --all-namespaces -o yaml');
        return text.includes('reason: Denied') ? text : undefined;
      },
      60_000,
    );
    const told = {
      answers: answers.join('\n'),
      log: readFileSync(replica.logFile, 'utf8'),
      metrics: await (await fetch(`${replica.adminUrl}/metrics`)).text(),
      readiness: await (await fetch(`${replica.adminUrl}/readyz`)).text(),
      events,
    };
    const secrets = [canary, await token(), ...(await privateKeys())];
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    for (const [where, text] of Object.entries(told)) {
      expect(text.length, where).toBeGreaterThan(10);
      expect(
        secrets.filter((secret) => text.includes(secret)),
        where,
      ).toEqual([]);
    }
    expect(told.log).toContain('malformed review');
    expect(replica.log().filter(({ msg }) => msg === 'admission decision').length).toBeGreaterThanOrEqual(6);
  });

  /** Returns the token of Ringfence for the API server. */
  async function token(): Promise<string> {
    const kubeconfig = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    // The newest token. The token in use has the same header and account, which are secret too.
    const whole = (JSON.parse(readFileSync(kubeconfig, 'utf8')) as { users: [{ user: { token: string } }] }).users[0]
      .user.token;
    return whole.slice(0, 40);
  }

  /** Returns a line from the middle of each private key in the Secret. */
  async function privateKeys(): Promise<string[]> {
    const { data } = JSON.parse(await admin.run(`get secret ringfence-tls -n ${ownNamespace} -o json`)) as {
      data: Readonly<Record<string, string>>;
    };
    const texts = Object.values(data).map((value) => Buffer.from(value, 'base64').toString());
    return texts
      .filter((text) => text.includes('PRIVATE KEY'))
      .flatMap((text) =>
        text
          .split('\n')
          .filter((line) => line.length > 30 && !line.includes('-----'))
          .slice(0, 1),
      );
  }
});
