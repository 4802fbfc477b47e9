import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTarget } from '../../src/cluster/kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-service-account-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('without a kubeconfig', () => {
  const kubeconfig = join(folder, 'missing');
  const proxies = { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };
  const pod = { ...proxies, kubeconfig, serviceHost: '10.96.0.1', servicePort: '443' };
  const account = join(folder, 'account');
  mkdirSync(account);
  writeFileSync(join(account, 'token'), 'secret');
  const [empty, full] = [join(folder, 'empty'), join(folder, 'full')];
  writeFileSync(empty, '');
  writeFileSync(
    full,
    JSON.stringify({
      clusters: [{ name: 'dev', cluster: { server: 'https://dev.example' } }],
      users: [{ name: 'ada', user: { token: 'ada' } }],
      contexts: [{ name: 'work', context: { cluster: 'dev', user: 'ada' } }],
      'current-context': 'work',
    }),
  );

  it('a Pod uses its ServiceAccount', () => {
    expect(readTarget({ variables: pod }, account)).toEqual({
      cluster: { server: 'https://10.96.0.1:443', 'certificate-authority': join(account, 'ca.crt') },
      user: { tokenFile: join(account, 'token') },
    });
    const { cluster } = readTarget({ variables: { ...pod, serviceHost: 'fd00::1' } }, account);
    expect(cluster['server']).toBe('https://[fd00::1]:443');
  });

  it('a Pod uses it also if the kubeconfig is empty, but not if it has a context', () => {
    expect(readTarget({ variables: { ...pod, kubeconfig: empty } }, account).cluster['server']).toContain('10.96');
    expect(readTarget({ variables: { ...pod, kubeconfig: full } }, account).user).toEqual({ token: 'ada' });
    expect(() => readTarget({ context: 'x', variables: pod }, account)).toThrow('has no context "x"');
  });

  it('anything else is told what is missing', () => {
    const said = `no cluster found: ${kubeconfig} has no context, and there is no ServiceAccount of a Pod; use --kubeconfig FILE`;
    expect(() => readTarget({ variables: pod }, join(folder, 'missing'))).toThrow(said);
    expect(() => readTarget({ variables: { ...pod, serviceHost: undefined } }, account)).toThrow(said);
  });
});
