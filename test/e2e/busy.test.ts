// The reaction of a real API server to a webhook server that has no room.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { complete } from '../../src/admission/respond.ts';
import type { WebhookApp } from '../../src/server/app.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { head, listen, open } from '../server/sockets.ts';
import { authority, build } from '../server/webhook-server.ts';
import { openTerminal } from './terminal.ts';

describeWithSharedControlPlane('a webhook server that is busy', (controlPlane) => {
  let app: WebhookApp;
  let port: number;
  const refused: string[] = [];

  beforeAll(async () => {
    const room = 64 * 1024;
    app = build(
      {
        handle: async (_, body) => ({
          review: complete({ uid: (body as { request: { uid: string } }).request.uid, allowed: true }),
        }),
        refused: (reason) => void refused.push(reason),
      },
      { free: 0, held: room },
    );
    port = await listen(app);
    await openTerminal(controlPlane(), 'admin').run('create -f -', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'busy' },
      webhooks: [
        {
          name: 'configmaps.ringfence.dev',
          admissionReviewVersions: ['v1'],
          clientConfig: {
            url: `https://127.0.0.1:${port}/validate/enforced`,
            caBundle: Buffer.from(authority).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 5,
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        },
      ],
    });
  });
  afterAll(async () => {
    app.server.closeAllConnections();
    await app.close();
  });

  const create = (name: string) =>
    controlPlane().kubectl(['create', 'configmap', name, '--from-literal=a=b', '--namespace', 'default']);
  /** A client that occupies all the room until it ends. */
  async function crowd() {
    const socket = await open(port);
    socket.write(`${head}content-length: 70000\r\n\r\n${' '.repeat(64 * 1024 - 100)}`);
    await delay(100);
    return socket;
  }

  it('is asked again after a second, and the write goes through', async () => {
    // The API server learns of a new webhook configuration within a second or two.
    await expect
      .poll(
        async () => {
          const socket = await crowd();
          const creating = create(`patient-${refused.length}-${Date.now()}`);
          await delay(1_000);
          socket.destroy();
          return [(await creating).exitCode, refused.length > 0];
        },
        { timeout: 60_000 },
      )
      .toEqual([0, true]);
  });

  it('that stays busy longer than the API server waits fails the write, as a webhook that does not answer', async () => {
    const socket = await crowd();
    const { exitCode, stderr } = await create('late');
    socket.destroy();
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('failed calling webhook "configmaps.ringfence.dev"'),
    ]);
    expect((await create('later')).exitCode).toBe(0);
  });
});
