// `exceptions`: a node-exporter in a fenced namespace, until its exception ends.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { inNamespace, type Manifest, namespace, pod, podLabels, workload } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

// The clock is in the past and not in the future: a certificate that begins tomorrow is not valid
// today.
const behindMs = 30 * 3_600_000;
const today = new Date().toISOString().slice(0, 10);

describeWithSharedControlPlane('exceptions', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    const exception = {
      name: 'node-exporter',
      checks: ['host-network'],
      namespace: 'monitored',
      workloads: [{ kind: 'DaemonSet', name: 'node-exporter' }],
      reason: 'it reads the node',
      until: today,
    };
    await applyConfiguration(controlPlane(), `mode: enforce\nexceptions: ${JSON.stringify([exception])}\n`);
  });
  afterAll(() => installation.end());

  const exporter = () =>
    inNamespace('monitored', workload('DaemonSet', 'node-exporter', podLabels, { hostNetwork: true }));

  it('hold while their day has not come, and are told before it does', async () => {
    const shifted = import.meta.resolve('../drills/shifted-clock.ts');
    const environment = { NODE_OPTIONS: `--import ${shifted}`, RINGFENCE_SHIFT_MS: String(-behindMs) };
    const replica = await installation.start({ environment });
    await replica.untilReady();
    await admin.run('create -f -', namespace('monitored'));
    await admin.run('create -f -', exporter());
    const { metadata } = await admin.get('daemonset node-exporter -n monitored');
    await admin.run('create --dry-run=server -f -', madeBy(metadata.uid, 'node-exporter'));
    expect(await admin.refused('create --dry-run=server -f -', madeBy(metadata.uid, 'another'))).toContain(
      '[host-network]',
    );
    const line = await eventually('the audit line', () =>
      replica.log().find(({ resource, decision }) => resource === 'daemonsets' && decision === 'allowed'),
    );
    expect(line['findings']).toEqual([
      expect.objectContaining({ check: 'host-network', because: 'exception', exception: 'node-exporter' }),
    ]);
    const messages = replica.log().map(({ msg }) => msg);
    expect(messages).toContain('exception ends within a week');
    expect(messages).toContain('exception in force: its Pods stand outside the fence');
    const metrics = await scrape(replica);
    expect(metrics).toContain('ringfence_exceptions{state="ending"} 1');
    expect(metrics).toContain('ringfence_waived_findings_total{check="host-network"} 2');
    replica.process.signal('SIGTERM');
    await replica.process.ended;
  });

  it('refuse again from that day', async () => {
    const replica = await installation.start();
    await replica.untilReady();
    const { metadata } = await admin.get('daemonset node-exporter -n monitored');
    await eventually('the refusal', async () => {
      const { exitCode, stderr } = await controlPlane().kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify(madeBy(metadata.uid, 'node-exporter')),
      });
      return exitCode !== 0 && stderr.includes('[host-network]');
    });
    // Existing objects are ratcheted: they can be scaled and deleted.
    await admin.run('annotate daemonset node-exporter -n monitored a=b');
    expect(replica.log().map(({ msg }) => msg)).toContain('exception has ended, its findings refuse again');
    expect(await scrape(replica)).toContain('ringfence_exceptions{state="ended"} 1');
  });
});

/** A Pod as the DaemonSet controller creates it. */
function madeBy(uid: string, name: string): Manifest {
  const made = inNamespace('monitored', pod(`${name}-x2b4z`, podLabels, { hostNetwork: true }));
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid, controller: true }];
  return { ...made, metadata: { ...(made['metadata'] as object), ownerReferences } };
}

async function scrape({ adminUrl }: Replica): Promise<string> {
  return (await fetch(`${adminUrl}/metrics`)).text();
}
