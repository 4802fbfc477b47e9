// The webhook server in a process of its own, on a scene in memory whose API server takes a while:
// what it may be sent is nothing for the test's process.
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setUp } from '../admission/scene.ts';
import { build } from './webhook-server.ts';

/** What a live read takes. */
const readMs = Number(process.argv[2]);

const scene = setUp('enforce');
scene.cluster.hooks.before = async () => {
  scene.cluster.calls.length = 0;
  await delay(readMs);
};
const app = build({
  async handle(phase, body) {
    // The scene remembers every decision; this process has no use for them.
    for (const kept of [scene.audited, scene.asked, scene.told, scene.malformed, scene.cluster.applied])
      kept.length = 0;
    return scene.handle(phase, body);
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
// Whatever becomes of the test, this ends with it.
process.once('disconnect', () => process.exit());
process.send?.({ port: (app.server.address() as AddressInfo).port });
