// The webhook configurations on a real API server, with Go's TLS client. The tests of certificates
// are in test/drills.
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { webhookConfigurations } from '../../src/cluster/resources.ts';
import { secrets } from '../../src/cluster/secrets.ts';
import { createKeeper, type Keeper } from '../../src/installation/keeper.ts';
import type { WebhookConfiguration, WebhookKind } from '../../src/installation/webhook-configuration.ts';
import type { Source } from '../../src/tls/material.ts';
import { createSource } from '../../src/tls/source.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { eventually } from './installation.ts';

const versionAnnotation = 'ringfence.dev/config-version';
const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ringfence';

describeWithControlPlane(
  'webhook configurations on a real API server',
  { controllers: false, auditLog: true },
  (controlPlane) => {
    let cluster: Cluster;
    let servers: readonly Server[];
    let port = 0;
    const stop = new AbortController();
    const replicas: { readonly source: Source; readonly keeper: Keeper }[] = [];
    let calls = 0;

    function desired(kind: WebhookKind): WebhookConfiguration {
      const webhooks = [
        {
          name: 'configmaps.ringfence.dev',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: `https://127.0.0.1:${port}/validate/enforced` },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 5,
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
          matchConditions: [{ name: 'named', expression: 'request.name != "exempt"' }],
        },
      ];
      return {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${kind}WebhookConfiguration`,
        metadata: { name: 'ringfence', annotations: { [versionAnnotation]: '7' } },
        webhooks: kind === 'Validating' ? webhooks : [],
      };
    }

    beforeAll(async () => {
      cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
      const log = { info: () => undefined, warn: () => undefined };
      for (let replica = 0; replica < 2; replica += 1) {
        let keeper: Keeper | undefined;
        const source = createSource({
          secrets: secrets(cluster),
          namespace: 'default',
          name: 'ringfence-tls',
          dnsNames: ['ringfence.default.svc'],
          ipAddresses: ['127.0.0.1'],
          log,
          refreshMs: 500,
          isPublished: (bundle) => keeper?.isPublished(bundle) ?? false,
        });
        keeper = createKeeper({
          configurations: webhookConfigurations(cluster),
          desired: () => ({ mutating: desired('Mutating'), validating: desired('Validating'), first: 'Mutating' }),
          source,
          owner: async () => undefined,
          versionAnnotation,
          log,
        });
        replicas.push({ source, keeper });
      }
      await Promise.all(replicas.map(({ source }) => source.start(stop.signal)));
      servers = await Promise.all(replicas.map(({ source }) => serve(source, () => (calls += 1))));
      port = portOf(servers[0]);
      await Promise.all(replicas.map(({ keeper }) => keeper.start(stop.signal)));
    });
    afterAll(async () => {
      stop.abort();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await cluster.close();
    });

    const createConfigMap = (): Promise<unknown> =>
      cluster.request('POST', '/api/v1/namespaces/default/configmaps', {
        body: { metadata: { generateName: 'seen-' } },
      });
    const read = (): Promise<WebhookConfiguration> => cluster.request('GET', path);

    it('the API server trusts what is served', async () => {
      await eventually('the webhook to be called', async () => {
        await createConfigMap();
        return calls > 0;
      });
    });

    it('what the API server fills in is not taken for a difference: nothing is written at rest', async () => {
      const [before, at] = [await read(), (await controlPlane().auditEvents()).length];
      await delay(3000);
      expect((await read()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
      const since = (await controlPlane().auditEvents()).slice(at);
      expect(
        since.filter(({ objectRef }) => objectRef?.resource?.endsWith('webhookconfigurations')).map(({ verb }) => verb),
      ).not.toContain('update');
    });

    it.each([
      ['emptied', { webhooks: [] }],
      [
        'owned by nobody that exists',
        { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'gone', uid: 'none' }] } },
      ],
    ])('a configuration that is %s is right again', async (_title, body) => {
      await cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', body });
      await eventually('the repair', async () => {
        const { metadata, webhooks } = await read();
        return (metadata.ownerReferences ?? []).length === 0 && (webhooks ?? []).length === 1;
      });
    });

    it('a deleted one is made again', async () => {
      await cluster.request('DELETE', path);
      await eventually('the repair', () =>
        read().then(
          () => true,
          () => false,
        ),
      );
    });
  },
);

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}

/** A webhook that admits everything. */
async function serve(source: Source, count: () => void): Promise<Server> {
  const server = createServer(source.current(), (request, response) => {
    count();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { request: review } = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
      response.setHeader('content-type', 'application/json');
      // The API server would keep connections. With this header it makes a handshake for every
      // call, with the current certificate and trust.
      response.setHeader('connection', 'close');
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: review.uid, allowed: true },
        }),
      );
    });
  });
  source.onChange((material) => server.setSecureContext(material));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
