import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { handClock } from '../hand-clock.ts';
import { type MemorySecrets, memorySecrets } from './memory-secrets.ts';
import { day, messages, minute, replica } from './replica.ts';

describe('the Secret', () => {
  const owner = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'r', uid: 'r1' };
  const stored = (secrets: MemorySecrets) => secrets.get('ringfence-system', 'ringfence-tls');

  it('is made with its owner, and keeps it when the certificate is renewed', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock, { owner: async () => owner });
    await source.refresh();
    expect((await stored(secrets))?.ownerReferences).toEqual([owner]);
    clock.move(61 * day);
    await source.refresh();
    expect(secrets.writes).toBe(2);
    expect((await stored(secrets))?.ownerReferences).toEqual([owner]);
  });

  it('is not made if its owner has gone', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock, { owner: () => Promise.reject(new Error('gone')) });
    await expect(source.refresh()).rejects.toThrow('gone');
    expect(await stored(secrets)).toBeUndefined();
  });
});

describe('two replicas', () => {
  it('that start at once share one authority, and the one that lost the race says nothing', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const replicas = [replica(secrets, clock), replica(secrets, clock), replica(secrets, clock)] as const;
    await Promise.all(replicas.map((source) => source.refresh()));
    expect(secrets.writes).toBe(1);
    expect(new Set(replicas.map((source) => JSON.stringify(source.current()))).size).toBe(1);
    expect(replicas.flatMap(messages)).toEqual(['certificates written']);
  });

  it('that find the certificate due at once renew it once', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const [a, b] = [replica(secrets, clock), replica(secrets, clock)];
    await Promise.all([a.refresh(), b.refresh()]);
    const before = a.current();
    clock.move(61 * day);
    await Promise.all([a.refresh(), b.refresh()]);
    expect(secrets.writes).toBe(2);
    expect(a.current()).toEqual(b.current());
    expect(a.current().cert).not.toBe(before.cert);
    expect(a.current().caBundle).toBe(before.caBundle);
  });

  it('that want different names end with a certificate for both, and no quarrel', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const a = replica(secrets, clock, { dnsNames: ['a.svc'] });
    const b = replica(secrets, clock, { dnsNames: ['b.svc'] });
    for (let round = 0; round < 4; round += 1) {
      await a.refresh();
      await b.refresh();
    }
    expect(secrets.writes).toBe(2);
    expect(new X509Certificate(a.current().cert).subjectAltName).toBe('DNS:b.svc, DNS:a.svc, IP Address:127.0.0.1');
  });
});

describe('at rest', () => {
  it('nothing is written, and listeners hear nothing', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock);
    let heard = 0;
    source.onChange(() => {
      heard += 1;
    });
    for (let round = 0; round < 20; round += 1) {
      await source.refresh();
      clock.move(minute);
    }
    expect(secrets.writes).toBe(1);
    expect(heard).toBe(1);
  });
});

describe('a failing cluster', () => {
  it.each([0, 401, 403, 429, 500])('(%i) takes no certificate away, and is said once', async (code) => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock);
    await source.refresh();
    const before = source.current();
    secrets.before = () => {
      throw refusal(code);
    };
    clock.move(61 * day);
    await expect(source.refresh()).rejects.toThrow();
    await expect(source.refresh()).rejects.toThrow();
    expect(source.current()).toEqual(before);
    expect(messages(source).filter((message) => message === 'certificates could not be refreshed')).toHaveLength(1);
    secrets.before = () => undefined;
    await source.refresh();
    expect(messages(source)).toContain('certificates can be refreshed again');
    expect(source.current().cert).not.toBe(before.cert);
  });

  it('that reads but does not write still gives a new replica what is there', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    await replica(secrets, clock).refresh();
    clock.move(61 * day);
    secrets.before = (verb) => {
      if (verb !== 'get') throw refusal(403);
    };
    const source = replica(secrets, clock);
    await source.start(AbortSignal.timeout(10_000));
    expect(source.current().cert).toBe(secrets.secret?.data['tls.crt']);
  });
});

describe('start', () => {
  it('tries until there is a certificate, then refreshes until it is aborted', async () => {
    const [secrets, clock, stop] = [memorySecrets(), handClock(), new AbortController()];
    let reads = 0;
    secrets.before = () => {
      reads += 1;
      if (reads <= 3) throw refusal(500);
    };
    const source = replica(secrets, clock);
    const started = source.start(stop.signal);
    expect(() => source.current()).toThrow('no serving certificate');
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.move(500);
      }
    };
    await until(() => secrets.writes === 1);
    await started;
    const after = reads;
    await until(() => reads >= after + 3);
    stop.abort();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const last = reads;
    clock.move(60_000);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(last);
  });

  it('ends when it is aborted before there is one', async () => {
    const secrets = memorySecrets();
    secrets.before = () => {
      throw refusal(500);
    };
    await expect(replica(secrets, handClock()).start(AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
  });
});

it('a listener that throws keeps nobody from hearing', async () => {
  const source = replica(memorySecrets(), handClock());
  let heard = 0;
  source.onChange(() => {
    throw new Error('listener');
  });
  source.onChange(() => {
    heard += 1;
  });
  await source.refresh();
  expect(heard).toBe(1);
  expect(messages(source)).toContain('a listener to new certificates failed');
});
