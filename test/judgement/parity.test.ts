import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { type JudgedObject, judgeDocuments } from '../../src/judgement/judgement.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { NamespaceFacts, SubjectKind } from '../../src/policy/subject.ts';
import { config, minimalPod, podLabels, subjectOf } from '../policy/minimal.ts';

async function judge(text: string, given: string, as: Config = config): Promise<JudgedObject> {
  const { documents } = parseManifest(text, 'a.yaml');
  const cluster = parseManifest(given, 'given.yaml').documents;
  const { objects } = await judgeDocuments(
    documents,
    takeInventory(documents, { cluster, defaultNamespace: undefined, now: 0 }, as),
    as,
  );
  const [object] = objects;
  if (object === undefined) throw new Error('nothing was judged');
  return object;
}

describe('the same object', () => {
  interface Fixture {
    readonly object: { readonly kind: SubjectKind; readonly metadata?: Record<string, unknown> };
    readonly namespace?: { labels?: Record<string, string>; fenced?: boolean; unknown?: string };
    readonly namespaces?: Record<string, Record<string, string>>;
    readonly policies?: readonly unknown[];
    /** The path of the template, if the configuration lists the kind of the object. */
    readonly template?: string;
  }
  const files = (readdirSync('test/fixtures', { recursive: true }) as string[])
    .filter((file) => file.endsWith('.yaml'))
    .sort((a, b) => a.localeCompare(b, 'en'));
  const observing = { ...config, mode: 'observe' as const };
  const meta = (name: string, labels: object) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

  it.each(files)('gets the findings of admission: %s', async (file) => {
    const fixture = parse(readFileSync(`test/fixtures/${file}`, 'utf8')) as Fixture;
    const { object, namespace, namespaces = {} } = fixture;
    const isNamespace = object.kind === 'Namespace';
    const located = isNamespace ? object : { ...object, metadata: { ...object.metadata, namespace: 'shop' } };
    const fenced = namespace?.fenced ?? false;
    const labels = { ...namespace?.labels, ...(fenced ? { 'ringfence.dev/fence': 'true' } : {}) };
    // A policy of another namespace in the input means that the policies of the cluster are known.
    const policies = [...(fixture.policies ?? []), { podSelector: {} }].map((spec, index, all) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `other-${index}`, namespace: index === all.length - 1 ? 'elsewhere' : 'shop' },
      spec,
    }));
    const known = namespace?.unknown === undefined;
    const items = [
      ...(known && !isNamespace ? [meta('shop', labels)] : []),
      ...Object.entries(namespaces).map(([name, theirs]) => meta(name, theirs)),
      ...policies,
    ];
    const given = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const named = (name: string, theirs: object) =>
      new Map<string, string>([...Object.entries(theirs), ['kubernetes.io/metadata.name', name]]);
    const facts: NamespaceFacts = known
      ? { known, labels: named('shop', labels), fenced }
      : { known, reason: 'no Namespace shop in the files; use --namespaces FILE' };

    const rollouts = { group: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', versions: ['*'] };
    const workloads = fixture.template === undefined ? [] : [{ ...rollouts, template: fixture.template.split('.') }];

    // The mode of the cluster does not matter, because manifests are judged as in enforce.
    const { findings } = await judge(JSON.stringify(located), given, { ...observing, workloads });
    const cluster = parseManifest(given, 'given.yaml').documents;
    const { surroundings } = takeInventory(cluster, { cluster, defaultNamespace: undefined, now: 0 }, config);
    const name = String(object.metadata?.['name']);
    const subject = subjectOf(
      workloads[0] ?? object.kind,
      located,
      isNamespace ? undefined : facts,
      'CREATE',
      surroundings('shop', name),
    );
    const expected = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config).findings;
    const tell = (all: typeof expected) =>
      all.map(({ check, field, reason, action, undecided }) => ({ check, field, reason, action, undecided }));
    expect(tell(findings)).toEqual(tell(expected));
    // The finding of the fixture is present, or absent.
    const [check = '', verdict] = file.split('/');
    expect(findings.some((finding) => finding.check === check)).toBe(verdict === 'fail');
  });

  it('is judged again and again alike, and is not changed', async () => {
    const pod = minimalPod({ ...podLabels, expose: true });
    const [first, second] = [await judge(JSON.stringify(pod), ''), await judge(JSON.stringify(pod), '')];
    expect(first.findings).toEqual(second.findings);
    expect(first.findings[0]).toMatchObject({ check: 'readable', field: 'metadata.labels.expose' });
    expect(first.document.object).toEqual(pod);
  });
});
