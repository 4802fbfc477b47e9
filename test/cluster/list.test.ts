import { describe, expect, it } from 'vitest';
import { type ApiError, errorOfAnswer } from '../../src/cluster/api-error.ts';
import type { CallOptions, Cluster, Method } from '../../src/cluster/connection.ts';
import { listAll } from '../../src/cluster/list.ts';

/** What kube-apiserver answers when etcd has compacted the moment of the first page. */
const expired = (token?: string): ApiError =>
  errorOfAnswer(
    'GET /api/v1/pods',
    410,
    JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', metadata: { continue: token } }),
  );

/** A collection of five objects in pages of two. `lost` are the tokens that have expired. */
function pagesOf(lost: ReadonlyMap<string, ApiError>) {
  const asked: string[] = [];
  const cluster: Pick<Cluster, 'request'> = {
    async request<T>(_method: Method, _path: string, { query }: CallOptions = {}) {
      const token = String(query?.['continue'] ?? '0');
      asked.push(token);
      const error = lost.get(token);
      if (error !== undefined) throw error;
      const start = Number(token.replace('again-', ''));
      const items = [0, 1, 2, 3, 4].slice(start, start + 2).map((index) => ({ metadata: { name: `pod-${index}` } }));
      const next = start + 2 < 5 ? String(start + 2) : '';
      return { metadata: { resourceVersion: '7', continue: next }, items } as T;
    },
  };
  return { cluster, asked };
}

async function namesOf(pages: Pick<ReturnType<typeof pagesOf>, 'cluster'>, isOneMoment = false) {
  const names: string[] = [];
  await listAll(pages.cluster, '/api/v1/pods', { isOneMoment }, ({ metadata }) => names.push(metadata.name ?? ''));
  return names;
}

const all = ['pod-0', 'pod-1', 'pod-2', 'pod-3', 'pod-4'];

describe('a list whose history expires in mid-page', () => {
  it('goes on with the token of the answer, and passes no object on twice', async () => {
    const pages = pagesOf(new Map([['2', expired('again-2')]]));
    expect(await namesOf(pages)).toEqual(all);
    expect(pages.asked).toEqual(['0', '2', 'again-2', '4']);
  });

  it('goes on as often as it expires', async () => {
    const pages = pagesOf(
      new Map([
        ['2', expired('again-2')],
        ['4', expired('again-4')],
      ]),
    );
    expect(await namesOf(pages)).toEqual(all);
  });

  it('fails where all pages must be of one moment', async () => {
    const pages = pagesOf(new Map([['2', expired('again-2')]]));
    await expect(namesOf(pages, true)).rejects.toMatchObject({ code: 410 });
  });

  it('fails without a token, and with the token that has just expired', async () => {
    await expect(namesOf(pagesOf(new Map([['2', expired()]])))).rejects.toMatchObject({ code: 410 });
    const same = pagesOf(new Map([['2', expired('2')]]));
    await expect(namesOf(same)).rejects.toMatchObject({ code: 410 });
    expect(same.asked).toEqual(['0', '2']);
  });
});
