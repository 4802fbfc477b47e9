import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probePorts } from '../../src/commands/probe.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi, type MemoryApi } from '../api-server/memory-api.ts';
import { installRingfence, labels } from '../fencing/scene.ts';
import { serveMemoryApi } from './api-server.ts';

const probes = (api: MemoryApi) => api.paths().filter((path) => path.includes('ringfence-probe'));

describe('an object of a probe', () => {
  const policy: RawObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'ringfence-probe-allow-abc', namespace: 'shop' },
  };

  /** The ports of a cluster that loses the answer to a POST while `loses.answers` is true. */
  function openPorts() {
    const api = createMemoryApi();
    api.put(paths.namespace('shop'), { metadata: { labels } });
    const loses = { answers: false };
    const request: typeof api.cluster.request = async (method, path, options) => {
      const answer = await api.cluster.request(method, path, options);
      if (method === 'POST' && loses.answers) throw new Error('the connection is lost');
      return answer as never;
    };
    const { signal } = new AbortController();
    return { api, loses, ports: probePorts({ request }, { namespace: 'shop', progress: () => undefined, signal }) };
  }

  it('is deleted as the one that was made', async () => {
    const { api, ports } = openPorts();
    await ports.create(policy);
    api.put(paths.policy('shop', 'ringfence-probe-allow-abc'), {});
    await expect(ports.remove(policy)).rejects.toMatchObject({ code: 409 });
  });

  it('is deleted by its name if the answer was lost, also if it is made for the second time', async () => {
    const { api, loses, ports } = openPorts();
    await ports.create(policy);
    await ports.remove(policy);
    loses.answers = true;
    await expect(ports.create(policy)).rejects.toThrow('the connection is lost');
    expect(probes(api)).toHaveLength(1);
    await ports.remove(policy);
    expect(probes(api)).toEqual([]);
  });
});

describe('Ctrl-C during a probe', () => {
  /** Presses Ctrl-C when a line of standard error begins with a moment; each once, in order. */
  async function press(api: MemoryApi, ...moments: readonly string[]) {
    installRingfence(api);
    api.put(paths.namespace('shop'), { metadata: { labels } });
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const args = [
      'doctor',
      '--probe',
      'shop',
      '--yes',
      '--probe-image=node',
      '--kubeconfig',
      await serveMemoryApi(api),
    ];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'close');
    const stdout = text(child.stdout);
    const lines: string[] = [];
    const left = [...moments];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      if (left[0] === undefined || !line.startsWith(left[0])) continue;
      left.shift();
      child.kill('SIGINT');
    }
    return { ended: await ended, stdout: await stdout, lines };
  }

  it('deletes what was made, and says that another one leaves it', async () => {
    const api = createMemoryApi();
    const { ended, stdout, lines } = await press(api, 'waiting for the first Pod');
    expect([ended, stdout]).toEqual([[2, null], expect.stringContaining('found: it was stopped')]);
    expect(lines.at(-1)).toBe('deleting what the probe has made; press Ctrl-C again to leave it there');
    expect(probes(api)).toEqual([]);
  }, 60_000);

  it('pressed again ends the clean-up, and names what stays and how to delete it', async () => {
    const api = createMemoryApi();
    // The API server never answers.
    api.world.before = (call) => (call.startsWith('DELETE') ? new Promise(() => undefined) : undefined);
    const { ended, stdout, lines } = await press(api, 'waiting for the first Pod', 'deleting what the probe');
    expect([ended, stdout]).toEqual([[2, null], expect.stringContaining('found: it was stopped')]);
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^ringfence: not deleted: Pod shop\/ringfence-probe-listener-\w+: .*: you stopped it$/),
      expect.stringMatching(
        /^ringfence: not deleted: NetworkPolicy shop\/ringfence-probe-allow-\w+: .*: you stopped it$/,
      ),
      expect.stringMatching(
        /^Delete them yourself: kubectl delete pod,networkpolicy -n shop -l ringfence\.dev\/probe=\w{8}$/,
      ),
    ]);
  }, 60_000);
});
