import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { type JudgedObject, judgeDocuments } from '../../src/judgement/judgement.ts';
import { rules } from '../../src/judgement/rules.ts';
import { config, podLabels } from '../policy/minimal.ts';

const shop =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\n';

async function judge(text: string, given = '', as: Config = config, defaultNamespace?: string) {
  const { documents, problems } = parseManifest(text, 'a.yaml');
  expect(problems).toEqual([]);
  const cluster = parseManifest(given, 'given.yaml').documents;
  return judgeDocuments(documents, takeInventory(documents, { cluster, defaultNamespace, now: 0 }, as), as);
}

async function last(...args: Parameters<typeof judge>): Promise<JudgedObject> {
  const object = (await judge(...args)).objects.at(-1);
  if (object === undefined) throw new Error('nothing was judged');
  return object;
}

const say = ({ findings }: JudgedObject) =>
  findings.map(
    ({ line, column, subject, reason, check, undecided }) =>
      `${line}:${column} ${subject} ${reason} [${check}]${undecided ? ' undecided' : ''}`,
  );

describe('an exception', () => {
  it('waives in files what it waives at admission, and is named', async () => {
    const exception = {
      name: 'exporter',
      checks: ['required-labels'],
      namespace: 'shop',
      workloads: [{ kind: 'DaemonSet', name: /^exporter$/ }],
      reason: 'a chart',
      until: '2027-01-31',
    };
    const daemonSet = (name: string) =>
      `${shop}apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ${name}, namespace: shop}\nspec: {template: {}}\n`;
    const waived = (await last(daemonSet('exporter'), '', { ...config, exceptions: [exception] })).findings;
    expect(waived.map(({ action, exception: name }) => `${action} ${name}`)).toEqual(Array(4).fill('record exporter'));
    const other = (await last(daemonSet('importer'), '', { ...config, exceptions: [exception] })).findings;
    expect(other.map(({ action }) => action)).toEqual(Array(4).fill('deny'));
  });
});

describe('a finding', () => {
  it('stands at its label, or where the label should be', async () => {
    const text = `${shop}apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    env: prd
    tier: api
`;
    expect(say(await last(text))).toEqual([
      '11:5 env "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values]',
      '10:3 team missing; namespace shop says team=shop [required-labels]',
      '10:3 expose missing; "true" if the outside may reach it, else "false" [required-labels]',
    ]);
  });

  it('stands in the template of a workload, also where there are no labels, or no template', async () => {
    const cronJob =
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec: {}\n';
    expect((await last(cronJob)).findings.map(({ line, column }) => `${line}:${column}`)).toEqual(Array(4).fill('7:7'));
    const none = await last('---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n');
    expect(none.findings.map(({ line, column }) => `${line}:${column}`)).toEqual(Array(4).fill('2:1'));
  });

  it('of a boolean or a number says that a label is text, and the rest is judged as if it were', async () => {
    const text = `${shop}apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {env: prod, tier: api, team: 42, expose: yes, app:}
`;
    expect(say(await last(text))).toEqual([
      '10:34 team is a number (42) where a string (quote it) belongs [readable]',
      '10:44 expose is a boolean (yes) where a string (quote it) belongs [readable]',
      '10:34 team "42" is not its namespace\'s; namespace shop says team=shop [label-agreement]',
    ]);
  });

  it.each([
    [
      '{apiVersion: v1, kind: Pod, metadata: {name: 7, namespace: shop, labels: {a: 1}}}',
      ['metadata.labels.a', 'metadata.name'],
    ],
    ['{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: 7}}', ['metadata.namespace']],
    ['{kind: Namespace, metadata: {name: a}}', ['apiVersion']],
    ['{apiVersion: v1, kind: Pod, metadata: x}', ['metadata']],
    ['{apiVersion: v1, kind: Pod, metadata: {labels: {env: {}}}}', ['metadata.labels.env']],
  ])('of what is not as its type says names the field: %s', async (text, fields) => {
    const { findings } = await last(text);
    expect(findings.filter(({ check }) => check === 'readable').map(({ field }) => field)).toEqual(fields);
  });

  it('has the remedy of its rule', async () => {
    const { findings } = await last(`${shop}{apiVersion: v1, kind: Pod, metadata: {name: 7, namespace: shop}}`);
    expect(findings.length).toBeGreaterThan(1);
    for (const { check, remedy } of findings) expect(remedy).toBe(rules.find(({ id }) => id === check)?.remedy);
  });
});

