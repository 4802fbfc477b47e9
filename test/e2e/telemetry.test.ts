// What a running process reports: the metrics of the alerts and the dashboard, and one decision in
// three places.
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uidAnnotation } from '../../src/events/tally.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { foreign, selectors } from '../manifests/monitoring.ts';
import { isInDoubt } from './doubt.ts';
import { eventually, type Installation, install, type LogLine, type Replica } from './installation.ts';
import { namespace, namespaceLabels, pod, podLabels, workload } from './objects.ts';
import { tell } from './scale.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { decisionsOf } from './traffic.ts';

describeWithSharedControlPlane('telemetry', (controlPlane) => {
  let admin: Terminal;
  let installation: Installation;
  let replica: Replica;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    await admin.run('apply -f -', namespace('shop'));
  });
  afterAll(() => installation.end());

  it('of a refusal has one uid: in the audit line, the audit log of the API server, and the Event', async () => {
    const { team: _, ...labels } = podLabels;
    await admin.refused('apply -f -', pod('nameless', labels));
    const line = lineOf('nameless', 'denied');
    expect(await annotated('pods', 'nameless')).toEqual([line.uid]);
    const event = await eventually('the Event', () => eventOf('nameless'));
    expect(event.metadata.annotations).toEqual({ [uidAnnotation]: line.uid });
    tell(`telemetry: uid ${String(line.uid)} in audit line, audit log and Event`);
  });

  it('of a use of a permission too', async () => {
    const labels = { ...namespaceLabels, team: 'lab' };
    await admin.run('apply -f -', namespace('lab', labels));
    const line = lineOf('lab', 'allowed');
    expect(line['permissions']).toContain('claim identities/team:lab');
    expect(await annotated('namespaces', 'lab')).toEqual([line.uid]);
    const event = await eventually('the Event', () => eventOf('claim identities/team:lab'));
    expect(event.metadata.annotations).toEqual({ [uidAnnotation]: line.uid });
  });

  it('of what a controller tries again follows the latest', async () => {
    await admin.run('apply -f -', { ...workload('ReplicaSet', 'free'), metadata: { name: 'free', namespace: 'shop' } });
    const { uid } = (await admin.get('replicaset free -n shop')).metadata;
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'free', uid, controller: true };
    for (const name of ['free-1', 'free-2']) {
      const made = pod(name, {});
      await admin.refused('apply -f -', {
        ...made,
        metadata: { ...Object(made['metadata']), ownerReferences: [owner] },
      });
    }
    const event = await eventually('the Event', () => eventOf('free-2'));
    expect(event.involvedObject).toMatchObject({ kind: 'ReplicaSet', name: 'free' });
    expect(event.metadata.annotations).toEqual({ [uidAnnotation]: lineOf('free-2', 'denied').uid });
  });

  it('of a decision with nothing to say is its audit line alone', async () => {
    await admin.run('apply -f -', pod('first'));
    await admin.run('apply -f -', pod('quiet'));
    expect(lineOf('quiet', 'allowed').uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await annotated('pods', 'quiet')).toEqual([]);
  });

  it('counts every decision that has an audit line, and what it took', async () => {
    const lines = decisionsOf(replica);
    const samples = await scrape();
    expect(sum(samples, 'ringfence_decisions_total')).toBe(lines.length);
    expect(sum(samples, 'ringfence_decision_duration_seconds_count')).toBe(lines.length);
    const denied = lines.filter(({ decision }) => decision === 'denied');
    expect(sum(samples, 'ringfence_decisions_total', 'decision="denied"')).toBe(denied.length);
    const findings = lines.flatMap((line) => line['findings'] as readonly { readonly action: string }[]);
    expect(sum(samples, 'ringfence_findings_total')).toBe(findings.length);
    // Some reviews have no audit line: marks, and requests that pass early and are judged again.
    expect(sum(samples, 'ringfence_reviews_total')).toBeGreaterThan(lines.length);
    expect(sum(samples, 'ringfence_reviews_total', 'outcome="patched"')).toBeGreaterThanOrEqual(2);
    expect(sum(samples, 'ringfence_gate_total', 'outcome="failed"')).toBe(lines.filter(isInDoubt).length);
    expect(sum(samples, 'ringfence_gate_total')).toBeGreaterThan(0);
    expect(sum(samples, 'ringfence_access_review_duration_seconds_count', 'outcome="allowed"')).toBeGreaterThan(0);
    for (const verb of ['GET', 'POST', 'PATCH'])
      expect(sum(samples, 'ringfence_api_calls_total', `verb="${verb}",code="2xx"`)).toBeGreaterThan(0);
  });

  it('says how things stand, in metrics and in the readiness detail', async () => {
    const samples = await eventually('the baselines to be true', async () => {
      const all = await scrape();
      return (
        sum(all, 'ringfence_namespaces', 'baseline="true"') >= 2 && sum(all, 'ringfence_webhooks_kept') === 1 && all
      );
    });
    expect(sum(samples, 'ringfence_ready')).toBe(1);
    expect(sum(samples, 'ringfence_namespaces', 'baseline="untrue"')).toBe(0);
    expect(sum(samples, 'ringfence_mode', 'mode="enforce"')).toBe(1);
    const names = (await admin.run('get namespaces -o name')).trim().split('\n');
    expect(sum(samples, 'ringfence_namespaces')).toBe(names.length);
    const { status, body } = await ask('/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'ready',
      mode: 'enforce',
      configVersion: expect.stringMatching(/^\d+$/),
      informerAgeSeconds: { namespaces: expect.any(Number), networkpolicies: expect.any(Number) },
      expiry: { certificate: expect.any(String), authority: expect.any(String) },
      webhooksKept: true,
      baselines: { pending: 0, failing: 0 },
    });
  });

  it('names no namespace, object, user or label of anyone', async () => {
    const text = await (await fetch(`${replica.adminUrl}/metrics`)).text();
    expect(text.match(/shop|lab\b|nameless|free-1|quiet|system:|team:|admin/g)).toBeNull();
  });

  it('exposes every series of its own and of Node that an alert or a panel asks for', async () => {
    const text = await (await fetch(`${replica.adminUrl}/metrics`)).text();
    const exposed = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = '', type = '']) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    const asked = selectors.map(([, { name }]) => name).filter((name) => !Object.hasOwn(foreign, name));
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((name) => !exposed.includes(name))).toEqual([]);
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const own = series.filter((line) => line.startsWith('ringfence_')).length;
    tell(`telemetry: ${series.length} series, ${own} of them Ringfence's, ${text.length} bytes`);
    expect(own).toBeLessThan(600);
  });

  it('can be watched by the Prometheus operator: the manifests apply, and need its CRDs alone', async () => {
    const before = await controlPlane().kubectl(['apply', '-k', resolve('manifests/monitoring')]);
    expect(before.stderr.match(/no matches for kind "\w+"/g)?.sort()).toEqual([
      'no matches for kind "PodMonitor"',
      'no matches for kind "PrometheusRule"',
    ]);
    await admin.run(
      'apply -f -',
      definition('PodMonitor', 'podmonitors'),
      definition('PrometheusRule', 'prometheusrules'),
    );
    await admin.run('wait --for=condition=Established crd/podmonitors.monitoring.coreos.com --timeout=30s');
    await admin.run('wait --for=condition=Established crd/prometheusrules.monitoring.coreos.com --timeout=30s');
    const applied = await eventually('the API server to serve them', async () => {
      const { exitCode, stdout } = await controlPlane().kubectl(['apply', '-k', resolve('manifests/monitoring')]);
      return exitCode === 0 && stdout;
    });
    expect(
      applied
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual([
      'configmap/ringfence-dashboard',
      'podmonitor.monitoring.coreos.com/ringfence',
      'prometheusrule.monitoring.coreos.com/ringfence',
    ]);
  });

  it('leaves the rest to the API server, which counts under the names that are asked for', async () => {
    await admin.run('apply -f -', namespace('loose', { ...namespaceLabels, 'ringfence.dev/mode': 'observe' }));
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    await admin.run('apply -f -', { ...pod('open'), metadata: { name: 'open', namespace: 'loose' } });
    const { stderr } = await controlPlane().kubectl(['apply', '-f', '-'], { input: JSON.stringify(pod('shut')) });
    expect(stderr).toContain('failed calling webhook');
    const { stdout } = await controlPlane().kubectl(['get', '--raw', '/metrics']);
    const lines = stdout.split('\n').filter((line) => line.includes('.ringfence.dev"'));
    for (const name of Object.keys(foreign).filter((series) => series.startsWith('apiserver_')))
      expect(lines.filter((line) => line.startsWith(`${name}{`)).length, name).toBeGreaterThan(0);
    expect(sum(lines, 'apiserver_admission_webhook_fail_open_count')).toBeGreaterThan(0);
    const calling = lines.filter((line) => line.includes('error_type="calling_webhook_error"'));
    expect(sum(calling, 'apiserver_admission_webhook_rejection_count')).toBeGreaterThan(0);
    const names = new Set(calling.map((line) => /[{,]name="([^"]+)"/.exec(line)?.[1]));
    expect([...names].every((name) => /^.+[.]ringfence[.]dev$/.test(name ?? ''))).toBe(true);
  });

  function lineOf(name: string, decision: string): LogLine & { readonly uid: string } {
    const found = decisionsOf(replica).find((line) => line['name'] === name && line['decision'] === decision);
    if (found === undefined) throw new Error(`no audit line of ${name} that is ${decision}`);
    return found as LogLine & { readonly uid: string };
  }

  /** Returns the uids in the API server's audit log for the writes of an object. */
  async function annotated(resource: string, name: string): Promise<readonly (string | undefined)[]> {
    const events = (await controlPlane().auditEvents()).filter(
      ({ objectRef, verb }) => objectRef?.resource === resource && objectRef.name === name && verb !== 'get',
    );
    expect(events.length).toBeGreaterThan(0);
    return events.flatMap(({ annotations = {} }) =>
      Object.entries(annotations).flatMap(([key, value]) => (/^.+\.ringfence\.dev\/uid$/.test(key) ? [value] : [])),
    );
  }

  async function eventOf(text: string): Promise<ShownEvent | undefined> {
    const { items } = await admin.get<{ readonly items: readonly ShownEvent[] }>('events -A');
    return items.find(({ source, message }) => source?.component === 'ringfence' && message.includes(text));
  }

  async function scrape(): Promise<readonly string[]> {
    return (await (await fetch(`${replica.adminUrl}/metrics`)).text()).split('\n');
  }

  async function ask(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const answer = await fetch(`${replica.adminUrl}${path}`);
    return { status: answer.status, body: await answer.json() };
  }
});

interface ShownEvent {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly source?: { readonly component?: string };
  readonly message: string;
}

/** Returns the sum of the samples of a family whose labels contain a text. */
function sum(lines: readonly string[], name: string, labels = ''): number {
  return lines
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/**
 * A CRD that accepts anything. The test is about our objects and not about the operator's schema.
 */
function definition(kind: string, plural: string) {
  const group = 'monitoring.coreos.com';
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
