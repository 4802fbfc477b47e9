// Where the values of the chart go in the manifests.
import type { Insertion } from './source.ts';

/** A template of the chart: the manifest that it is made from, and what is inserted. */
export interface Template {
  /** Below `manifests/`. */
  readonly file: string;
  readonly insertions: readonly Insertion[];
  /** The condition for the whole file. */
  readonly when?: string;
}

const spec = ['Deployment/ringfence', 'spec', 'template', 'spec'] as const;
const container = [...spec, 'containers', 0] as const;
const audit = ['CronJob/ringfence-audit', 'spec', 'jobTemplate', 'spec', 'template', 'spec'] as const;
const own = ['NetworkPolicy/ringfence', 'spec'] as const;

const withValue = (key: string, value: string): readonly string[] => [
  `{{- with ${value} }}`,
  `${key}:`,
  '  {{- toYaml . | nindent INDENT }}',
  '{{- end }}',
];
const placement = ['nodeSelector', 'tolerations', 'affinity'].flatMap((key) => withValue(key, `.Values.${key}`));
const image = '{{ include "ringfence.image" . }}';
const apiServerPorts = [
  '{{- range .Values.networkPolicy.apiServer.ports }}',
  '- protocol: TCP',
  '  port: {{ . }}',
  '{{- end }}',
];

/** Keeps a file of the base whole. */
const plain = (file: string, when?: string): Template => ({
  file,
  insertions: [],
  ...(when === undefined ? {} : { when }),
});

