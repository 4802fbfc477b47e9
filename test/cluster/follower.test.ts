import { expect, it, onTestFinished, vi } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { type Follower, followCollections } from '../../src/cluster/follower.ts';
import { waitFor } from '../waiting.ts';
import { refusing, serveCollection, type WatchServer } from './watch-server.ts';

const path = '/apis/x/v1/things';
type Tier = readonly [name: string | undefined, tier: string | undefined];

async function scene() {
  const server: WatchServer = await serveCollection();
  server.put('b', 'uid-b', { tier: 'api' });
  server.put('a', 'uid-a', { tier: 'web' });
  const cluster = connect({ kubeconfig: server.kubeconfig });
  const stop = new AbortController();
  const onChange = vi.fn();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const follower: Follower<Tier> = followCollections({
    cluster,
    log: silent,
    signal: stop.signal,
    onChange,
    pauseMs: { first: 5, longest: 20 },
  });
  onTestFinished(async () => {
    stop.abort();
    await cluster.close();
  });
  const read = () => follower.read(path, ({ metadata: { name, labels } }) => [name, labels?.['tier']]);
  return { server, follower, onChange, read, stop, cluster };
}

const refusalOf = ({ follower }: { readonly follower: Follower<Tier> }) => follower.known()[0]?.refusal?.code;

it('has what is there now, in the order of the API, after one list', async () => {
  const { server, read, onChange, follower } = await scene();
  expect(await read()).toEqual([
    ['a', 'web'],
    ['b', 'api'],
  ]);
  await waitFor(() => expect(server.watches()).toHaveLength(1));
  expect(onChange).not.toHaveBeenCalled();
  server.put('a', 'uid-a', { tier: 'data' });
  server.put('aa', 'uid-aa', { tier: 'web' });
  server.remove('b');
  await waitFor(() => expect(onChange).toHaveBeenCalledTimes(3));
  follower.renew();
  expect(await read()).toEqual([
    ['a', 'data'],
    ['aa', 'web'],
  ]);
  expect([server.lists(), follower.known()]).toEqual([1, [{ path, ageMs: expect.any(Number), refusal: undefined }]]);
});

it('takes no notice of a change of what is not kept', async () => {
  const { server, read, onChange } = await scene();
  await read();
  await waitFor(() => expect(server.watches()).toHaveLength(1));
  server.put('a', 'uid-a', { tier: 'web', other: 'x' });
  server.put('b', 'uid-b', { tier: 'data' });
  await waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
});

it('takes no notice of a list that is made anew because the history has expired', async () => {
  const { server, read, onChange } = await scene();
  server.fail.watch = refusing(1, 410, 'Expired');
  await read();
  await waitFor(() => expect(server.lists()).toBe(2));
  server.put('c', 'uid-c');
  await waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  expect(await read()).toHaveLength(3);
});

it.each([
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
])('keeps the list of what may not be watched (%i), until it is renewed', async (code, reason) => {
  const all = await scene();
  const { server, read, follower } = all;
  server.fail.watch = refusing(2, code, reason);
  await read();
  await waitFor(() => expect(refusalOf(all)).toBe(code));
  server.put('c', 'uid-c');
  expect([(await read()).length, server.lists()]).toEqual([2, 1]);
  follower.renew();
  expect([(await read()).length, server.lists()]).toEqual([3, 2]);
  await waitFor(() => expect(refusalOf(all)).toBe(code));
  // The right has been given.
  follower.renew();
  await read();
  await waitFor(() => expect(server.watches()).toHaveLength(3));
  expect(refusalOf(all)).toBeUndefined();
});

it('asks once in a round for what may not be listed, and reads it when it may be', async () => {
  const { server, read, follower } = await scene();
  server.fail.list = refusing(1, 403, 'Forbidden');
  await expect(read()).rejects.toMatchObject({ code: 403 });
  await expect(read()).rejects.toMatchObject({ code: 403 });
  expect([server.lists(), follower.known()]).toEqual([1, []]);
  follower.renew();
  expect(await read()).toHaveLength(2);
});

it('fails where there is no answer, and does not wait for one', async () => {
  const { server, read } = await scene();
  server.fail.list = refusing(1, 500, 'InternalError');
  await expect(read()).rejects.toMatchObject({ code: 500 });
  expect(await read()).toHaveLength(2);
});

it('watches on after the API server was away', async () => {
  const { server, read, onChange } = await scene();
  await read();
  await waitFor(() => expect(server.watches()).toHaveLength(1));
  server.fail.watch = refusing(3, 503, 'ServiceUnavailable');
  server.reset();
  server.put('a', 'uid-a', { tier: 'data' });
  await waitFor(() => expect(onChange).toHaveBeenCalled());
  expect((await read())[0]).toEqual(['a', 'data']);
});

it('forgets what nobody has read since the last round, and ends its watch, but only when told', async () => {
  const { server, read, follower } = await scene();
  await read();
  await waitFor(() => expect(server.watches()).toHaveLength(1));
  follower.forget();
  // Two readings that fail before they come to it.
  follower.renew();
  follower.renew();
  expect([follower.known().length, server.watchers()]).toEqual([1, 1]);
  follower.forget();
  expect(follower.known()).toEqual([]);
  await waitFor(() => expect(server.watchers()).toBe(0));
});

it('ends with its signal, also while it reads', async () => {
  const { server, read, stop } = await scene();
  server.fail.list = () => true;
  const reading = read();
  await waitFor(() => expect(server.lists()).toBe(1));
  stop.abort();
  await expect(reading).rejects.toThrow();
});
