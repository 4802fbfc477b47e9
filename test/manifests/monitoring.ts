// The alert rules and the dashboard as they are applied, and every series that they use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Alert, readRules } from '../../scripts/monitoring.ts';
import { root } from './manifests.ts';
import { readPromql, type Selector } from './promql.ts';

export const folder = join(root, 'manifests/monitoring');

export const alerts: readonly Alert[] = readRules(readFileSync(join(folder, 'rules.yaml'), 'utf8')).groups.flatMap(
  ({ rules }) => rules,
);

/** A Grafana dashboard, with the fields that the tests read. */
export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly DashboardPanel[];
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
}

export const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as Dashboard;

/** Every expression, with the name of its alert or the title of its panel. */
export const expressions: readonly (readonly [where: string, expression: string])[] = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Every selector of every expression. */
export const selectors: readonly (readonly [where: string, selector: Selector])[] = expressions.flatMap(
  ([where, expression]) => readPromql(expression).selectors.map((selector) => [where, selector] as const),
);

/**
 * The series of others, with the labels that are used. The API server's: k8s.io/apiserver,
 * pkg/admission/metrics (the counts are ALPHA there). Cilium's: pkg/metrics, with the reasons of
 * pkg/monitor/api; Hubble's: pkg/hubble/metrics/drop, with the names of flow.DropReason. Calico's:
 * Felix's policy metrics, of Calico Enterprise and Calico Cloud.
 */
export const foreign: Readonly<Record<string, readonly string[]>> = {
  apiserver_admission_webhook_fail_open_count: ['name', 'type'],
  apiserver_admission_webhook_rejection_count: ['name', 'type', 'operation', 'error_type', 'rejection_code'],
  apiserver_admission_webhook_admission_duration_seconds_bucket: ['le', 'name', 'type', 'operation', 'rejected'],
  cilium_drop_count_total: ['reason', 'direction'],
  hubble_drop_total: ['reason', 'protocol'],
  calico_denied_packets: ['policy', 'srcIP', 'instance'],
};
