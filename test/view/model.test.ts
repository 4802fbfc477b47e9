import { describe, expect, it } from 'vitest';
import { formatPorts } from '../../src/network/port-set.ts';
import { figureOf } from '../../src/view/figure.ts';
import { kindOf } from '../../src/view/link.ts';
import { orderTiers } from '../../src/view/place.ts';
import { namespace, pod } from '../audit/scene.ts';
import { config } from '../policy/minimal.ts';
import { cluster, model, page } from './scene.ts';

const everything = { team: '', env: '', namespace: '', tier: '', exempt: false };

async function linksIn(objects = cluster): Promise<Readonly<Record<string, string>>> {
  const { links } = await model(objects);
  return Object.fromEntries(
    links
      .filter(({ to }) => to !== '')
      .map((link) => {
        const kind = kindOf(link);
        const ports = kind === 'forbidden' ? link.forbidden : kind === 'undefined' ? link.undecided : link.lawful;
        return [`${link.from} > ${link.to}`, `${kind} ${formatPorts(ports)}`];
      }),
  );
}

describe('the links between namespaces', () => {
  it('say what is open, and what of it the rules of admission forbid', async () => {
    const links = await linksIn();
    expect(links['front > orders']).toBe('lawful TCP/8080');
    expect(links['try > orders']).toBeUndefined();
    expect(links['try > store']).toBe('forbidden TCP/5432');
    expect(links['orders > front']).toBe('forbidden all ports');
    expect(links['old > front']).toBe('forbidden all ports');
    expect(links['front > store']).toBeUndefined();
  });

  it('are undefined for Pods in the network of their node', async () => {
    const host = [
      namespace('front', { env: 'prod', tier: 'web' }),
      pod('front', 'host', { app: 'x' }, { spec: { hostNetwork: true } }),
    ];
    const links = await linksIn([...host, ...cluster.slice(2)]);
    expect(links['front > orders']).toBe('undefined all ports');
  });

  it('show what a log has seen and the policies deny', async () => {
    const seen = {
      from: { kind: 'workload', namespace: 'front', workload: 'deployment/web' },
      to: { kind: 'namespace', namespace: 'store' },
      protocol: 'TCP',
      port: 5432,
      seen: true,
      declaredBy: [],
      isFirm: false,
      pairs: [],
      sightings: 7,
      first: undefined,
      last: '2026-11-28T00:00:00Z',
      isAudited: false,
      isPendingDeny: false,
      isDropped: true,
      why: undefined,
    } as const;
    const { links } = await model(cluster, { denied: [seen] });
    const link = links.find(({ from, to }) => from === 'front' && to === 'store');
    expect(link && kindOf(link)).toBe('denied');
    expect(link?.denied.map(({ text }) => text)).toEqual([
      'front/deployment/web -> store (Pods of no known workload) TCP/5432',
    ]);
  });
});

describe('the notes of flow logs', () => {
  const noteOf = (message: string, overlooked: boolean) =>
    ({ id: 'log-hole', message, objects: [], overlooked }) as const;
  const logNotes = [noteOf('23 lines of the log are no JSON object', true), noteOf('left out: replies (5)', false)];

  const lacking = {
    en: ['The flow logs do not show everything, so denied flows may be missing here.', 'Remarks on the flow logs: 1'],
    zh: ['流量日志没有说明一切，因此这里可能缺少被拒绝的流量。', '关于流量日志的说明：1'],
  } as const;
  const pages = ['/?', '/matrix?', '/namespace?name=front&', '/flow?from=front&to=store&'];

  it.each(pages.flatMap((path) => (['en', 'zh'] as const).map((language) => [path, language] as const)))(
    'say on %s in %s that something was overlooked, and where it is listed',
    async (path, language) => {
      const answer = await page(await model(cluster, { denied: [], logNotes }), `${path}lang=${language}`);
      const [text, more] = lacking[language];
      expect(answer).toContain(
        `<p class="notice">${text} <a href="/doctor?lang=${language}#flow-logs">${more}</a></p>`,
      );
    },
  );

  it.each([
    ['en', 'Flow logs', (text: string) => text],
    ['zh', '流量日志', (text: string) => `<span lang="en">${text}</span>`],
  ])('are listed with the other notes, in %s', async (language, heading, words) => {
    const answer = await page(await model(cluster, { denied: [], logNotes }), `/doctor?lang=${language}`);
    expect(answer).toContain(
      `<h2 id="flow-logs">${heading}</h2><ul><li>${words('overlooked: 23 lines of the log are no JSON object')}</li><li>${words('left out: replies (5)')}</li></ul>`,
    );
  });

  it('are not on the map where nothing was overlooked, and nowhere without a log', async () => {
    const seen = await page(await model(cluster, { denied: [], logNotes: logNotes.slice(1) }), '/');
    expect(seen).not.toContain('flow-logs');
    expect(await page(await model(), '/doctor')).not.toContain('flow-logs');
  });
});

describe('a figure', () => {
  it('has a box for each namespace, and the worst arrows first', async () => {
    const { boxes, arrows, isFolded } = figureOf(await model(), everything, 20);
    expect(isFolded).toBe(false);
    expect(boxes.map(({ id }) => id)).toEqual(['@outside', 'try', 'front', 'orders', 'store', 'old']);
    expect(arrows[0]?.kind).toBe('forbidden');
    expect(arrows.at(-1)?.kind).toBe('lawful');
  });

  it('folds namespaces by environment and tier', async () => {
    const { boxes, arrows } = figureOf(await model(), everything, 3);
    expect(boxes.map(({ id }) => id)).toEqual(['@outside', '@dev/web', '@prod/web', '@prod/api', '@prod/data', '@/']);
    const arrow = arrows.find(({ from, to }) => from.id === '@prod/web' && to.id === '@prod/api');
    expect([arrow?.kind, arrow?.count]).toEqual(['lawful', 1]);
  });

  it('takes its filter', async () => {
    const of = await model();
    const ids = (filter: object): readonly string[] =>
      figureOf(of, { ...everything, ...filter }, 20)
        .boxes.map(({ id }) => id)
        .filter((id) => id !== '@outside');
    expect(ids({ env: 'dev' })).toEqual(['try']);
    expect(ids({ tier: '-' })).toEqual(['old']);
    expect(ids({ team: 'shop', tier: 'web' })).toEqual(['try', 'front']);
    expect(ids({ namespace: 'store' })).toEqual(['try', 'front', 'store', 'old']);
  });

  it('hides exempt namespaces unless they are asked for', async () => {
    const of = await model([...cluster, namespace('kube-system', {}), pod('kube-system', 'dns', { app: 'dns' })]);
    expect(figureOf(of, everything, 20).hidden).toBe(1);
    expect(figureOf(of, { ...everything, exempt: true }, 20).boxes.map(({ id }) => id)).toContain('kube-system');
  });
});

describe('the columns', () => {
  it('follow the matrix from the outside inwards', () => {
    const tiers = orderTiers(config);
    expect(tiers.indexOf('web')).toBeLessThan(tiers.indexOf('api'));
    expect(tiers.indexOf('api')).toBeLessThan(tiers.indexOf('data'));
  });

  it('end for a matrix with a circle', () => {
    const flows = [{ from: 'data', to: 'web', ports: undefined }, ...config.network.matrix];
    const tiers = orderTiers({ ...config, network: { ...config.network, matrix: flows } });
    expect(new Set(tiers)).toEqual(new Set(orderTiers(config)));
  });
});
