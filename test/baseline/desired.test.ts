import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Config } from '../../src/config/config.ts';
import { configAt, shopLabels } from './cluster-double.ts';

const shop = { name: 'shop', labels: new Map(Object.entries(shopLabels)) };

function withDns(dns: Partial<Config['baseline']['dns']>): Config {
  const config = configAt('7');
  return { ...config, baseline: { dns: { ...config.baseline.dns, ...dns } } };
}

describe('the desired baseline', () => {
  it('is the wall first, then DNS, each complete as a server-side apply sends it', () => {
    const metadata = {
      namespace: 'shop',
      labels: { 'app.kubernetes.io/managed-by': 'ringfence', env: 'prod', tier: 'web', team: 'shop' },
      annotations: { 'ringfence.dev/config-version': '7' },
    };
    expect(desiredBaseline(shop, configAt('7'))).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny-all-baseline', ...metadata },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'allow-dns-egress', ...metadata },
        spec: {
          podSelector: {},
          policyTypes: ['Egress'],
          ingress: [],
          egress: [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
                },
              ],
              ports: [
                { protocol: 'UDP', port: 53 },
                { protocol: 'TCP', port: 53 },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('opens each DNS port over UDP and TCP, and a NodeLocal cache by its address', () => {
    const [, dns] = desiredBaseline(shop, withDns({ ports: [53, 5353], nodeLocalCidr: '169.254.20.10/32' }));
    expect(dns?.spec?.egress?.[0]?.ports).toEqual([
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
      { protocol: 'UDP', port: 5353 },
      { protocol: 'TCP', port: 5353 },
    ]);
    expect(dns?.spec?.egress?.[0]?.to?.[1]).toEqual({ ipBlock: { cidr: '169.254.20.10/32' } });
  });

  it('carries no label of the namespace that is not identity', () => {
    const labels = new Map([
      ['constructor', 'x'],
      ['pod-security.kubernetes.io/enforce', 'restricted'],
      ['team', 'shop'],
    ]);
    const [wall] = desiredBaseline({ name: 'shop', labels }, configAt('7'));
    expect(wall?.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'ringfence', team: 'shop' });
  });
});
