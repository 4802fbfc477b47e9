import { describe, expect, it } from 'vitest';
import { answerChunks, createBatchAnswerer } from '../../src/reach/batch.ts';
import { shop, walls } from './shop.ts';

const desk = shop();

function answerOne(query: object): Record<string, unknown> {
  return JSON.parse(createBatchAnswerer(desk).answer(JSON.stringify(query))) as Record<string, unknown>;
}

async function stream(...chunks: readonly Uint8Array[]): Promise<string> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  let text = '';
  for await (const answers of answerChunks(source(), createBatchAnswerer(desk))) text += answers;
  return text;
}

describe('a query in a batch', () => {
  it('comes back whole, with its verdict and reasons', () => {
    expect(answerOne({ id: [7], from: 'front/web-1', to: 'back/api', protocol: 'TCP', port: 8080 })).toEqual({
      id: [7],
      from: 'front/web-1',
      to: 'back/api',
      protocol: 'TCP',
      port: 8080,
      verdict: 'allowed',
      reasons: ['egress: front/out spec.egress[0] allows it', 'ingress: back/in spec.ingress[0] allows it'],
    });
  });

  it.each<[string, object, string]>([
    ['TCP where no protocol is said', { from: 'front/web-1', to: 'back/api', port: 8080 }, 'allowed'],
    ['another protocol', { from: 'front/web-1', to: 'back/api', port: 8080, protocol: 'UDP' }, 'denied'],
    ['an address', { from: 'front/web-1', to: '192.0.2.1', port: 443 }, 'allowed'],
    ['the address of a pod', { from: '10.0.0.1', to: '10.0.1.1', port: 8080 }, 'allowed'],
    ['an address of version 6', { from: 'front/web-1', to: '2001:db8::1', port: 443 }, 'denied'],
    ['a workload of one pod', { from: 'front/web-1', to: 'back/pod/api', port: 8080 }, 'allowed'],
    ['ICMP', { from: 'front/web-1', to: 'back/api', protocol: 'ICMP' }, 'undefined'],
    ['the host network', { from: 'infra/agent', to: 'back/api', port: 1 }, 'undefined'],
    ['a workload whose pods agree', { from: 'front/sts/web', to: 'back/api', port: 8080 }, 'allowed'],
    ['a namespace whose pods agree', { from: 'back', to: 'front', port: 8080 }, 'denied'],
    ['a protocol in any case', { from: 'front/web-1', to: 'back/api', protocol: 'tcp', port: 8080 }, 'allowed'],
    ['every port, of which none is open', { from: 'back/api', to: 'front/web-1' }, 'denied'],
    ['every port of a protocol', { from: 'front/web-1', to: 'back/api', protocol: 'UDP' }, 'denied'],
    ['addresses that agree', { from: 'front/web-1', to: '192.0.2.0/24', port: 443 }, 'allowed'],
    ['addresses, of which one is a pod', { from: 'front/batch', to: '10.0.1.0/24', port: 443 }, 'denied'],
  ])('is answered for %s', (_, query, verdict) => {
    expect(answerOne(query)['verdict']).toBe(verdict);
  });

  it.each<[string, object, string]>([
    [
      'an unknown pod',
      { from: 'front/web-3', to: 'back/api', port: 1 },
      '"from": there is no pod front/web-3 here; did you mean front/web-1?',
    ],
    ['no end', { from: 'front/web-1', port: 1 }, '"to" is not a text such as namespace/pod or an IP'],
    [
      'a finished pod',
      { from: 'front/web-1', to: 'back/done', port: 1 },
      '"to": back/done has finished: it sends and receives nothing',
    ],
    [
      'two addresses',
      { from: '192.0.2.1', to: '192.0.2.2', port: 1 },
      'both ends are addresses outside this cluster: NetworkPolicies say nothing about them',
    ],
    [
      'a port that is none',
      { from: 'front/web-1', to: 'back/api', port: 65_536 },
      'the port 65536 is not a number from 1 to 65535',
    ],
    [
      'a port as text',
      { from: 'front/web-1', to: 'back/api', port: '80' },
      'the port "80" is not a number from 1 to 65535',
    ],
    [
      'a protocol that is none',
      { from: 'front/web-1', to: 'back/api', port: 80, protocol: 'http' },
      'the protocol "http" is not TCP, UDP, SCTP or ICMP',
    ],
  ])('has an error for %s', (_, query, error) => {
    expect(answerOne(query)).toEqual({ ...query, error });
  });

  it('is mixed where its pods do not agree, with each part', () => {
    expect(answerOne({ from: 'front', to: 'back/api', port: 8080 })).toEqual({
      from: 'front',
      to: 'back/api',
      port: 8080,
      verdict: 'mixed',
      reasons: ['1 allowed, 1 denied, by classes of equal pods'],
      parts: [
        {
          from: 'front/statefulset/web',
          to: 'back/api',
          verdict: 'allowed',
          reasons: ['egress: front/out spec.egress[0] allows it', 'ingress: back/in spec.ingress[0] allows it'],
        },
        { from: 'front/batch', to: 'back/api', verdict: 'denied', reasons: expect.any(Array) },
      ],
    });
  });

  it('is mixed where its ports do not agree', () => {
    expect(answerOne({ from: 'front/web-1', to: 'back/api', protocol: 'TCP' })['parts']).toMatchObject([
      { verdict: 'allowed', ports: [{ protocol: 'TCP', first: 8080, last: 8080 }] },
      {
        verdict: 'denied',
        ports: [
          { protocol: 'TCP', first: 1, last: 8079 },
          { protocol: 'TCP', first: 8081, last: 65_535 },
        ],
      },
    ]);
  });

  it('is mixed where its addresses do not agree, with the pods that have some of them', () => {
    const { verdict, parts } = answerOne({ from: 'front/web-1', to: '10.0.0.0/7', port: 443 });
    expect(verdict).toBe('mixed');
    expect(
      (parts as readonly { to: string; verdict: string }[]).map(({ to, verdict: one }) => `${to}: ${one}`),
    ).toEqual([
      'front/statefulset/web: denied',
      'front/batch: denied',
      'back/api: denied',
      '10.0.0.0, 10.0.0.4-10.0.1.0, 10.0.1.2-10.255.255.255: denied',
      '11.0.0.0/8: allowed',
    ]);
  });

  it('may have a key __proto__, which is data', () => {
    const line = '{"__proto__":{"from":"x"},"from":"front/web-1","to":"back/api","port":8080}';
    expect(createBatchAnswerer(desk).answer(line)).toContain('{"__proto__":{"from":"x"},"from":"front/web-1"');
  });
});

