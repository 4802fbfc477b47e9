import type { IncomingMessage } from 'node:http';
import type { Bodies, Held } from './bodies.ts';
import type { Limits } from './limits.ts';
import { type Refusal, tooBusy, tooLarge, tooManyValues } from './refusals.ts';
import { weighBody } from './weight.ts';

/** The complete body of a request. It keeps its room until it is released. */
export interface IncomingBody extends Held {
  readonly bytes: Buffer;
  /** Bytes of heap that it takes once it is parsed. */
  readonly weight: number;
}

/**
 * Reads a body within the limits as it arrives. It calls back once, with the body or with the
 * reason for its refusal. Input after a refusal is read and discarded. It does not call back if the
 * client goes away.
 */
export function readBody(
  request: IncomingMessage,
  { limits, bodies }: { readonly limits: Pick<Limits, 'body'>; readonly bodies: Bodies },
  done: (refusal: Refusal | null, body?: IncomingBody) => void,
): void {
  const limit = limits.body;
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    done(tooLarge(limit));
    return;
  }
  const chunks: Buffer[] = [];
  const held: Held = { held: 0 };
  let length = 0;
  let isRefused = false;

  function drop(): void {
    chunks.length = 0;
    bodies.release(held);
  }
  function refuse(refusal: Refusal): void {
    isRefused = true;
    drop();
    done(refusal);
  }

  request.on('data', (chunk: Buffer) => {
    if (isRefused) return;
    const wasHeld = held.held > 0;
    length += chunk.length;
    if (length > limit) refuse(tooLarge(limit));
    else if (!bodies.hold(held, length)) refuse(tooBusy);
    else {
      chunks.push(chunk);
      if (!wasHeld && held.held > 0) onLoss(request, drop);
    }
  });
  request.on('end', () => {
    if (isRefused) return;
    const bytes = wholeOf(chunks);
    const weight = weighBody(bytes);
    if (bodies.admits(weight)) done(null, { bytes, weight, held: held.held });
    else refuse(tooManyValues);
  });
}

/** Calls back if a request goes away before all of it has arrived. */
function onLoss(request: IncomingMessage, callback: () => void): void {
  request.once('close', () => {
    if (!request.complete) callback();
  });
}

function wholeOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}
