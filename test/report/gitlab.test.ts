import { describe, expect, it } from 'vitest';
import { reportGitlab } from '../../src/report/gitlab.ts';
import { brokenFiles, reportOf, sample } from './sample.ts';

interface Entry {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

async function entriesOf(...args: Parameters<typeof reportOf>): Promise<readonly Entry[]> {
  return JSON.parse(reportGitlab(await reportOf(...args))) as Entry[];
}
const fingerprints = (entries: readonly Entry[]) => entries.map(({ fingerprint }) => fingerprint);
const policy = (peer: string) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {}, ingress: [{from: [${peer}, ${peer}]}]}
`;
const fromData = '{namespaceSelector: {matchLabels: {env: prod, tier: data}}}';

describe('the GitLab report', () => {
  it('has an entry for each finding, at its line', async () => {
    const [first, ...others] = await entriesOf();
    expect(first).toEqual({
      description: 'Pod shop/web: env "p<r>&d\\u0007\\u000a::x" is not one of prod, staging, dev',
      check_name: 'label-values',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: 'critical',
      location: { path: 'k8s/a b.yaml', lines: { begin: 13 } },
    });
    expect(others.map(({ severity }) => severity)).toEqual(['critical', 'info', 'info', 'info', 'minor', 'info']);
  });

  it('names files from the working folder, as GitLab does', async () => {
    for (const file of ['./k8s/a.yaml', `${process.cwd()}/k8s/a.yaml`, 'k8s/../k8s/a.yaml'])
      expect((await entriesOf(sample, { file }))[0]?.location.path).toBe('k8s/a.yaml');
  });

  it('keeps its fingerprints if lines move, if files are renamed and if other findings go', async () => {
    const before = fingerprints(await entriesOf());
    expect(fingerprints(await entriesOf(`# a comment\n---\n${sample}`, { file: 'moved.yaml' }))).toEqual(before);
    const corrected = sample.replace(/env: "p<r>.*"/, 'env: prod');
    expect(fingerprints(await entriesOf(corrected))).toEqual(before.slice(1));
  });

  it('gives equal findings different fingerprints', async () => {
    const entries = await entriesOf(`${sample}${policy(fromData)}${policy(fromData)}`);
    const all = fingerprints(entries);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((text) => text.endsWith('-2')).length).toBeGreaterThan(0);
  });

  it('has another fingerprint for another value, and for a finding that is not decided', async () => {
    const other = fingerprints(await entriesOf(sample.replace('p<r>', 'q<r>')));
    const before = fingerprints(await entriesOf());
    expect(other[0]).not.toBe(before[0]);
    expect(other.slice(1)).toEqual(before.slice(1));
  });

  it('has what could not be read, and the notes', async () => {
    const entries = (await entriesOf('', { problems: brokenFiles, notes: ['the base changes labels'] })).map(
      ({ fingerprint: _, ...entry }) => entry,
    );
    expect(entries).toEqual([
      {
        description: 'not YAML: a "quote" & <tag>',
        check_name: 'unreadable',
        severity: 'blocker',
        location: { path: 'bad.yaml', lines: { begin: 3 } },
      },
      {
        description: 'there is no such file or folder',
        check_name: 'unreadable',
        severity: 'blocker',
        location: { path: 'gone.yaml', lines: { begin: 1 } },
      },
      {
        description: 'the base changes labels',
        check_name: 'note',
        severity: 'info',
        location: { path: '.', lines: { begin: 1 } },
      },
    ]);
    const ignored = await entriesOf('', { problems: brokenFiles, ignoreUnreadable: true });
    expect(ignored.map(({ severity }) => severity)).toEqual(['minor', 'minor']);
  });

  it('has the summary if something was passed over or does not count', async () => {
    const [first, ...others] = (await entriesOf()).toReversed();
    expect(first).toEqual({
      description:
        '5 objects judged (1 exempt), 1 would be refused: 2 findings, 1 warning, 3 not decided; not judged: 1 v1 Service.',
      check_name: 'summary',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: 'info',
      location: { path: '.', lines: { begin: 1 } },
    });
    expect(others.map(({ check_name }) => check_name)).not.toContain('summary');
    const texts = await Promise.all(
      [{ skipped: ['expose'] }, { known: { file: 'known.json', count: 3, gone: 0 } }].map((given) =>
        entriesOf('', given),
      ),
    );
    expect(texts.map((entries) => entries.map(({ description }) => description))).toEqual([
      ['no object judged. Checks left out: expose.'],
      ['no object judged. 3 findings stood before (known.json).'],
    ]);
  });

  it('keeps the fingerprint of the summary until something else is left out', async () => {
    const service = '---\napiVersion: v1\nkind: Service\nmetadata: {name: other}\n';
    const summary = async (...args: Parameters<typeof reportOf>) => fingerprints(await entriesOf(...args)).at(-1);
    const before = await summary();
    expect(await summary(`${sample}${service}`)).toBe(before);
    expect(await summary(sample, { skipped: ['expose'] })).not.toBe(before);
    expect(await summary(sample, { known: { file: 'known.json', count: 3, gone: 0 } })).not.toBe(before);
    expect(await summary(`${sample}${service.replace('kind: Service', 'kind: Secret')}`)).not.toBe(before);
    const known = { file: 'known.json', count: 3, gone: 0 };
    expect(await summary(sample, { known: { ...known, count: 2, gone: 1 } })).toBe(await summary(sample, { known }));
  });

  it('makes grave what fails under --strict, and is a list without findings', async () => {
    const strict = await entriesOf(sample, { strict: true });
    expect(strict.map(({ severity }) => severity)).toEqual([
      'critical',
      'critical',
      'major',
      'major',
      'major',
      'major',
      // The summary.
      'info',
    ]);
    expect(reportGitlab(await reportOf(''))).toBe('[]\n');
  });
});
