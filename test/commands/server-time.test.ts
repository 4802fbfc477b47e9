// Trials end by the clock of the API server, whatever the clock of the machine of a command says.
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditCommand } from '../../src/commands/audit.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { followAudit } from '../../src/commands/followed.ts';
import { reachCommand } from '../../src/commands/reach.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { pod } from '../audit/scene.ts';
import { installRingfence, marked } from '../fencing/scene.ts';
import { serveMemoryApi, withVersion } from './api-server.ts';
import { runCommand } from './run.ts';

const hourMs = 3_600_000;
const environment = readEnvironment({});

/** Namespace shop is on trial, has no wall, and its trial ends `endsInHours` from now. */
async function serveTrial(endsInHours: number, serverAheadHours: number): Promise<string> {
  const api = createMemoryApi();
  installRingfence(api);
  const until = new Date(Date.now() + endsInHours * hourMs).toISOString().replace(/\.\d+Z$/, 'Z');
  api.put(paths.namespace('shop'), {
    metadata: { labels: marked, annotations: { 'ringfence.dev/trial-until': until } },
  });
  for (const name of ['web', 'db']) api.put(`/api/v1/namespaces/shop/pods/${name}`, pod('shop', name));
  return serveMemoryApi(withVersion(api), () => Date.now() + serverAheadHours * hourMs);
}

const run = async (command: Parameters<typeof runCommand>[0][number], args: readonly string[], kubeconfig: string) =>
  (await runCommand([command], [...args, '--kubeconfig', kubeconfig])).stdout;

describe.each([
  ['ends in an hour, and the API server is two hours ahead: it is over', 1, 2, false],
  ['ended an hour ago, and the API server is two hours behind: it lasts', -1, -2, true],
])('a trial that %s', (_, endsInHours, serverAheadHours, lasts) => {
  const serve = () => serveTrial(endsInHours, serverAheadHours);

  it('by reach', async () => {
    const question = ['reach', '--from', 'shop/web', '--to', 'shop/db', '--port', '8443/TCP', '-o', 'json'];
    const { verdict } = JSON.parse(await run(reachCommand(environment), question, await serve())) as Answer;
    expect(verdict).toBe(lasts ? 'denied' : 'allowed');
  });

  it('by audit', async () => {
    const text = await run(auditCommand(environment, '0.1.0'), ['audit', '-o', 'json'], await serve());
    expect(fenceOfShop(JSON.parse(text) as Audited)).toBe(lasts ? 'broken' : 'not-fenced');
  });

  it('by the doctor', async () => {
    const text = await run(doctorCommand(environment, '0.1.0'), ['doctor'], await serve());
    expect(text.includes('missing: shop/deny-all-baseline')).toBe(lasts);
    expect(text.includes('whose trial is over: shop')).toBe(!lasts);
  });

  it('by the audit that the view follows, when it reads and when it judges again', async () => {
    const kubeconfig = await serve();
    const options = { kubeconfig, ringfenceNamespace: 'ringfence-system' };
    const followed = followAudit(options, environment, { release: '0', onChange: () => undefined });
    onTestFinished(() => followed.close());
    for (const report of [await followed.read(), await followed.remake()])
      expect(fenceOfShop(report)).toBe(lasts ? 'broken' : 'not-fenced');
  });
});

interface Answer {
  readonly verdict: string;
}

interface Audited {
  readonly namespaces: readonly { readonly name: string; readonly fence: string }[];
}

const fenceOfShop = ({ namespaces }: Audited) => namespaces.find(({ name }) => name === 'shop')?.fence;
