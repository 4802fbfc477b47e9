import { expect, it } from 'vitest';
import { ApiError, errorOfAnswer } from '../../src/cluster/api-error.ts';
import { apiCode, askedPauseMs } from '../../src/retry/answer.ts';

it.each<[string, unknown, number | undefined, number]>([
  ['a busy API server', errorOfAnswer('GET /a', 429, '', '3'), 429, 3_000],
  ['one that asks for an hour', errorOfAnswer('GET /a', 503, '', '3600'), 503, 30_000],
  ['one that asks for nothing', errorOfAnswer('GET /a', 500, ''), 500, 0],
  ['no answer', new ApiError('GET /a: timeout'), 0, 0],
  ['no call', new Error('a defect'), undefined, 0],
  ['an error of the system', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), undefined, 0],
  ['a wish that is none', Object.assign(new Error('odd'), { retryAfterSeconds: 'soon' }), undefined, 0],
  ['nothing thrown', undefined, undefined, 0],
])('%s says its status and its wish', (_, error, code, ms) => {
  expect([apiCode(error), askedPauseMs(error)]).toEqual([code, ms]);
});
