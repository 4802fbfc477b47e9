import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/events/ports.ts';
import { addToEvent, type News } from '../../src/events/tally.ts';
import { refusal } from '../api-server/object-store.ts';
import { createEventsDouble } from './scene.ts';

const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'uid-web' };
const regarding = { object, namespace: 'shop' };
const news: News = {
  reason: 'Denied',
  uid: 'review-1',
  message: 'Pod shop/web-1: 1 label keeps it out',
  count: 3,
  firstAt: Date.UTC(2026, 0, 1, 10, 0, 0, 5),
  lastAt: Date.UTC(2026, 0, 1, 10, 0, 9, 999),
};

/** One replica, with its own record of what it saw last. */
function replica(double: ReturnType<typeof createEventsDouble>) {
  let stored: StoredEvent | undefined;
  return async (over: Partial<News> = {}, sameness = 'same'): Promise<void> => {
    stored = await addToEvent(double.ports.events, regarding, sameness, { ...news, ...over }, stored, {});
  };
}

describe('an Event', () => {
  it('is created with what it stands for', async () => {
    const double = createEventsDouble();
    await replica(double)();
    expect(double.all()).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: {
          namespace: 'shop',
          name: expect.stringMatching(/^ringfence-[0-9a-f]{24}$/),
          annotations: { 'ringfence.dev/uid': 'review-1' },
          uid: 'uid-101',
          resourceVersion: '101',
        },
        involvedObject: object,
        type: 'Warning',
        reason: 'Denied',
        message: news.message,
        source: { component: 'ringfence' },
        reportingComponent: 'ringfence',
        firstTimestamp: '2026-01-01T10:00:00Z',
        lastTimestamp: '2026-01-01T10:00:09Z',
        count: 3,
      },
    ]);
  });

  it('of a permission is no warning', async () => {
    const double = createEventsDouble();
    await replica(double)({ reason: 'PermissionUsed' });
    expect(double.all()).toMatchObject([{ type: 'Normal', reason: 'PermissionUsed' }]);
  });

  it('is counted up in one call, with the latest message and time', async () => {
    const double = createEventsDouble();
    const write = replica(double);
    await write();
    await write({ uid: 'review-18', count: 17, message: 'later', firstAt: 0, lastAt: Date.UTC(2026, 0, 1, 11) });
    const [event] = double.all();
    expect(event?.metadata.annotations).toEqual({ 'ringfence.dev/uid': 'review-18' });
    expect(event).toMatchObject({ count: 20, message: 'later', lastTimestamp: '2026-01-01T11:00:00Z' });
    expect(event).toMatchObject({ firstTimestamp: '2026-01-01T10:00:00Z' });
    expect(double.calls).toEqual(['create shop', 'patch shop']);
  });

  it('about what exists is written by one replica, and not counted by the others', async () => {
    const double = createEventsDouble();
    const state = { reason: 'WouldBeRefused', uid: '', count: 1 } as const;
    await Promise.all([replica(double)(state), replica(double)(state)]);
    await replica(double)(state);
    expect(double.all()).toMatchObject([{ type: 'Warning', reason: 'WouldBeRefused', count: 1 }]);
    expect(double.all()[0]?.metadata.annotations).toEqual({});
    expect(double.calls).toEqual(['create shop', 'create shop', 'create shop']);
  });

  it('is shared by the replicas, and none loses the count of another', async () => {
    const double = createEventsDouble();
    const [one, other] = [replica(double), replica(double)];
    await one();
    await other();
    await one();
    await Promise.all([one(), other()]);
    expect(double.seen()).toEqual(['Deployment web x15']);
  });

  it('takes no more of a uid than the API server ever gives', async () => {
    const double = createEventsDouble();
    await replica(double)({ uid: `${'u'.repeat(63)}\u{1F600}${'u'.repeat(1_000_000)}` });
    expect(double.all()[0]?.metadata.annotations['ringfence.dev/uid']).toBe(`${'u'.repeat(63)}\uFFFD`);
  });

  it('that the API server has forgotten is made anew', async () => {
    const double = createEventsDouble();
    const write = replica(double);
    await write();
    double.forget();
    await write({ count: 1 });
    expect(double.seen()).toEqual(['Deployment web x1']);
  });

  it('is another one where something else happened', async () => {
    const double = createEventsDouble();
    const write = replica(double);
    await write();
    await replica(double)({}, 'other');
    expect(double.seen()).toEqual(['Deployment web x3', 'Deployment web x3']);
  });

  it.each([['no number'], [-5], [0.5], [null], [2 ** 31 - 1]])(
    'counts on from %j, which anyone may have written',
    async (count) => {
      const double = createEventsDouble();
      const patched: unknown[] = [];
      const events = {
        create: () => Promise.reject(refusal(409)),
        patch: async (_namespace: string, _name: string, change: { readonly count?: number }) => {
          patched.push(change.count);
          return { metadata: { resourceVersion: '1' }, count };
        },
      };
      await addToEvent(events, regarding, 'same', news, undefined, {});
      expect(patched).toEqual([undefined, count === 2 ** 31 - 1 ? 2 ** 31 - 1 : 3]);
      expect(double.all()).toEqual([]);
    },
  );

  it.each([403, 404, 422, 500, 0])('that is refused with %i is not tried for ever', async (code) => {
    const double = createEventsDouble();
    double.hooks.before = () => {
      throw refusal(code);
    };
    await expect(replica(double)()).rejects.toMatchObject({ code });
    expect(double.calls).toEqual(['create shop']);
  });

  it('that others keep changing is given up', async () => {
    const double = createEventsDouble();
    await replica(double)();
    double.hooks.before = (call) => {
      if (!call.endsWith('nothing')) throw refusal(409);
    };
    await expect(replica(double)()).rejects.toMatchObject({ code: 409 });
    expect(double.calls.length).toBeLessThan(15);
  });
});
