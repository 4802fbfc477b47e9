import { expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { CallOptions, Cluster } from '../../src/cluster/connection.ts';
import { residents } from '../../src/cluster/resources.ts';
import { getKind } from '../../src/kubernetes/kinds.ts';

/** Lists the Deployments of a namespace whose pages of more than `most` objects are too large. */
async function list(most: number, reason = 'AnswerTooLarge') {
  const asked: CallOptions[] = [];
  const request = async (_: string, __: string, options: CallOptions = {}) => {
    asked.push(options);
    if (Number(options.query?.['limit']) > most) throw new ApiError('GET /: no', { reason });
    return { metadata: { resourceVersion: '1', continue: 'more' }, items: [{ metadata: { name: 'a' } }] };
  };
  const found = await residents({ request: request as Cluster['request'] }).list('shop', getKind('Deployment'));
  return { found, limits: asked.map(({ query }) => query?.['limit']), bytes: asked.map(({ maxBytes }) => maxBytes) };
}

it('what lives in a namespace is listed within 8 MiB, and fewer objects where they are large', async () => {
  const found = { objects: [{ metadata: { name: 'a' } }], isWhole: false };
  expect(await list(500)).toEqual({ found, limits: [500], bytes: [8 * 1024 * 1024] });
  expect(await list(31)).toMatchObject({ found, limits: [500, 31] });
  await expect(list(30)).rejects.toMatchObject({ reason: 'AnswerTooLarge' });
  await expect(list(31, 'Timeout')).rejects.toMatchObject({ reason: 'Timeout' });
});
