// The values of the chart: one row for each. values.yaml, values.schema.json and the table of
// docs/helm.md are made from them.
import { configSchema } from '../../src/config/schema.ts';
import { FromManifest, row, type Value } from './value.ts';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const map = { type: 'object' };
const list = { type: 'array' };
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const port = { type: 'integer', minimum: 1, maximum: 65_535 };
const peers = { type: 'array', minItems: 1 };
const ports = { type: 'array', minItems: 1, items: port };

const deployment = (...way: (string | number)[]) =>
  new FromManifest('base/deployment.yaml', 'Deployment/ringfence', 'spec', ...way);
const pod = (...way: (string | number)[]) => deployment('template', 'spec', ...way);
const own = (...way: (string | number)[]) =>
  new FromManifest('base/network-policy.yaml', 'NetworkPolicy/ringfence', 'spec', ...way);
const { $schema: _, $id: __, required: ___, title, ...rest } = configSchema;
const { apiVersion: ____, kind: _____, ...properties } = rest.properties;

export const values: readonly Value[] = [
  row(
    'config',
    { mode: 'observe' },
    { ...rest, title, properties },
    'The configuration, without `apiVersion` and `kind`: docs/configuration.md. Ringfence follows its changes without a restart.',
  ),
  row(
    'replicas',
    deployment('replicas'),
    { type: 'integer', minimum: 1 },
    'The number of replicas. With one, every restart stops the writes that enforce judges.',
  ),
  row('image.registry', '', text, 'The registry, if `repository` does not name it.'),
  row('image.repository', 'ringfence', text, 'The repository of the image.'),
  row('image.tag', '', text, "The tag. Empty means the chart's `appVersion`."),
  row(
    'image.digest',
    '',
    { type: 'string', pattern: '^(?:sha256:[0-9a-f]{64})?$' },
    'The digest (`sha256:…`). It takes precedence over the tag.',
  ),
  row(
    'image.pullPolicy',
    pod('containers', 0, 'imagePullPolicy'),
    { enum: ['Always', 'IfNotPresent', 'Never'] },
    'When the node pulls the image.',
  ),
  row('imagePullSecrets', [], list, 'Secrets for the registry: `[{name: …}]`.'),
  row(
    'resources',
    pod('containers', 0, 'resources'),
    map,
    'Requests and limits of the container. It has no CPU limit, because a throttled webhook would delay every write. The heap is sized for 512Mi.',
  ),
  row(
    'priorityClassName',
    pod('priorityClassName'),
    text,
    'The priority class of the Pods. Full nodes must make room for Ringfence.',
  ),
  row(
    'resourceQuota',
    true,
    flag,
    'Whether to make the quota that some API servers (GKE) require for Pods of a system priority class.',
  ),
  row(
    'podSecurityContext',
    pod('securityContext'),
    map,
    'The security context of the Pods. On OpenShift, set `runAsUser` and `runAsGroup` to `null`: the platform chooses them.',
  ),
  row('affinity', {}, map, 'The affinity of the Pods.'),
  row('nodeSelector', {}, texts, 'The labels of the nodes that Pods may run on.'),
  row('tolerations', [], list, 'The taints that Pods tolerate.'),
  row(
    'topologySpreadConstraints',
    pod('topologySpreadConstraints'),
    list,
    'How the Pods are spread over nodes and zones.',
  ),
  row('podDisruptionBudget.enabled', true, flag, 'Whether to make a PodDisruptionBudget.'),
  row(
    'podDisruptionBudget.maxUnavailable',
    new FromManifest('base/pod-disruption-budget.yaml', 'PodDisruptionBudget/ringfence', 'spec', 'maxUnavailable'),
    { type: ['integer', 'string'] },
    'How many replicas a drain may evict at a time.',
  ),
  row(
    'hostNetwork',
    false,
    flag,
    'Whether the Pods use the network of their node, for API servers that reach no Pod (EKS with a custom CNI). The DNS policy is then `ClusterFirstWithHostNet`. Choose free `ports`.',
  ),
  row('ports.webhook', pod('containers', 0, 'ports', 0, 'containerPort'), port, 'The port of the webhook server.'),
  row('ports.admin', pod('containers', 0, 'ports', 1, 'containerPort'), port, 'The port of probes and metrics.'),
  row(
    'extraArgs',
    [],
    { type: 'array', items: text },
    'More arguments of `ringfence serve`, for example `--log-level=warn`.',
  ),
  row('extraEnv', [], list, 'More environment variables of the container.'),
  row('podAnnotations', {}, texts, 'Annotations of the Pods.'),
  row('podLabels', {}, texts, 'More labels of the Pods.'),
  row(
    'identity',
    { env: 'prod', tier: 'api', team: 'platform' },
    { ...texts, minProperties: 1 },
    "The identity labels of Ringfence's own objects, in the words of your taxonomy.",
  ),
  row(
    'certificates.source',
    'own',
    { enum: ['own', 'cert-manager', 'files'] },
    'Who makes the certificates: Ringfence (`own`), cert-manager, or whoever writes `certificates.secretName` (`files`).',
  ),
  row(
    'certificates.secretName',
    'ringfence-certificate',
    text,
    'The Secret with `tls.crt`, `tls.key` and `ca.crt`. It is not used with `own`.',
  ),
  row(
    'certificates.issuerRef',
    { kind: 'Issuer', name: 'ringfence' },
    map,
    'The issuer of cert-manager. The Secret that it writes needs `ca.crt`.',
  ),
  row(
    'clientCA.configMap',
    '',
    text,
    'A ConfigMap with `ca.crt`. Reviews are then accepted only from clients with a certificate of this authority: docs/client-certificates.md.',
  ),
  row(
    'networkPolicy.enabled',
    true,
    flag,
    "Whether to make the NetworkPolicies of Ringfence's own Pods. One denies all traffic in the namespace of the release.",
  ),
  row(
    'networkPolicy.webhookFrom',
    [],
    list,
    'Who may reach the webhook, as peers of a NetworkPolicy: the addresses of the API server. Empty means everyone.',
  ),
  row('networkPolicy.monitoringFrom', own('ingress', 1, 'from'), peers, 'Who may reach the metrics, as peers.'),
  row('networkPolicy.apiServer.to', [], list, 'The addresses of the API server, as peers. Empty means any address.'),
  row(
    'networkPolicy.apiServer.ports',
    [443, 6443],
    ports,
    'The ports of the API server, after the translation of its Service.',
  ),
  row('networkPolicy.dns.to', own('egress', 2, 'to'), peers, 'The Pods or addresses of DNS, as peers.'),
  row('networkPolicy.dns.port', 53, port, 'The port of the DNS Pods: 5353 on OpenShift.'),
  row(
    'podMonitor.enabled',
    false,
    flag,
    'Whether to make a PodMonitor of the Prometheus operator. It also sees replicas that are not ready.',
  ),
  row('podMonitor.labels', {}, texts, 'Labels by which a Prometheus chooses it.'),
  row(
    'serviceMonitor.enabled',
    false,
    flag,
    'Whether to make a ServiceMonitor, with a Service for the metrics. Use it only where PodMonitors are not possible.',
  ),
  row('serviceMonitor.labels', {}, texts, 'Labels by which a Prometheus chooses it.'),
  row('prometheusRule.enabled', false, flag, 'Whether to make the alert rules: docs/alerts.md.'),
  row('prometheusRule.labels', {}, texts, 'Labels by which a Prometheus chooses them.'),
  row('dashboard.enabled', false, flag, 'Whether to make a ConfigMap with the dashboard for Grafana.'),
  row('dashboard.labels', { grafana_dashboard: '1' }, texts, 'Labels by which a sidecar of Grafana finds it.'),
  row(
    'audit.enabled',
    false,
    flag,
    'Whether a CronJob publishes what `ringfence audit` finds. Set `config.reports` too: docs/cluster-audit.md.',
  ),
  row(
    'audit.schedule',
    new FromManifest('audit/cron-job.yaml', 'CronJob/ringfence-audit', 'spec', 'schedule'),
    text,
    'When the audit runs.',
  ),
  row(
    'audit.resources',
    new FromManifest(
      'audit/cron-job.yaml',
      'CronJob/ringfence-audit',
      'spec',
      'jobTemplate',
      'spec',
      'template',
      'spec',
      'containers',
      0,
      'resources',
    ),
    map,
    'Requests and limits of the audit.',
  ),
  row(
    'roles.enabled',
    false,
    flag,
    'Whether to make the ClusterRoles for people: docs/security.md. Nothing is bound to them.',
  ),
  row(
    'namespace.create',
    false,
    flag,
    'Whether the chart has the Namespace. Only for `helm template` with `kubectl apply`: Helm itself needs the namespace before.',
  ),
  row('tests.enabled', true, flag, 'Whether the chart has the test that `helm test` runs.'),
  row(
    'tests.resources',
    { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    map,
    'Requests and limits of the test.',
  ),
  row(
    'tests.labels',
    {},
    texts,
    "More identity labels of the test's namespace, if your configuration requires more than `identity` has.",
  ),
  row('extraObjects', [], list, 'More objects of the release, for example a PrometheusRule of your own.'),
];
