import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openObservation } from '../../src/process/observation.ts';
import { vocabularies } from '../../src/process/vocabulary.ts';
import { metricFamilies } from '../../src/telemetry/families.ts';
import { findManifest, readKustomization, readManifests } from './manifests.ts';
import { alerts, dashboard, expressions, folder, foreign, selectors } from './monitoring.ts';
import { readPromql } from './promql.ts';

/**
 * The series of Ringfence's own families, with the values of their labels. A histogram has three
 * series.
 */
const own = new Map<string, Readonly<Record<string, readonly string[]>>>(
  Object.values(metricFamilies(vocabularies)).flatMap(({ name, type, labels }) =>
    type === 'histogram'
      ? [
          [`${name}_bucket`, { ...labels, le: [] }],
          [`${name}_sum`, labels],
          [`${name}_count`, labels],
        ]
      : [[name, labels]],
  ),
);
/** All metrics of a process, Node's and its own, by their names in Prometheus. */
const exposed = namesIn(await openObservation(120).metrics.text());
/** The labels that Prometheus adds to every series. */
const given = ['job', 'instance'];

describe('a query', () => {
  it('is asked by every alert and every panel', () => {
    expect(alerts.length).toBeGreaterThan(20);
    expect(expressions.length).toBeGreaterThan(60);
    const empty = dashboard.panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0);
    expect(empty).toEqual([]);
  });

  it.each(selectors.map(([where, selector]) => [where, selector.name, selector] as const))(
    'of %s asks for a series that exists: %s',
    (_, name, { matchers }) => {
      const labels = own.get(name);
      if (labels === undefined) {
        const known = foreign[name];
        expect(known !== undefined || exposed.has(name)).toBe(true);
        for (const { label } of matchers) expect(known ?? []).toContain(label);
        return;
      }
      expect([...exposed].some((family) => name === family || name.startsWith(`${family}_`))).toBe(true);
      for (const { label, value } of matchers) {
        const words = labels[label];
        expect(words, `${name} has a label ${label}`).toBeDefined();
        for (const word of value.split('|')) expect(words, `${name}{${label}}`).toContain(word);
      }
    },
  );

  it.each(expressions)('of %s groups by labels that its series have', (_, expression) => {
    const { selectors: asked, grouping } = readPromql(expression);
    const labels = asked.flatMap(({ name }) => [...Object.keys(own.get(name) ?? {}), ...(foreign[name] ?? [])]);
    expect(grouping.filter((label) => ![...labels, ...given].includes(label))).toEqual([]);
  });

  it.each(expressions)('of %s takes the rate of what only grows, and of nothing else', (_, expression) => {
    const rated = [...expression.matchAll(/(?:rate|increase)\((\w+)/g)].map(([, name = '']) => name);
    const growing = /_total$|_count$|_bucket$|^calico_denied_packets$/;
    expect(rated.filter((name) => !growing.test(name))).toEqual([]);
    const { selectors: asked } = readPromql(expression);
    expect(asked.filter(({ name }) => growing.test(name) && !rated.includes(name))).toEqual([]);
  });

  it('names no job: metrics are known by their names', () => {
    expect(selectors.flatMap(([, { matchers }]) => matchers).filter(({ label }) => given.includes(label))).toEqual([]);
  });
});

describe('what the task of watching asks for', () => {
  it.each([...Object.keys(foreign)])('%s is on the dashboard or in an alert', (name) => {
    expect(selectors.map(([, selector]) => selector.name)).toContain(name);
  });

  it('every metric of ours is asked for somewhere, or is there to be looked up', () => {
    const asked = new Set(selectors.map(([, { name }]) => name));
    const unused = Object.values(metricFamilies(vocabularies)).filter(
      ({ name }) => !['', '_bucket', '_count'].some((end) => asked.has(`${name}${end}`)),
    );
    expect(unused.map(({ name }) => name)).toEqual(['ringfence_config_last_reload_success_timestamp_seconds']);
  });
});

