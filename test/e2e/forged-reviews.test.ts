// A flood of reviews that anybody can send, each of which costs calls to the API server, while
// people create Pods.
import { Agent, request as httpsRequest } from 'node:https';
import PQueue from 'p-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { identity, namespace as namespaceOf, networkPolicy, pod, request, review } from '../admission/scene.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { createPod } from './burst.ts';
import { type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { namespace, namespaceLabels } from './objects.ts';
import { isFullRun, tell } from './scale.ts';
import { openTerminal } from './terminal.ts';

const crowd = isFullRun ? 500 : 200;
const clients = 48;
const podCount = 110;

describeWithSharedControlPlane('a flood of forged reviews', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let cluster: Cluster;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    const observing = { ...namespaceLabels, 'ringfence.dev/mode': 'observe' };
    await openTerminal(controlPlane(), 'admin').run('create -f -', namespace('shop'), namespace('crowded', observing));
    const queue = new PQueue({ concurrency: 16 });
    await queue.addAll(Array.from({ length: crowd }, (_, index) => () => createHeavyPod(index)));
  });
  afterAll(async () => {
    await cluster.close();
    await installation.end();
  });

  /** A Pod of 10 KB, as service meshes make them. */
  const createHeavyPod = (index: number) =>
    cluster.request('POST', `${namespacesPath}/crowded/pods`, {
      body: {
        metadata: { name: `heavy-${index}`, annotations: { status: 'x'.repeat(10_000) } },
        spec: { containers: [{ name: 'main', image: 'main' }] },
      },
      timeoutMs: 30_000,
    });

  const raised = (mode: string) => namespaceOf({ ...identity, 'ringfence.dev/mode': mode }, 'crowded');
  let sent = 0;

  it.each<[string, () => unknown]>([
    [
      'that raise a crowded namespace to enforce',
      () =>
        request('Namespace', raised('enforce'), { name: 'crowded', operation: 'UPDATE', oldObject: raised('observe') }),
    ],
    [
      'that create namespaces with identities',
      () => request('Namespace', namespaceOf({ ...identity, team: `team-${sent}` }, `new-${sent}`)),
    ],
    [
      'of policies that name twenty namespaces each',
      () => {
        const values = Array.from({ length: 20 }, (_, index) => `stranger-${sent}-${index}`);
        const expression = { key: 'kubernetes.io/metadata.name', operator: 'In', values };
        const from = [{ namespaceSelector: { matchExpressions: [expression] } }];
        return request('NetworkPolicy', networkPolicy('named', identity, { ingress: [{ from }] }));
      },
    ],
    ['of Pods in namespaces that nobody has heard of', () => request('Pod', pod(), { namespace: `unheard-${sent}` })],
  ])('%s keeps no Pod out', async (title, forge) => {
    const agent = new Agent({ keepAlive: true, maxSockets: clients, rejectUnauthorized: false });
    const over = new AbortController();
    const before = sent;
    const flood = Array.from({ length: clients }, async () => {
      while (!over.signal.aborted) {
        sent += 1;
        await post(agent, `${replica.url}/validate/enforced`, JSON.stringify(review(forge())));
      }
    });
    const begun = performance.now();
    const queue = new PQueue({ concurrency: 8 });
    const refusals: string[] = [];
    const durations: number[] = [];
    await queue.addAll(
      Array.from({ length: podCount }, (_, index) => async () => {
        try {
          durations.push((await createPod(cluster, 'shop', `beside-${before}-${index}`)).durationMs);
        } catch (error) {
          refusals.push(String(error));
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    over.abort();
    await Promise.all(flood);
    agent.destroy();
    const lists = await listsOfCrowd();
    // Nine kinds are listed for one review, and shared with all that ask meanwhile.
    expect(lists).toBeLessThan(sent);
    tell(
      `forged reviews ${title}: ${sent - before} in ${seconds.toFixed(1)} s, ${lists} lists so far; ` +
        `${refusals.length} of ${podCount} Pods refused, the slowest took ${Math.max(...durations).toFixed(0)} ms`,
    );
    expect(refusals).toEqual([]);
    expect(sent - before).toBeGreaterThan(clients);
  });

  async function listsOfCrowd(): Promise<number> {
    const events = await controlPlane().auditEvents();
    const own = `system:serviceaccount:${ownNamespace}:ringfence`;
    return events.filter(
      ({ verb, user, objectRef }) => verb === 'list' && user.username === own && objectRef?.namespace === 'crowded',
    ).length;
  }
});

/** Sends a review, and reads its answer. A connection that ends is no error here. */
function post(agent: Agent, url: string, body: string): Promise<void> {
  return new Promise((resolve) => {
    const call = httpsRequest(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (answer) => answer.on('data', () => undefined).on('close', () => resolve()),
    );
    call.on('error', () => resolve());
    call.end(body);
  });
}
