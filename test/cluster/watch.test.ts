import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import type { WatchRequest } from '../../src/cluster/watch.ts';
import { connected, failure, refuse, serveFaults, writeKubeconfig } from './fault-server.ts';

const line = (name: string, type = 'ADDED'): string => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;

it('asks for events from a version on', async () => {
  const { server, ended } = await watchOf((response) => response.end(line('a')));
  await ended;
  expect(server.requests).toEqual(['GET /api/v1/pods?watch=true&resourceVersion=7&allowWatchBookmarks=true']);
});

it('hears every event, however the bytes are cut, and the last one without an end of line', async () => {
  const bytes = Buffer.from(`${line('é')}\n${line('ü')}${line('z').trimEnd()}`);
  const { heard, ended } = await watchOf(async (response) => {
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    response.end();
  });
  await ended;
  expect(heard).toEqual(['open', 'ADDED é', 'ADDED ü', 'ADDED z']);
});

it('goes on for as long as each event is small, however many there are', async () => {
  const padded = line('x'.repeat(1024 * 1024));
  const { heard, ended } = await watchOf((response) => {
    for (let count = 0; count < 40; count += 1) response.write(padded);
    response.end(line('last'));
  });
  await ended;
  expect(heard).toHaveLength(42);
});

it('ends at an event of more than 32 MiB', async () => {
  const { ended } = await watchOf((response) => response.end('x'.repeat(33 * 1024 * 1024)));
  expect(await failure(ended)).toMatchObject({ code: 0, reason: 'AnswerTooLarge' });
});

it('hears nothing after its caller has ended it, and ends well', async () => {
  const stop = new AbortController();
  const options = { signal: stop.signal, onEvent: () => stop.abort() };
  const { heard, ended } = await watchOf((response) => response.write(`${line('a')}${line('b')}`), options);
  await ended;
  expect(heard).toEqual(['open', 'ADDED a']);
});

it('is an error with its wish to be left alone, where the API server refuses', async () => {
  const { heard, ended } = await watchOf((response) => {
    response.setHeader('retry-after', '7');
    refuse(response, 429, 'TooManyRequests');
  });
  expect(await failure(ended)).toMatchObject({ code: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 });
  expect(heard).toEqual([]);
});

it('is an ApiError where there are no credentials to be had', async () => {
  const { file } = writeKubeconfig({ server: 'https://127.0.0.1:1' }, { tokenFile: '/nowhere/token' });
  const error = await failure(connected(file).watch(request({})));
  expect(error).toMatchObject({ code: 0 });
  expect(error.message).toBe('WATCH /api/v1/pods: tokenFile /nowhere/token cannot be read (ENOENT)');
});

function request(options: Partial<WatchRequest>): WatchRequest {
  return {
    path: '/api/v1/pods',
    query: { resourceVersion: '7', allowWatchBookmarks: true },
    silenceMs: 10_000,
    signal: new AbortController().signal,
    onOpen: () => undefined,
    onEvent: () => undefined,
    ...options,
  };
}

/** Watches a server with this answer. `heard` contains `open`, and `TYPE NAME` for each event. */
async function watchOf(answer: (response: ServerResponse) => unknown, options: Partial<WatchRequest> = {}) {
  const server = await serveFaults((_, response) => void answer(response));
  const heard: string[] = [];
  const ended = connected(server.kubeconfig).watch(
    request({
      ...options,
      onOpen: () => heard.push('open'),
      onEvent(type, object) {
        heard.push(`${type} ${(object as { metadata: { name: string } }).metadata.name}`);
        options.onEvent?.(type, object);
      },
    }),
  );
  return { server, heard, ended };
}
