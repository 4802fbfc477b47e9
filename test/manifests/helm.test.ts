// The chart, rendered by Helm itself: the same objects as the kustomizations, in any namespace.
import { expect, it } from 'vitest';
import { runTool } from '../go-tools/tool.ts';
import { describeWithTool, describeWithTools } from '../go-tools/vitest.ts';
import { chart, kustomized, objectsOf, renderText } from './render.ts';

const everything = [
  ...['audit', 'roles', 'podMonitor', 'serviceMonitor', 'prometheusRule', 'dashboard'].map((one) => `${one}.enabled`),
  'namespace.create',
];

const sets = [
  ['observe', ['overlays/observe'], { namespace: { create: true } }],
  [
    'enforce, with the audit and the roles for people',
    ['overlays/enforce', 'audit', 'roles'],
    { config: { mode: 'enforce' }, namespace: { create: true }, audit: { enabled: true }, roles: { enabled: true } },
  ],
  [
    'warn, with everything',
    ['overlays/warn', 'audit', 'roles', 'monitoring'],
    { config: { mode: 'warn' }, ...nested(everything) },
  ],
] as const;

for (const name of ['helm', 'helm3'] as const) await describeWithTool(name, `the chart, by ${name}`, describeChart);

await describeWithTools(['helm', 'helm3'], 'Helm 3 and Helm 4', ([helm = '', helm3 = '']) => {
  // Helm 3 leaves out empty lines.
  const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

  it.each(sets)('render the same text: %s', (_, _folders, values) => {
    expect(linesOf(renderText(helm3, values))).toEqual(linesOf(renderText(helm, values)));
  });
});

function describeChart(helm: string): void {
  const render = (values: object, namespace?: string, name?: string) =>
    objectsOf(renderText(helm, { ...values, tests: { enabled: false } }, namespace, name));

  it('is a chart to Helm, with and without everything, and also when warnings count', () => {
    for (const set of [[], everything.map((value) => `--set=${value}=true`)]) {
      const { exitCode, output } = runTool(helm, ['lint', '--strict', chart, ...set]);
      expect(exitCode, output).toBe(0);
    }
  });

  it.each(sets)('is what the kustomizations are: %s', async (_, folders, values) => {
    const made = render(values);
    if ('serviceMonitor' in values)
      // A kustomization needs none of it: its PodMonitor sees more.
      for (const own of ['ServiceMonitor ringfence-system/ringfence', 'Service ringfence-system/ringfence-metrics'])
        expect(made.delete(own), own).toBe(true);
    const wanted = await kustomized(folders, 'ringfence-system');
    expect(made).toEqual(wanted);
  });

  it('is what the kustomizations are in a namespace of another name, under any name of the release', async () => {
    const wanted = await kustomized(['overlays/enforce', 'audit'], 'fence-home');
    const values = { config: { mode: 'enforce' }, namespace: { create: true }, audit: { enabled: true } };
    const made = render(values, 'fence-home', 'wall');
    expect(made).toEqual(wanted);
    expect(JSON.stringify([...made])).not.toContain('ringfence-system');
  });

  it('renders the same each time: no look at a cluster, no chance', () => {
    expect(render(nested(everything))).toEqual(render(nested(everything)));
  });

  it.each([
    [{ config: { mode: 'enfroce' } }, "at '/config/mode': value must be one of 'observe', 'warn', 'enforce'"],
    [{ replica: 3 }, "at '': additional properties 'replica' not allowed"],
    [{ config: { taxonomy: { 'a/b/c': null } } }, "invalid propertyName 'a/b/c'"],
    [{ config: { taxonomy: { [`${'a'.repeat(254)}/zone`]: null } } }, 'invalid propertyName'],
    [{ config: { webhooks: { labels: { 'ringfence.dev/x': 'y' } } } }, "invalid propertyName 'ringfence.dev/x'"],
    [{ image: { digest: 'latest' } }, "at '/image/digest'"],
    [{ networkPolicy: { monitoringFrom: [] } }, "at '/networkPolicy/monitoringFrom': minItems"],
  ])('refuses %j in a sentence', (values, said) => {
    const { exitCode, output } = runTool(helm, ['template', chart, '--values', '-'], { input: JSON.stringify(values) });
    expect(exitCode).toBe(1);
    expect(output).toContain(said);
  });

  it('gives the configuration on as it is, also a null, which removes a key of the taxonomy', () => {
    const config = { mode: 'warn', taxonomy: { sensitivity: null }, breadth: { ipv4Prefix: 20 } };
    const configMap = render({ config }).get('ConfigMap ringfence-system/ringfence') as {
      readonly data: { readonly 'config.yaml': unknown };
    };
    expect(configMap.data['config.yaml']).toEqual({
      apiVersion: 'ringfence.dev/v1alpha1',
      kind: 'Configuration',
      ...config,
    });
  });

  it('leaves the user to OpenShift, takes another network, port, certificate and image', () => {
    const made = render({
      image: { registry: 'registry.example', digest: `sha256:${'0'.repeat(64)}` },
      imagePullSecrets: [{ name: 'pull' }],
      podSecurityContext: { runAsUser: null, runAsGroup: null },
      hostNetwork: true,
      ports: { webhook: 9443 },
      certificates: { source: 'cert-manager' },
      clientCA: { configMap: 'ringfence-client-ca' },
      networkPolicy: { apiServer: { to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [6443] } },
      tolerations: [{ operator: 'Exists' }],
      extraArgs: ['--log-level=warn'],
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' } }],
    });
    const deployment = made.get('Deployment ringfence-system/ringfence') as {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
    };
    const { containers, ...pod } = deployment.spec.template.spec;
    expect(pod).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      imagePullSecrets: [{ name: 'pull' }],
      tolerations: [{ operator: 'Exists' }],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [
        { name: 'tls', secret: { secretName: 'ringfence-certificate' } },
        { name: 'client-ca', configMap: { name: 'ringfence-client-ca' } },
      ],
    });
    expect(JSON.stringify(pod)).not.toContain('runAsUser');
    expect(containers[0]).toMatchObject({
      image: `registry.example/ringfence@sha256:${'0'.repeat(64)}`,
      args: [
        'serve',
        '--port=9443',
        '--tls-dir=/etc/ringfence/tls',
        '--client-ca=/etc/ringfence/client-ca/ca.crt',
        '--log-level=warn',
      ],
      env: expect.arrayContaining([{ name: 'TZ', value: 'UTC' }]) as unknown,
    });
    expect(made.get('Certificate ringfence-system/ringfence-certificate')).toMatchObject({
      spec: { dnsNames: ['ringfence.ringfence-system.svc'] },
    });
    // The process has no right on Secrets that it does not need.
    expect(JSON.stringify(made.get('Role ringfence-system/ringfence'))).not.toContain('secrets');
    expect(JSON.stringify(made.get('NetworkPolicy ringfence-system/ringfence'))).toContain('10.0.0.1/32');
    expect(made.get('ConfigMap /more')).toBeDefined();
  });
}

/** `{a: {b: true}}` for `a.b`. */
function nested(keys: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    keys.map((key) => key.split('.')).map(([first = '', last = '']) => [first, { [last]: true }]),
  );
}
