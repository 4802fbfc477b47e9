import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Config } from '../../src/config/config.ts';
import { configAt, shopLabels } from './cluster-double.ts';

const shop = { name: 'shop', labels: new Map(Object.entries(shopLabels)) };

function withDns(...dns: Config['baseline']['dns']): Config {
  return { ...configAt('7'), baseline: { dns } };
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
    const pods = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, cidrs: [], ports: [53, 5353] };
    const cache = { namespace: undefined, podLabels: {}, cidrs: ['169.254.20.10/32'], ports: [53, 5353] };
    const [, dns] = desiredBaseline(shop, withDns(pods, cache));
    expect(dns?.spec?.egress).toHaveLength(1);
    expect(dns?.spec?.egress?.[0]?.ports).toEqual([
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
      { protocol: 'UDP', port: 5353 },
      { protocol: 'TCP', port: 5353 },
    ]);
    expect(dns?.spec?.egress?.[0]?.to?.[1]).toEqual({ ipBlock: { cidr: '169.254.20.10/32' } });
  });

  it('opens every place of DNS, those of the same ports in one rule', () => {
    const [, dns] = desiredBaseline(
      shop,
      withDns(
        { namespace: 'openshift-dns', podLabels: { dns: 'default' }, cidrs: [], ports: [5353] },
        { namespace: undefined, podLabels: {}, cidrs: ['169.254.20.10/32', '10.96.0.10/32'], ports: [53] },
        { namespace: 'openshift-dns', podLabels: { app: 'coredns' }, cidrs: [], ports: [5353] },
      ),
    );
    const pods = (podLabels: object) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } },
      podSelector: { matchLabels: podLabels },
    });
    const ports = (port: number) => [
      { protocol: 'UDP', port },
      { protocol: 'TCP', port },
    ];
    expect(dns?.spec?.egress).toEqual([
      { to: [pods({ dns: 'default' }), pods({ app: 'coredns' })], ports: ports(5353) },
      { to: [{ ipBlock: { cidr: '169.254.20.10/32' } }, { ipBlock: { cidr: '10.96.0.10/32' } }], ports: ports(53) },
    ]);
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