export const templates: readonly Template[] = [
  plain('base/namespace.yaml', '.Values.namespace.create'),
  {
    file: 'base/resource-quota.yaml',
    when: 'and .Values.resourceQuota .Values.priorityClassName',
    insertions: [
      {
        at: ['ResourceQuota/ringfence-priority', 'spec', 'scopeSelector', 'matchExpressions', 0, 'values'],
        lines: ['- {{ .Values.priorityClassName }}'],
      },
    ],
  },
  ...['service-account', 'cluster-role', 'cluster-role-webhooks', 'cluster-role-binding'].map((name) =>
    plain(`base/${name}.yaml`),
  ),
  ...['cluster-role-binding-webhooks', 'own-webhooks-policy', 'role-binding', 'service'].map((name) =>
    plain(`base/${name}.yaml`),
  ),
  {
    file: 'base/role.yaml',
    insertions: [
      {
        between: ['  # The authority and the serving certificate, which the replicas share.', '  # The configuration.'],
        open: '{{- if eq .Values.certificates.source "own" }}',
      },
    ],
  },
  {
    file: 'base/deployment.yaml',
    insertions: [
      { at: ['Deployment/ringfence', 'spec', 'replicas'], value: '{{ .Values.replicas }}' },
      {
        after: ['Deployment/ringfence', 'spec', 'template', 'metadata', 'labels'],
        lines: [
          '  {{- with .Values.podLabels }}',
          '  {{- toYaml . | nindent INDENT }}',
          '  {{- end }}',
          ...withValue('annotations', '.Values.podAnnotations'),
        ],
      },
      {
        after: [...spec, 'automountServiceAccountToken'],
        lines: [
          ...withValue('imagePullSecrets', '.Values.imagePullSecrets'),
          '{{- if .Values.hostNetwork }}',
          'hostNetwork: true',
          'dnsPolicy: ClusterFirstWithHostNet',
          '{{- end }}',
        ],
      },
      { around: [...spec, 'priorityClassName'], open: '{{- if .Values.priorityClassName }}' },
      { at: [...spec, 'priorityClassName'], value: '{{ .Values.priorityClassName }}' },
      { at: [...spec, 'topologySpreadConstraints'], yaml: '.Values.topologySpreadConstraints' },
      { after: [...spec, 'topologySpreadConstraints'], lines: placement },
      { at: [...spec, 'securityContext'], yaml: '.Values.podSecurityContext' },
      { at: [...container, 'image'], value: image },
      { at: [...container, 'imagePullPolicy'], value: '{{ .Values.image.pullPolicy }}' },
      { at: [...container, 'args'], lines: ['{{- include "ringfence.args" . | nindent INDENT }}'] },
      {
        after: [...container, 'env'],
        lines: ['{{- with .Values.extraEnv }}', '  {{- toYaml . | nindent INDENT }}', '{{- end }}'],
      },
      { at: [...container, 'ports', 0, 'containerPort'], value: '{{ .Values.ports.webhook }}' },
      { at: [...container, 'ports', 1, 'containerPort'], value: '{{ .Values.ports.admin }}' },
      { at: [...container, 'resources'], yaml: '.Values.resources' },
      { after: [...container, 'securityContext'], lines: ['{{- include "ringfence.volumeMounts" . | nindent KEY }}'] },
      { after: [...spec, 'containers'], lines: ['{{- include "ringfence.volumes" . | nindent KEY }}'] },
    ],
  },
  {
    file: 'base/pod-disruption-budget.yaml',
    when: '.Values.podDisruptionBudget.enabled',
    insertions: [
      {
        at: ['PodDisruptionBudget/ringfence', 'spec', 'maxUnavailable'],
        value: '{{ .Values.podDisruptionBudget.maxUnavailable }}',
      },
    ],
  },
  {
    file: 'base/network-policy.yaml',
    when: '.Values.networkPolicy.enabled',
    insertions: [
      { at: [...own, 'ingress', 0, 'ports', 0, 'port'], value: '{{ .Values.ports.webhook }}' },
      { after: [...own, 'ingress', 0, 'ports'], lines: withValue('from', '.Values.networkPolicy.webhookFrom') },
      { at: [...own, 'ingress', 1, 'from'], yaml: '.Values.networkPolicy.monitoringFrom' },
      { at: [...own, 'ingress', 1, 'ports', 0, 'port'], value: '{{ .Values.ports.admin }}' },
      { at: [...own, 'egress', 0, 'ports'], lines: apiServerPorts },
      { after: [...own, 'egress', 0, 'ports'], lines: withValue('to', '.Values.networkPolicy.apiServer.to') },
      { at: [...own, 'egress', 1, 'ports', 0, 'port'], value: '{{ .Values.ports.webhook }}' },
      { at: [...own, 'egress', 2, 'to'], yaml: '.Values.networkPolicy.dns.to' },
      { at: [...own, 'egress', 2, 'ports', 0, 'port'], value: '{{ .Values.networkPolicy.dns.port }}' },
      { at: [...own, 'egress', 2, 'ports', 1, 'port'], value: '{{ .Values.networkPolicy.dns.port }}' },
    ],
  },
  ...['service-account', 'cluster-role', 'role'].map((name) => plain(`audit/${name}.yaml`, '.Values.audit.enabled')),
  {
    file: 'audit/network-policy.yaml',
    when: 'and .Values.audit.enabled .Values.networkPolicy.enabled',
    insertions: [
      { at: ['NetworkPolicy/ringfence-audit', 'spec', 'egress', 0, 'ports'], lines: apiServerPorts },
      {
        after: ['NetworkPolicy/ringfence-audit', 'spec', 'egress', 0, 'ports'],
        lines: withValue('to', '.Values.networkPolicy.apiServer.to'),
      },
    ],
  },
  {
    file: 'audit/cron-job.yaml',
    when: '.Values.audit.enabled',
    insertions: [
      { at: ['CronJob/ringfence-audit', 'spec', 'schedule'], value: '{{ .Values.audit.schedule | quote }}' },
      {
        after: [...audit, 'automountServiceAccountToken'],
        lines: [...withValue('imagePullSecrets', '.Values.imagePullSecrets'), ...placement],
      },
      { at: [...audit, 'securityContext'], yaml: '.Values.podSecurityContext' },
      { at: [...audit, 'containers', 0, 'image'], value: image },
      { at: [...audit, 'containers', 0, 'imagePullPolicy'], value: '{{ .Values.image.pullPolicy }}' },
      { at: [...audit, 'containers', 0, 'resources'], yaml: '.Values.audit.resources' },
    ],
  },
  ...['viewer', 'team-lead', 'fence-keeper', 'policy-opener'].map((name) =>
    plain(`roles/${name}.yaml`, '.Values.roles.enabled'),
  ),
  ...(['pod-monitor', 'prometheus-rule'] as const).map((name): Template => {
    const [object, value] =
      name === 'pod-monitor' ? ['PodMonitor/ringfence', 'podMonitor'] : ['PrometheusRule/ringfence', 'prometheusRule'];
    return {
      file: `monitoring/${name}.yaml`,
      when: `.Values.${value}.enabled`,
      insertions: [
        {
          after: [object, 'metadata', 'name'],
          // A kustomization adds the namespace and these labels.
          lines: [
            'namespace: {{ .Release.Namespace }}',
            'labels:',
            '  app.kubernetes.io/name: ringfence',
            '  app.kubernetes.io/part-of: ringfence',
            '  {{- with .Values.VALUE.labels }}'.replace('VALUE', value),
            '  {{- toYaml . | nindent INDENT }}',
            '  {{- end }}',
          ],
        },
      ],
    };
  }),
];
