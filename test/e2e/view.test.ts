// The pages of a live cluster: read with the rights of whoever starts it, followed as far as these
// let watch, and read again on request.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { silenceMs } from '../../src/commands/followed.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { waiting } from '../waiting.ts';
import { namespace } from './objects.ts';
import { bindingOf, grant } from './people.ts';
import { programOf } from './program.ts';
import { openTerminal } from './terminal.ts';

const lister = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'lister' },
  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['list', 'get'] }],
};
const subjects = [{ kind: 'ServiceAccount', namespace: 'default', name: 'lister' }];

const shop = { env: 'prod', tier: 'api', team: 'shop' };

describeWithSharedControlPlane('ringfence view', (controlPlane) => {
  it('follows a live cluster: what is made with kubectl is on the page without a click', async () => {
    const admin = openTerminal(controlPlane(), 'admin');
    await admin.run('create namespace ringfence-system');
    await admin.run('apply -f -', namespace('shop', shop));
    const { page, again, content, newest, end } = await view(controlPlane().kubeconfigFor('admin'));
    expect(await page('/fences')).toContain('>shop<');
    const doctor = await page('/doctor');
    expect(doctor).toContain('class="status');
    expect(doctor).toMatch(/<th scope="row">pods<\/th><td><span class="kind opened">followed</);
    expect(doctor).toMatch(/<th scope="row">networkpolicies.networking.k8s.io<\/th><td><span class="kind opened">/);
    expect(doctor).toMatch(/<th scope="row">Doctor<\/th><td>not followed<\/td>/);
    expect(doctor).not.toContain('you may not watch it');

    const { number } = await newest();
    await admin.run('apply -f -', namespace('newer', shop), policy('newer', 'from-all'));
    await expect.poll(() => page('/namespace?name=newer'), waiting).toContain('newer/from-all');
    expect(await page('/fences')).toContain('>newer<');
    expect((await newest()).number).toBeGreaterThan(number);
    // The same as if everything had been read now.
    const [findings, fences] = [await content('/findings'), await content('/fences')];
    await again();
    expect([await content('/findings'), await content('/fences')]).toEqual([findings, fences]);

    await admin.run('delete networkpolicy from-all -n newer');
    await expect.poll(() => page('/namespace?name=newer'), waiting).not.toContain('newer/from-all');
    await end();
  });

  it('tells a user who may list and not watch, and reads again on request', async () => {
    const admin = openTerminal(controlPlane(), 'admin');
    await admin.run('create serviceaccount lister -n default');
    const kubeconfig = await controlPlane().kubeconfigForServiceAccount('default', 'lister');
    await grant(controlPlane(), kubeconfig, lister, { ...bindingOf('lister', ''), subjects });
    const { page, again, newest, end } = await view(kubeconfig);
    // What was listed counts as followed until the answer to its watch comes.
    await expect.poll(() => page('/fences'), waiting).toMatch(/<summary>Followed: 0 of \d+<\/summary>/);
    expect(await page('/fences')).toContain('<th scope="row">pods</th><td>not followed: you may not watch it</td>');
    const { number } = await newest();
    await admin.run('apply -f -', namespace('later', shop));
    await again();
    expect(await page('/fences')).toContain('>later<');
    expect(await newest()).toMatchObject({ number: number + 1, changed: false, silent: false });
    await end();
  });
});

function policy(home: string, name: string) {
  const spec = { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace: home, name }, spec };
}

/** Starts `ringfence view`, and enters as a browser does. */
async function view(kubeconfig: string) {
  const child: ChildProcess = spawn(process.execPath, [programOf(), 'view', '--kubeconfig', kubeconfig], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
  const address = String(line).trim();
  const { origin } = new URL(address);
  const admitted = await fetch(address, { redirect: 'manual' });
  const cookie = admitted.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = async (path: string) => (await fetch(origin + path, { headers: { cookie } })).text();
  return {
    page,
    /** What a page shows, without how old it is. */
    content: async (path: string) => /<main[\s\S]*<\/main>/.exec(await page(path))?.[0],
    newest: async () => JSON.parse(await page('/newest.json')) as { readonly number: number },
    async again() {
      const method = 'POST';
      const answer = await fetch(`${origin}/fences?do=read`, {
        method,
        headers: { cookie, origin },
        redirect: 'manual',
      });
      expect(answer.status).toBe(303);
    },
    /** Ends it as Ctrl-C does, also with open watches. */
    async end() {
      const begun = performance.now();
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([0, null]);
      // It does not wait for its watches.
      expect(performance.now() - begun).toBeLessThan(silenceMs);
    },
  };
}
