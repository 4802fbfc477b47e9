// The content of the Grafana dashboard, and its JSON.

/**
 * One line, or one for each label value: a PromQL expression, and the legend with its labels in `{{
 * }}`.
 */
type Query = readonly [expression: string, legend: string];

interface Panel {
  readonly title: string;
  readonly type: 'stat' | 'timeseries';
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly description?: string;
}

const rate = (series: string, by: string): string => `sum by (${by}) (rate(${series}[$__rate_interval]))`;
const quantile = (share: string, series: string, by = 'le'): string =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${series}_bucket[$__rate_interval])))`;
/**
 * Limits an expression to Ringfence's own processes, because Node's metrics have the same names
 * everywhere.
 */
const own = (expression: string): string => `${expression} and on (job, instance) ringfence_ready`;

const stat = (title: string, unit: string, ...queries: readonly Query[]): Panel => ({
  title,
  type: 'stat',
  unit,
  queries,
});
const graph = (title: string, unit: string, queries: readonly Query[], description?: string): Panel => ({
  title,
  type: 'timeseries',
  unit,
  queries,
  ...(description === undefined ? {} : { description }),
});

/** The rows, the most important ones first. */
export const rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[] = [
  {
    title: 'Now',
    panels: [
      stat('Ready replicas', 'none', ['count(ringfence_ready == 1) or vector(0)', '']),
      stat('Mode of the cluster', 'none', ['max by (mode) (ringfence_mode) == 1', '{{mode}}']),
      stat('Fenced namespaces', 'none', ['max(sum by (instance) (ringfence_namespaces{baseline!="unfenced"}))', '']),
      stat('Baselines not true', 'none', ['min(sum by (instance) (ringfence_namespaces{baseline="untrue"}))', '']),
      stat('Webhooks kept', 'bool_yes_no', ['min(ringfence_webhooks_kept)', '']),
      stat('Configuration usable', 'bool_yes_no', ['min(ringfence_config_reload_successful)', '']),
      stat('Certificate expires in', 's', ['min(ringfence_certificate_expiry_timestamp_seconds) - time()', '']),
      stat('Longest silence', 's', ['max(ringfence_informer_age_seconds)', '']),
    ],
  },
  {
    title: 'Decisions',
    panels: [
      graph('Decisions', 'ops', [[rate('ringfence_decisions_total', 'decision'), '{{decision}}']]),
      graph('Refusals by resource', 'ops', [
        [rate('ringfence_decisions_total{decision="denied"}', 'resource'), '{{resource}}'],
      ]),
      graph('Findings by check', 'ops', [
        [`topk(12, ${rate('ringfence_findings_total', 'check, action')})`, '{{check}} {{action}}'],
        [rate('ringfence_waived_findings_total', 'check'), '{{check}} waived'],
      ]),
      graph('Time to decide', 's', [
        [quantile('0.5', 'ringfence_decision_duration_seconds'), 'p50'],
        [quantile('0.99', 'ringfence_decision_duration_seconds'), 'p99'],
      ]),
      graph('Reviews by path', 'ops', [[rate('ringfence_reviews_total', 'phase, outcome'), '{{phase}} {{outcome}}']]),
      graph('Defects, and bodies that are no reviews', 'ops', [
        ['sum(rate(ringfence_defects_total[$__rate_interval]))', 'defects'],
        [rate('ringfence_malformed_reviews_total', 'reason'), '{{reason}}'],
      ]),
    ],
  },
  {
    title: 'Namespaces and baselines',
    panels: [
      graph('Namespaces', 'none', [
        ['max by (mode, baseline) (ringfence_namespaces) > 0', '{{mode}}, baseline {{baseline}}'],
      ]),
      graph('Repairs', 'ops', [[rate('ringfence_baseline_reconciliations_total', 'outcome'), '{{outcome}}']]),
      graph('Baselines to come', 'none', [
        ['max(ringfence_baselines_pending)', 'waiting'],
        ['max(ringfence_baselines_failing)', 'failing'],
      ]),
      graph('The gate: what live looks saw', 'ops', [[rate('ringfence_gate_total', 'outcome'), '{{outcome}}']]),
      graph('The gate: time of a look', 's', [
        [quantile('0.5', 'ringfence_gate_duration_seconds'), 'p50'],
        [quantile('0.99', 'ringfence_gate_duration_seconds'), 'p99'],
      ]),
      graph('Events', 'ops', [[rate('ringfence_events_total', 'outcome'), '{{outcome}}']]),
    ],
  },
  {
    title: 'Between the API server and Ringfence',
    panels: [
      graph(
        'Admitted unjudged, refused unjudged',
        'ops',
        [
          [
            `sum(rate(apiserver_admission_webhook_fail_open_count{name=~".+[.]ringfence[.]dev"}[$__rate_interval]))`,
            'admitted',
          ],
          [
            `sum(rate(apiserver_admission_webhook_rejection_count{name=~".+[.]ringfence[.]dev", error_type="calling_webhook_error"}[$__rate_interval]))`,
            'refused',
          ],
        ],
        'As the API server counts them, where it is scraped.',
      ),
      graph(
        'What a webhook adds to a write (p99)',
        's',
        [
          [
            `histogram_quantile(0.99, sum by (le, name) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{name=~".+[.]ringfence[.]dev"}[$__rate_interval])))`,
            '{{name}}',
          ],
        ],
        'As the API server measures it, where it is scraped.',
      ),
      graph('Calls to the API server', 'ops', [[rate('ringfence_api_calls_total', 'verb, code'), '{{verb}} {{code}}']]),
      graph('Time of a call (p99)', 's', [
        [quantile('0.99', 'ringfence_api_call_duration_seconds', 'le, verb'), '{{verb}}'],
      ]),
      graph('Permissions asked for', 'ops', [
        [rate('ringfence_access_review_duration_seconds_count', 'outcome'), '{{outcome}}'],
      ]),
      graph('Time of a permission (p99)', 's', [[quantile('0.99', 'ringfence_access_review_duration_seconds'), 'p99']]),
    ],
  },
  {
    title: 'The processes',
    panels: [
      graph('Processor time', 'none', [[own('rate(process_cpu_seconds_total[$__rate_interval])'), '{{instance}}']]),
      graph('Resident memory', 'bytes', [[own('process_resident_memory_bytes'), '{{instance}}']]),
      graph('Lag of the event loop (p99)', 's', [[own('nodejs_eventloop_lag_p99_seconds'), '{{instance}}']]),
    ],
  },
  {
    title: 'What the network drops',
    panels: [
      graph(
        'Cilium: packets denied by policy',
        'pps',
        [
          [
            rate('cilium_drop_count_total{reason=~"Policy denied.*"}', 'reason, direction'),
            '{{direction}}: {{reason}}',
          ],
        ],
        'Open-source Cilium and Isovalent Enterprise; the agents with `prometheus.enabled`.',
      ),
      graph(
        'Hubble: flows denied by policy',
        'ops',
        [
          [
            rate('hubble_drop_total{reason=~"POLICY_DENIED|POLICY_DENY"}', 'reason, protocol'),
            '{{protocol}} {{reason}}',
          ],
        ],
        'Open-source Cilium and Isovalent Enterprise; Hubble with `drop` among its metrics.',
      ),
      graph(
        'Calico: packets denied by policy',
        'pps',
        [[`topk(12, ${rate('calico_denied_packets', 'policy')})`, '{{policy}}']],
        'Calico Enterprise and Calico Cloud. Calico Open Source documents no series of denied packets.',
      ),
    ],
  },
];

/** The dashboard in the form that Grafana imports. */
export function renderDashboard(): string {
  const panels: object[] = [];
  let top = 0;
  for (const { title, panels: row } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: place(top, 0, 24, 1),
    });
    top += 1;
    // A row holds eight numbers or three graphs.
    const isNumbers = row.every(({ type }) => type === 'stat');
    const [across, width, height] = isNumbers ? [8, 3, 4] : [3, 8, 8];
    for (const [index, panel] of row.entries()) {
      const [x, y] = [(index % across) * width, top + Math.floor(index / across) * height];
      panels.push({ id: panels.length + 1, ...renderPanel(panel), gridPos: place(y, x, width, height) });
    }
    top += Math.ceil(row.length / across) * height;
  }
  return `${JSON.stringify({ ...frame, panels }, undefined, 2)}\n`;
}

const datasource = { type: 'prometheus', uid: '$datasource' };

const frame = {
  title: 'Ringfence',
  uid: 'ringfence',
  description: 'The gate, the baselines, and what the network drops. Generated: scripts/dashboard.ts.',
  tags: ['ringfence', 'kubernetes'],
  // The schema of Grafana 11. Newer versions migrate it automatically.
  schemaVersion: 39,
  editable: true,
  refresh: '1m',
  time: { from: 'now-6h', to: 'now' },
  templating: {
    list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
  },
};

function renderPanel({ title, type, unit, queries, description }: Panel): object {
  return {
    type,
    title,
    ...(description === undefined ? {} : { description }),
    datasource,
    fieldConfig: { defaults: { unit }, overrides: [] },
    ...(type === 'stat' && queries[0]?.[1] !== '' ? { options: { textMode: 'name' } } : {}),
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      ...(legendFormat === '' ? {} : { legendFormat }),
    })),
  };
}

function place(y: number, x: number, w: number, h: number): object {
  return { h, w, x, y };
}