describe('facts', () => {
  const pod = (namespace?: string) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace, labels: podLabels } });

  it('that nobody gave leave the finding undecided', async () => {
    const reasons = [...new Set(say(await last(pod('shop'))).map((text) => text.replace(/^.*'s: /, '')))];
    expect(reasons).toEqual(['no Namespace shop in the files; use --namespaces FILE [label-agreement] undecided']);
    expect(say(await last(pod()))[0]).toContain('it names no namespace; use --namespace NAME');
  });

  it('come from the files, from what the cluster has, and by the default namespace', async () => {
    expect(say(await last(`${shop}${pod('shop')}`))).toEqual([]);
    expect(say(await last(pod('shop'), shop))).toEqual([]);
    expect(say(await last(pod(), shop, config, 'shop'))).toEqual([]);
  });
});

describe('what is not judged', () => {
  it('is other kinds, which are counted', async () => {
    const text =
      '{a: 1}\n---\ntext\n---\n{apiVersion: v1, kind: Service}\n---\n{apiVersion: example.com/v1, kind: Gadget}\n';
    const { objects, passedOver } = await judge(text);
    expect(objects).toEqual([]);
    expect([...passedOver]).toEqual([
      ['no Kubernetes object', 2],
      ['v1 Service', 1],
      ['example.com/v1 Gadget', 1],
    ]);
  });

  it('is what an exempt namespace holds, and the exempt Namespace itself', async () => {
    const { objects } = await judge(
      '{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: kube-system}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: kube-public}}',
    );
    expect(objects.map(({ exempt, findings }) => [exempt, findings])).toEqual([
      [true, []],
      [true, []],
    ]);
  });
});

describe('the mark', () => {
  it('on a namespace that is never fenced is refused, though the namespace is exempt', async () => {
    const marked = (name: string) =>
      `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, labels: {ringfence.dev/fence: "true"}}}`;
    const { objects } = await judge(['kube-system', 'kube-node-lease'].map(marked).join('\n---\n'));
    expect(objects.map(({ findings }) => findings.map(({ check, action, line }) => [check, action, line]))).toEqual([
      [['never-fenced', 'deny', 1]],
      [['never-fenced', 'deny', 3]],
    ]);
    const {
      objects: [first],
    } = await judge(marked('default'));
    expect(first?.findings.map(({ check }) => check)).not.toContain('never-fenced');
  });
});

describe('the names of the baseline', () => {
  const labels = new Map([
    ['env', 'prod'],
    ['tier', 'api'],
    ['team', 'shop'],
  ] as const);
  const baseline = desiredBaseline({ name: 'shop', labels }, config);

  it.each(baseline)('pass in a fenced namespace with the desired specification: $metadata.name', async (policy) => {
    const { labels: _, ...metadata } = policy.metadata;
    expect(say(await last(`${shop}${JSON.stringify({ ...policy, metadata })}`))).toEqual([]);
  });

  it('are refused there with another', async () => {
    const wide = { ...baseline[0], spec: { podSelector: {}, ingress: [{}] } };
    expect(say(await last(`${shop}${JSON.stringify(wide)}`))).toEqual([
      expect.stringContaining('not the specification of the baseline [baseline-guard]'),
    ]);
  });

  it('are not decided where the namespace is not known', async () => {
    expect(say(await last(JSON.stringify(baseline[0])))).toEqual([
      expect.stringMatching(
        /not decided: whether namespace shop is fenced: no Namespace shop .*\[baseline-guard\] undecided$/,
      ),
    ]);
  });
});

describe('a NetworkPolicy where the cluster may have others', () => {
  const given = shop.replace('---\n', '');
  const policy = (name: string, spec: object) =>
    `${JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: 'shop', labels: { env: 'prod', tier: 'api', team: 'shop' } },
      spec,
    })}\n---\n`;
  const isolating = policy('a', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] });
  const dns = policy('b', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) }],
  });
  const findings = async (text: string) => {
    const { objects } = await judge(text, given);
    const [object] = objects;
    return object === undefined ? [] : say(object).filter((one) => one.includes('egress-without-dns'));
  };

  it('is not decided where they could make it right', async () => {
    expect(await findings(isolating)).toEqual([expect.stringMatching(/not decided: .* undecided$/)]);
  });

  it('is decided where those of the files make it right already', async () => {
    expect(await findings(isolating + dns)).toEqual([]);
  });
});
