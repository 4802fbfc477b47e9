// The webhook server in a separate process, on a scene in memory with a slow API server, because
// its requests would harm the process of the test.
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setUp } from '../admission/scene.ts';
import { build } from './webhook-server.ts';

/** The duration of a live read. */
const readMs = Number(process.argv[2]);

const scene = setUp('enforce');
scene.cluster.hooks.before = async () => {
  scene.cluster.calls.length = 0;
  await delay(readMs);
};
const app = build({
  async handle(phase, body) {
    // The scene records every decision, which this process does not need.
    for (const kept of [scene.audited, scene.asked, scene.told, scene.malformed, scene.cluster.applied])
      kept.length = 0;
    return scene.handle(phase, body);
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
// This process ends with the test in every case.
process.once('disconnect', () => process.exit());
process.send?.({ port: (app.server.address() as AddressInfo).port });
