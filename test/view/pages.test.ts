import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditHtml } from '../../src/view/document.ts';
import { namespace, pod, policy, reportOn } from '../audit/scene.ts';
import { cluster, markup, model, page } from './scene.ts';

const addresses = ['/', '/matrix', '/flow', '/findings', '/fences', '/exceptions', '/doctor', '/what-if'];

describe('the pages', () => {
  it.each(addresses)('%s has a heading, the page in the navigation, and no handler in its markup', async (address) => {
    const text = await page(await model(), address);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text.match(/aria-current="page"/g)).toHaveLength(1);
    expect(text).not.toMatch(/\son\w+=|style="|<script(?! src="\/script\.js" defer>)/);
    expect(text).not.toMatch(/(?:href|src|action)="(?!\/|#|data:,|\?)/);
  });

  it.each(addresses)('%s escapes markup in names', async (address) => {
    const wrong = { env: 'prod', tier: markup, team: markup };
    const of = await model([...cluster, namespace('odd', wrong), pod('odd', markup, { ...wrong, app: markup })]);
    expect(await page(of, `${address}?from=odd&to=${encodeURIComponent(markup)}&namespace=${markup}`)).not.toContain(
      '<img',
    );
  });

  it('are in Chinese if that is asked for, and keep it', async () => {
    const text = await page(await model(), '/?lang=zh');
    expect(text).toContain('<html lang="zh-CN">');
    expect(text).toContain('href="/matrix?lang=zh"');
    expect(text).toContain('<h1>地图</h1>');
  });

  it('say that a page does not exist', async () => {
    expect(await page(await model(), '/constructor')).toContain('There is no such page');
  });
});

describe('the page of a flow', () => {
  it('lists the Pods of two namespaces, and why the rules forbid it', async () => {
    const text = await page(await model(), '/flow?from=try&to=store');
    expect(text).toContain('open, but forbidden');
    expect(text).toContain('TCP/5432');
    expect(text).toContain('cross-environment: ');
  });

  it('answers as reach does, and marks the rule that decides in the policy', async () => {
    const text = await page(await model(), '/flow?from=front/web-1&to=orders/api-1&port=8080/TCP');
    expect(text).toContain('<span class="verdict allowed">allowed</span>');
    expect(text).toContain('orders/from-web spec.ingress[0] allows it');
    expect(text.replaceAll('\n</mark>', '</mark>')).toContain(
      '<mark>    - from:</mark><mark>        - namespaceSelector:</mark>',
    );
    expect(text).not.toContain('<mark>  podSelector: {}');
  });

  it('shows the policies that isolate an end and have no rule for it', async () => {
    const text = await page(await model(), '/flow?from=front/web-1&to=store/data-1&port=5432');
    expect(text).toContain('<span class="verdict denied">denied</span>');
    expect(text).toContain('It selects an end, and no rule of it allows this');
    expect(text).toContain('name: from-dev');
  });

  it('says what is wrong with an end or a port', async () => {
    const text = await page(await model(), '/flow?from=frunt/x&to=orders&port=99999999');
    expect(text).toContain('there is no namespace frunt here; did you mean front?');
    expect(text).toContain('is not a number from 1 to 65535');
  });
});

describe('What if', () => {
  const wider = policy('orders', 'from-web', {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: 9090 }] }],
  });
  const send = async (text: string): Promise<string> =>
    page(await model(), '/what-if', new URLSearchParams({ manifests: text }));

  it('shows what a policy opens and closes, and what check says', async () => {
    const text = await send(JSON.stringify(wider));
    expect(text).toContain('orders/from-web: It replaces the policy of the same name.');
    expect(text).toMatch(/would open<\/span><\/th><td>.*TCP\/9090/);
    expect(text).toMatch(/would close<\/span><\/th><td>.*TCP\/8080/);
    expect(text).toMatch(
      /would open<.*TCP\/9090.*<span class="kind forbidden">✕<\/span> (?:cross-environment|flow-matrix): /,
    );
    expect(text).toContain('<code>flow-matrix');
    expect(text).toContain('class="arrow opened"');
  });

  it('knows that a cluster without another policy has none', async () => {
    const first = policy('orders', 'out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    const none = await model(cluster.filter(({ kind }: { readonly kind?: unknown }) => kind !== 'NetworkPolicy'));
    const text = await page(none, '/what-if', new URLSearchParams({ manifests: JSON.stringify(first) }));
    expect(text).toContain('allows no DNS, nor does another NetworkPolicy here');
  });

  it('changes nothing for the policy that is there, and leaves other kinds out', async () => {
    const text = await send([cluster.at(-1), namespace('new')].map((one) => JSON.stringify(one)).join('\n'));
    expect(text).toContain('These policies open and close nothing.');
    expect(text).toContain('only NetworkPolicies count here: 1 v1 Namespace');
  });

  it.each([
    ['a: [', 'pasted:'],
    ['', 'pasted: there is no NetworkPolicy in it'],
    [JSON.stringify({ ...wider, metadata: { name: 'x' } }), 'metadata.namespace is missing'],
    [JSON.stringify({ ...wider, metadata: { name: 'x', namespace: 'nowhere' } }), 'there is no namespace nowhere here'],
    [JSON.stringify({ ...wider, spec: { ingress: 3 } }), 'spec.ingress'],
  ])('says what is wrong with %j', async (text, message) => {
    const answer = await send(text);
    expect(answer).toContain('It cannot be read');
    expect(answer).toContain(message);
  });
});

describe('the audit as one file', () => {
  it('needs nothing else, has no script, and allows its own style by hash', async () => {
    const text = [...auditHtml(await reportOn(cluster), 'en')].join('');
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(`content="default-src 'none'; style-src 'sha256-${hash}';`);
    expect(text).not.toMatch(/<script|<form|<input|\sstyle="|(?:href|src)="(?!#|data:,")/);
    expect(text).toContain('cross-environment: ');
    expect(text).toContain('<section><h2 id="doctor">');
  });

  it('escapes markup in names', async () => {
    const wrong = { env: 'prod', tier: markup, team: markup };
    const odd = [...cluster, namespace('odd', wrong), pod('odd', markup, { ...wrong, app: markup })];
    expect([...auditHtml(await reportOn(odd), 'en')].join('')).not.toContain('<img');
  });

  it('is in the language that was asked for, with the words of the engine marked as English', async () => {
    const text = [...auditHtml(await reportOn(cluster), 'zh')].join('');
    expect(text).toMatch(/<html lang="zh-CN">[\s\S]*<h2 id="findings">需要修正的内容<\/h2>/);
    expect(text).toContain('<p class="summary"><span lang="en">5 namespaces, 0 fenced;');
    const [, own = ''] = /<body>(.*)<\/body>/s.exec(text.replaceAll(/<span lang="en">.*?<\/span>/gs, '')) ?? [];
    expect(own).not.toMatch(/\b(?:findings?|namespaces?|the|not|of)\b(?![^<]*>)/);
  });
});
