import { expect, it } from 'vitest';
import type { Method } from '../../src/cluster/connection.ts';
import { openOwner } from '../../src/process/owner.ts';
import { refusal } from '../api-server/object-store.ts';

const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'ringfence-webhooks' };
const home = { apiVersion: 'v1', kind: 'Namespace', name: 'platform', uid: 'n1' };

/** A cluster that answers GET with an object of this uid, or with an error. */
function clusterOf(answers: { role?: string | Error; home?: string }) {
  return {
    async request<T>(_: Method, path: string): Promise<T> {
      const [answer, name] = path.includes('/clusterroles/') ? [answers.role, role.name] : [answers.home, home.name];
      if (answer instanceof Error) throw answer;
      if (answer === undefined) throw refusal(404, 'NotFound', `${name} not found`);
      return { metadata: { name, uid: answer } } as T;
    },
  };
}
const open = (answers: Parameters<typeof clusterOf>[0]) => openOwner(clusterOf(answers), 'platform', (call) => call());

it('the owner is the role with the right to make webhooks, read anew each time', async () => {
  const answers: { role?: string; home: string } = { role: 'r1', home: 'n1' };
  const read = await open(answers);
  expect(await read()).toEqual({ ...role, uid: 'r1' });
  answers.role = 'r2';
  expect(await read()).toEqual({ ...role, uid: 'r2' });
});

it('nothing is made for an installation whose role has gone, and the namespace never takes its place', async () => {
  const answers: { role?: string; home: string } = { role: 'r1', home: 'n1' };
  const read = await open(answers);
  delete answers.role;
  await expect(read()).rejects.toThrow(
    'ClusterRole ringfence-webhooks is gone, so nothing is made for this installation',
  );
});

it.each([
  ['does not exist', {}],
  ['may not be read', { role: refusal(403, 'Forbidden', 'no') }],
])('the owner is the namespace where the role %s', async (_, answers) => {
  expect(await (await open({ ...answers, home: 'n1' }))()).toEqual(home);
});

it('without either, the process does not start', async () => {
  await expect(open({})).rejects.toThrow('namespace platform does not exist; apply the manifests first');
});