describe('a port by its name', () => {
  const named = shop(walls, {
    'back/first': { app: 'api', ip: '10.0.1.8', ports: ['http:8080/TCP', 'dns:53/UDP'] },
    'back/second': { app: 'api', ip: '10.0.1.9', ports: ['http:9090/TCP', 'dns:53/TCP'] },
  });
  const answer = (query: object): Record<string, unknown> =>
    JSON.parse(createBatchAnswerer(named).answer(JSON.stringify(query))) as Record<string, unknown>;
  const from = 'front/web-1';

  it('is resolved at each pod', () => {
    expect(answer({ from, to: 'back/first', port: 'http' })).toMatchObject({ verdict: 'allowed' });
    expect(answer({ from, to: 'app=api', port: 'http' })).toMatchObject({
      verdict: 'mixed',
      parts: [
        { to: 'back/api', verdict: 'undefined', reasons: ['back/api has no port http'] },
        { to: 'back/unborn', verdict: 'undefined', reasons: ['back/unborn has no port http'] },
        { to: 'back/first', verdict: 'allowed', ports: [{ protocol: 'TCP', first: 8080, last: 8080 }] },
        { to: 'back/second', verdict: 'denied', ports: [{ protocol: 'TCP', first: 9090, last: 9090 }] },
      ],
    });
  });

  it('has the protocol of the container port, or the one that is asked about', () => {
    expect(answer({ from, to: 'back/first', port: 'dns' })).toMatchObject({ verdict: 'denied' });
    expect(answer({ from, to: 'back/first', port: 'dns', protocol: 'tcp' })['error']).toBe(
      'back/first has no port TCP/dns',
    );
  });

  it('is an error where it means nothing anywhere', () => {
    expect(answer({ from, to: '192.0.2.1', port: 'http' })['error']).toBe('an address has no port http');
    expect(answer({ from, to: 'back/first', port: 'HTTP' })['error']).toBe(
      'the port "HTTP" is not a number from 1 to 65535',
    );
  });
});

describe('a stream of queries', () => {
  const line = JSON.stringify({ from: 'front/web-1', to: 'back/api', port: 8080, note: 'ü' });

  it('is answered line by line, wherever its chunks are cut', async () => {
    const bytes = new TextEncoder().encode(`${line}\n\r\n${line}`);
    const whole = await stream(bytes);
    expect(whole.trimEnd().split('\n')).toHaveLength(2);
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(await stream(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole);
  });

  it('goes on after a line that is no query, and says which it was', async () => {
    const answers = await stream(new TextEncoder().encode(`\n[]\nnull\n{\n${line}\n`));
    const parsed = answers
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as Record<string, unknown>);
    expect(parsed.slice(0, 3)).toEqual(
      [2, 3, 4].map((number) => ({ line: number, error: 'the line is not a JSON object' })),
    );
    expect(parsed[3]?.['verdict']).toBe('allowed');
  });

  it('is not gathered in memory where no line ends', async () => {
    const endless = stream(...Array.from({ length: 20 }, () => new Uint8Array(65_536).fill(32)));
    await expect(endless).rejects.toThrow('a query is longer than 1048576 characters');
  });

  it('has nothing to say of an empty one', async () => {
    expect(await stream()).toBe('');
  });
});
