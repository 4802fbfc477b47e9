import { describe, expect, it } from 'vitest';
import { groupCauses } from '../../src/audit/cause-groups.ts';
import { auditJson } from '../../src/audit/json.ts';
import { auditMarkdown } from '../../src/audit/markdown.ts';
import { auditText } from '../../src/audit/text.ts';
import { namespace, own, pod, reportOn, validateJson, workload } from './scene.ts';

const names = Array.from({ length: 40 }, (_, index) => `team-${index}`);

/** Namespaces as they are before Ringfence: without labels, and with a Deployment each. */
const unlabelled = names.flatMap((name) => [
  namespace(name, {}),
  workload(name, 'Deployment', 'web', { app: 'web' }),
  pod(name, 'web-1', { app: 'web' }, { ownerReferences: [] }),
]);

describe('the text of an audit of 40 namespaces without labels', () => {
  it('says each mistake once, with every namespace, and is read in a minute', async () => {
    const report = await reportOn(unlabelled);
    const [, correct = ''] = /What to correct\n((?: {2}.*\n)+)/.exec(auditText(report)) ?? [];
    expect(correct.split('\n').length).toBeLessThan(40);
    expect(correct).toMatch(/^ {2}40 namespaces: labels env, tier, team are missing {2}\[required-labels\]\n/);
    expect(correct).toContain(
      '    360 findings: Deployment 40, Namespace 40, Pod 40\n    Fix, under metadata.labels:\n',
    );
    expect(correct).toContain('  Deployment, Pod in 40 namespaces: expose missing');
    for (const name of names) expect(correct).toMatch(new RegExp(`\\b${name} \\(9\\)`));
    for (const line of correct.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(auditText(report)).toContain('not-fenced, 40 namespaces: it was there before Ringfence enforced');
  });

  it('names as many as a person reads, and says where the others are', async () => {
    const more = Array.from({ length: 60 }, (_, index) => namespace(`ns-${index}`, {}));
    expect(auditText(await reportOn(more))).toContain('and 20 more, which -o csv and -o json have');
  });

  it('is a row of the Markdown for each mistake', async () => {
    const text = auditMarkdown(await reportOn(unlabelled));
    const [, rows = ''] = /## What to correct\n\n.*\n.*\n((?:\|.*\n)+)/.exec(text) ?? [];
    expect(rows.trimEnd().split('\n')).toHaveLength(2);
    for (const name of names) expect(rows).toContain(`${name} (9)`);
  });

  it('loses no finding: the JSON has a cause for each namespace, and each finding its cause', async () => {
    const report = await reportOn(unlabelled);
    const data = JSON.parse([...auditJson(report)].join('')) as {
      causes: { id: number; count: number }[];
      findings: { cause: number }[];
    };
    expect(validateJson(data)).toBe(true);
    expect(data.causes).toHaveLength(80);
    for (const { id, count } of data.causes)
      expect(data.findings.filter(({ cause }) => cause === id)).toHaveLength(count);
    expect(groupCauses(report.causes).reduce((sum, { count }) => sum + count, 0)).toBe(report.findings.length);
  });
});

it('describes values of a fix that differ from namespace to namespace', async () => {
  const { team: _, ...withoutTeam } = own;
  const report = await reportOn(
    ['shop', 'bank'].flatMap((team) => [
      namespace(team, { env: 'prod', tier: 'api', team }),
      pod(team, 'web', withoutTeam),
    ]),
  );
  const [group, ...others] = groupCauses(report.causes);
  expect(others).toEqual([]);
  expect(group).toMatchObject({ message: 'team missing', count: 2 });
  expect(group?.fix).toEqual(['Fix, under metadata.labels:', '  team: <as its namespace>']);
});

it('keeps mistakes of different severity apart, worst first', async () => {
  const host = { spec: { hostNetwork: true } };
  const report = await reportOn([
    namespace('shop'),
    pod('shop', 'a', own, host),
    namespace('bank'),
    pod('bank', 'b', own, host),
    namespace('film', {}),
  ]);
  expect(groupCauses(report.causes).map(({ severity, causes }) => `${severity} ${causes.length}`)).toEqual([
    'error 1',
    'warning 2',
  ]);
});