describe('an alert', () => {
  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says what it means and what to do',
    (name, alert) => {
      expect(name).toMatch(/^Ringfence[A-Z]\w+$/);
      expect(Object.keys(alert.annotations)).toEqual(['summary', 'description', 'runbook']);
      for (const text of Object.values(alert.annotations)) expect(text).toMatch(/^\S.{15,}\.$/s);
      expect(['warning', 'critical']).toContain(alert.labels.severity);
    },
  );

  it('has a name of its own, and refers to others by names that exist', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const referred = alerts.flatMap(({ annotations }) => annotations.runbook.match(/\bRingfence[A-Z]\w+/g) ?? []);
    expect(referred.length).toBeGreaterThan(3);
    expect(referred.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  const { panels } = dashboard;

  it('has panels that do not lie on each other, on a grid of 24', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
  });

  it('has panels and queries with ids of their own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, targets = [] } of panels)
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
  });

  it('has legends of labels that the query leaves', () => {
    for (const { title, targets = [] } of panels)
      for (const { expr, legendFormat = '' } of targets) {
        const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        const { grouping, selectors: asked } = readPromql(expr);
        const kept = grouping.length > 0 ? grouping : asked.flatMap(({ name }) => Object.keys(own.get(name) ?? {}));
        expect(
          named.filter((label) => !kept.includes(label) && !given.includes(label)),
          title,
        ).toEqual([]);
      }
  });

  it('says of every series of a CNI which edition it comes from', () => {
    const editions = panels.filter(({ targets = [] }) => targets.some(({ expr }) => /cilium|hubble|calico/.test(expr)));
    expect(editions).toHaveLength(3);
    for (const { title, description } of editions) expect(description, title).toMatch(/open-source|Enterprise/i);
  });
});

describe('manifests/monitoring', () => {
  const kustomization = readKustomization(folder);

  it('is whole: a scrape, the rules and the dashboard, and no part of the base', () => {
    const files = readdirSync(folder).filter((file) => !['kustomization.yaml', 'rules.yaml'].includes(file));
    const generated = kustomization.configMapGenerator.flatMap(({ files: named }) =>
      named.map((file) => file.replace(/^.*=/, '')),
    );
    expect(new Set([...kustomization.resources, ...generated])).toEqual(new Set(files));
    expect(kustomization.resources.some((resource) => resource.includes('/'))).toBe(false);
  });

  it('needs the CRDs of the Prometheus operator, and no other', () => {
    const kinds = kustomization.resources.flatMap((file) => readManifests(join(folder, file)));
    expect(kinds.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'monitoring.coreos.com/v1 PodMonitor',
      'monitoring.coreos.com/v1 PrometheusRule',
    ]);
  });

  it('scrapes a port that the Pods have, and that the NetworkPolicy opens to the monitoring namespace', () => {
    const [monitor] = readManifests(join(folder, 'pod-monitor.yaml')).map(
      ({ spec }) =>
        spec as {
          readonly selector: { readonly matchLabels: object };
          readonly podMetricsEndpoints: readonly object[];
        },
    );
    const { template } = findManifest('Deployment')['spec'] as {
      readonly template: {
        readonly metadata: { readonly labels: object };
        readonly spec: {
          readonly containers: readonly {
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          }[];
        };
      };
    };
    expect(template.metadata.labels).toMatchObject(monitor?.selector.matchLabels ?? { monitor: 'missing' });
    expect(monitor?.podMetricsEndpoints).toMatchObject([{ port: 'admin', path: '/metrics' }]);
    const port = template.spec.containers[0]?.ports.find(({ name }) => name === 'admin')?.containerPort;
    const { ingress } = findManifest('NetworkPolicy', 'ringfence')['spec'] as { readonly ingress: readonly object[] };
    expect(ingress).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ protocol: 'TCP', port }],
    });
  });
});

function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name));
}
