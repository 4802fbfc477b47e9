// A small cluster for the pages: three tiers of one environment, a namespace that nobody governs,
// and names that hold markup where a file may have them.
import type { Reading } from '../../src/view/freshness.ts';
import { type Model, type ModelOptions, modelOf } from '../../src/view/model.ts';
import { pageOf } from '../../src/view/pages.ts';
import { namespace, pod, policy, reportOn } from '../audit/scene.ts';

export const markup = '<img src=x onerror=alert(1)>';

const labelsOf = (tier: string, env = 'prod') => ({ env, tier, team: 'shop' });

function home(name: string, tier: string, env = 'prod'): readonly Record<string, unknown>[] {
  const labels = labelsOf(tier, env);
  return [namespace(name, labels), pod(name, `${tier}-1`, { ...labels, expose: 'false' })];
}

/** web may call api on 8080, dev may call data, and nothing else is closed but data. */
export const cluster = [
  ...home('front', 'web'),
  ...home('orders', 'api'),
  ...home('store', 'data'),
  ...home('try', 'web', 'dev'),
  namespace('old', {}),
  pod('old', 'legacy', { app: 'legacy' }),
  policy('orders', 'from-web', {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: labelsOf('web') } }], ports: [{ protocol: 'TCP', port: 8080 }] },
    ],
  }),
  policy('store', 'from-dev', {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { env: 'dev' } } }], ports: [{ protocol: 'TCP', port: 5432 }] },
    ],
  }),
];

export async function model(
  objects: readonly Readonly<Record<string, unknown>>[] = cluster,
  options: Partial<ModelOptions> = {},
): Promise<Model> {
  return modelOf(await reportOn(objects), {
    source: 'k8s/',
    isLive: false,
    denied: undefined,
    logNotes: [],
    ...options,
  });
}

const calm = { number: 1, seconds: 3, isReading: false, hasChanged: false, failure: undefined, parts: [] };

/** The HTML of a page. */
export async function page(
  of: Model,
  address: string,
  sent?: URLSearchParams,
  reading: Partial<Reading> = {},
): Promise<string> {
  const { pathname: path, searchParams: asked } = new URL(`http://view${address}`);
  return (await pageOf({ path, asked, sent, accepted: undefined }, of, { ...calm, at: of.report.at, ...reading })).html;
}
