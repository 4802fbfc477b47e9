// If nothing enforces, no fault of the API server fails a write, right or wrong. Doubt is recorded
// and never blocks.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { createNamespace, shopLabels } from '../e2e/burst.ts';
import { eventually } from '../e2e/installation.ts';
import { startLife } from '../e2e/life.ts';
import { isFullRun } from '../e2e/scale.ts';
import { faults, silences } from './faults.ts';
import { record } from './record.ts';
import { openStage, type Stage } from './stage.ts';
import { openValve } from './valve.ts';

/** Twenty writes a second. */
const lastsMs = 1_000;
const rows = [...faults, ...silences].filter(({ isShort }) => isFullRun || isShort);

describeWithSharedControlPlane('in observe, under an API server with', (controlPlane) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(controlPlane(), 'observe', ['--relist-seconds', '5']);
    const { any } = stage.writers;
    // One namespace is fenced, so its Pods need the gate. The other has no labels at all.
    const labels = { ...shopLabels, 'ringfence.dev/fence': '' };
    await any.request('POST', namespacesPath, { body: { metadata: { name: 'labelled', labels } } });
    await any.request('POST', namespacesPath, { body: { metadata: { name: 'legacy' } } });
    const isFenced = () => stage.history.changesOf('labelled', 'allow-dns-egress').length > 0;
    await eventually('a namespace to be fenced', isFenced);
  });
  afterAll(() => stage.end());

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_, fault, index) => {
    const { proxy, writers } = stage;
    const valve = openValve(writers.any);
    const walls = '/apis/networking.k8s.io/v1/namespaces/labelled/networkpolicies/deny-all-baseline';
    await writers.any.request('DELETE', walls);
    proxy.begin(fault);
    const life = startLife(valve.cluster, `observed-${index}`);
    // Every label is wrong, which is recorded and admitted.
    const wrong = { name: `wrong-${index}`, labels: { env: 'prd', tier: 'none' } };
    const spec = { containers: [{ name: 'main', image: 'main' }] };
    const wrongs = [
      createNamespace(valve.cluster, `right-${index}`),
      ...[namespacesPath, `${namespacesPath}/labelled/pods`].map((path) =>
        valve.cluster.request('POST', path, { body: { metadata: wrong, spec }, timeoutMs: 60_000 }),
      ),
    ];
    // The valve reports failures.
    const answered = Promise.allSettled(wrongs);
    await delay(lastsMs);
    // The Secret is read only every five seconds.
    await eventually('a call that comes to harm', () => proxy.harmed() > 0);
    const harmed = proxy.harmed();
    proxy.end();
    await Promise.all([answered, life.stop()]);
    const failed = valve.attempts.filter(({ refusal }) => refusal !== undefined);
    const slowest = Math.max(...valve.attempts.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
    record({
      part: 'a faulty API server',
      drill: `in observe: ${fault.name}`,
      writes: valve.attempts.length,
      failed: failed.length,
      wrong: 0,
      remark: `right and wrong ones, none of them blocked; the slowest took ${slowest.toFixed(0)} ms; ${harmed} calls came to harm`,
    });
    expect(harmed).toBeGreaterThan(0);
    expect(failed.slice(0, 3), 'writes that failed').toEqual([]);
    await eventually('every baseline', () => stage.history.withoutBaseline().length === 0);
  });
});
