import { describe, expect, it } from 'vitest';
import { answerChunks, createBatchAnswerer } from '../../src/reach/batch.ts';
import { shop } from './shop.ts';

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
  ])('is answered for %s', (_, query, verdict) => {
    expect(answerOne(query)['verdict']).toBe(verdict);
  });

  it.each<[string, object, string]>([
    [
      'an unknown pod',
      { from: 'front/web-3', to: 'back/api', port: 1 },
      '"from": there is no pod front/web-3 here; did you mean front/web-1?',
    ],
    ['several pods', { from: 'front', to: 'back/api', port: 1 }, '"from": front is 3 pods; name one, as namespace/pod'],
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
    ['no port', { from: 'front/web-1', to: 'back/api' }, 'the port is missing'],
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
      { from: 'front/web-1', to: 'back/api', port: 80, protocol: 'tcp' },
      'the protocol "tcp" is not TCP, UDP, SCTP or ICMP',
    ],
  ])('has an error for %s', (_, query, error) => {
    expect(answerOne(query)).toEqual({ ...query, error });
  });

  it('may have a key __proto__, which is data', () => {
    const line = '{"__proto__":{"from":"x"},"from":"front/web-1","to":"back/api","port":8080}';
    expect(createBatchAnswerer(desk).answer(line)).toContain('{"__proto__":{"from":"x"},"from":"front/web-1"');
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
