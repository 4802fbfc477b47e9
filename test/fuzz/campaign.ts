// Sends reviews through the real webhook server and checks each against the laws.
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';
import { ask, build } from '../server/webhook-server.ts';
import { assertLaws, assertMetrics, assertStatus } from './laws.ts';
import { anySent, bodyOf, type Sent } from './reviews.ts';
import { type Reply, sendOverTls } from './sockets.ts';
import { openWorld, type World } from './world.ts';

export interface Campaign {
  readonly reviews: number;
  readonly seed: number;
  /** The single case to run, as a failure names it. */
  readonly path?: string;
  /** Called after every thousand reviews. */
  readonly onProgress?: (done: number) => void;
}

/** The outcomes of the reviews: a 4xx, admitted, refused. `overTls` of them used a socket. */
export interface Tally {
  reviews: number;
  overTls: number;
  badRequests: number;
  admitted: number;
  refused: number;
}

/**
 * Runs a campaign. Rejects with the smallest case that breaks a law, and the command to run it
 * again.
 */
export async function runCampaign({ reviews, seed, path, onProgress }: Campaign): Promise<Tally> {
  const tally: Tally = { reviews: 0, overTls: 0, badRequests: 0, admitted: 0, refused: 0 };
  const stages = {
    observe: await setStage('observe'),
    warn: await setStage('warn'),
    enforce: await setStage('enforce'),
  };
  const property = fc.asyncProperty(anySent, async (sent) => {
    await tryOne(sent, stages[sent.mode], tally);
    if (tally.reviews % 1000 === 0) onProgress?.(tally.reviews);
  });
  try {
    await fc.assert(property, { numRuns: reviews, seed, ...(path === undefined ? {} : { path }) });
    for (const mode of modes) assertMetrics(await stages[mode].world.metrics());
  } finally {
    for (const mode of modes) await stages[mode].app.close();
  }
  return tally;
}

interface Stage {
  readonly world: World;
  readonly app: ReturnType<typeof build>;
  readonly port: number;
}

async function setStage(mode: Mode): Promise<Stage> {
  const world = openWorld(mode);
  const app = build(world);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { world, app, port: (app.server.address() as AddressInfo).port };
}

async function tryOne(sent: Sent, stage: Stage, tally: Tally): Promise<void> {
  stage.world.reset(sent.cached, sent.walled);
  const body = bodyOf(sent);
  const reply = await send(sent, body, stage);
  try {
    // The meaning of a damaged head is not defined: a valid answer or a closed connection is right.
    if (sent.wire === undefined || sent.wire.head.does === 'none') assertLaws(sent, body, reply, stage.world);
    else assertStatus(reply);
  } catch (error) {
    throw new Error(`${String(error)}\nsent: ${body.toString('utf8').slice(0, 4000)}`, { cause: error });
  } finally {
    stage.world.takeTraces();
  }
  tally.reviews += 1;
  if (sent.wire !== undefined) tally.overTls += 1;
  if (reply?.status !== 200) tally.badRequests += 1;
  else if (reply.body.includes('"allowed":true')) tally.admitted += 1;
  else tally.refused += 1;
}

async function send({ phase, contentType, wire }: Sent, body: Buffer, { app, port }: Stage): Promise<Reply> {
  if (wire !== undefined) return sendOverTls(port, webhookPaths[phase], body, contentType, wire);
  const answer = await ask(app, {
    method: 'POST',
    url: webhookPaths[phase],
    payload: body,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  });
  return { status: answer.statusCode, body: answer.body };
}
