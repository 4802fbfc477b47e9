import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../admission/handler.ts';
import { type Phase, webhookPaths } from '../admission/webhooks.ts';

/** What the webhook routes ask of the process. */
export interface ReviewPorts {
  readonly handle: (phase: Phase, body: unknown) => Promise<Answer>;
  /** Resolves when the audit line of an answer is written; undefined where it is. */
  readonly written: () => Promise<void> | undefined;
  /** Told of a body that is no JSON of a review's size, by what is wrong with it. */
  readonly refused: (reason: 'type' | 'size' | 'json') => void;
  /** While it drains, every answer ends its connection, so that the API server's next request finds another replica. */
  readonly isDraining: () => boolean;
}

/**
 * A review carries object, oldObject and options: 3 MiB twice (etcd's request limit is 1.5 MiB, the API server's 3 MiB), and some.
 * controller-runtime derives 7 MiB the same way.
 */
const bodyLimit = 8 * 1024 * 1024;

const phases: ReadonlyMap<string, Phase> = new Map(
  (Object.entries(webhookPaths) as [Phase, string][]).map(([phase, path]) => [path, phase]),
);

/**
 * Answers the webhook routes on Node's own server, beside the framework, which would cost as much again as judging does. Bodies are parsed as
 * plain JSON: an object key `__proto__` is data (a parser that answers it with 400 would let any user fail a review).
 * Returns whether the request was one of them.
 */
export function createReviewListener(
  ports: ReviewPorts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const phase = request.method === 'POST' ? phases.get(pathOf(request.url ?? '')) : undefined;
    if (phase === undefined) return false;
    const refusal = refusalOf(request.headers['content-type'], request.headers['content-length']);
    if (refusal !== undefined) {
      ports.refused(refusal.reason);
      refuse(response, refusal);
      request.resume();
      return true;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > bodyLimit) {
        chunks.length = 0;
        if (!response.headersSent) {
          ports.refused('size');
          refuse(response, tooLarge);
        }
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      if (length <= bodyLimit) void answer(phase, chunks, response, ports);
    });
    return true;
  };
}

/** The API server says its patience in the query: `?timeout=5s`. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

async function answer(
  phase: Phase,
  chunks: readonly Buffer[],
  response: ServerResponse,
  { handle, written, refused, isDraining }: ReviewPorts,
): Promise<void> {
  try {
    const body = parse(chunks);
    if (body === undefined) refused('json');
    const given = body === undefined ? { badRequest: 'the body is not JSON' } : await handle(phase, body.value);
    const line = written();
    if (line !== undefined) await line;
    if (isDraining()) response.setHeader('connection', 'close');
    if ('badRequest' in given) send(response, 400, { error: given.badRequest });
    else send(response, 200, given.review);
  } catch {
    // Nothing of an error is shown: it may quote the object. The handler throws nothing; this is for what cannot happen.
    send(response, 500, { error: 'internal error' });
  }
}

interface Refusal {
  readonly reason: 'type' | 'size';
  readonly status: number;
  readonly error: string;
}

const tooLarge: Refusal = { reason: 'size', status: 413, error: `a body has at most ${bodyLimit} bytes` };

function refusalOf(contentType: string | undefined, contentLength: string | undefined): Refusal | undefined {
  if (contentType !== 'application/json' && !/^application\/json\s*(?:;|$)/i.test(contentType ?? ''))
    return { reason: 'type', status: 415, error: 'the content type of a review is application/json' };
  return Number(contentLength ?? 0) > bodyLimit ? tooLarge : undefined;
}

/** What is left of the body is not waited for: the connection ends with the answer. */
function refuse(response: ServerResponse, { status, error }: Refusal): void {
  response.setHeader('connection', 'close');
  send(response, status, { error });
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function parse(chunks: readonly Buffer[]): { readonly value: unknown } | undefined {
  const [first] = chunks;
  const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  try {
    return { value: JSON.parse(whole.toString('utf8')) };
  } catch {
    return undefined;
  }
}
