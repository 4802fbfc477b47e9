// docs/doctor.md: its role is what the doctor reads, and its example what it prints.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { examine } from '../../src/doctor/examinations.ts';
import { starts } from '../../src/doctor/pod-start.ts';
import { probeLabel } from '../../src/doctor/probe-objects.ts';
import { formatLines } from '../../src/doctor/text.ts';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { daemonSet, factsOf } from './scene.ts';

interface Role {
  readonly kind: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const page = readFileSync('docs/doctor.md', 'utf8');
const [, yaml = ''] = /```yaml\n(apiVersion: rbac[^`]+)```/.exec(page) ?? [];
const roles = parseAllDocuments(yaml).map((document) => document.toJS() as Role);

describe('docs/network-plugins.md', () => {
  const plugins = readFileSync('docs/network-plugins.md', 'utf8');
  const [, table = ''] = /\| plugin \| `pod-start` \| source \|\n[^\n]+\n((?:\|.*\n)+)/.exec(plugins) ?? [];
  const rows = table
    .trimEnd()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));

  it('has a row for each plugin that the doctor knows, in its order', () => {
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(starts));
  });

  it.each(rows.map(([, name = '', says = '', sources = '']) => [name, says, sources]))(
    'says of %s what pod-start answers, and from where',
    (name, says, sources) => {
      const start = starts[name as keyof typeof starts];
      const { isClosed } = typeof start === 'function' ? start(daemonSet('x')) : start;
      const answer = isClosed === undefined ? 'not decided' : isClosed ? 'ok' : 'a finding';
      expect(says).toMatch(new RegExp(`${answer}|kube-network-policies, as that`));
      // That each mark has its source, test/docs/words.test.ts holds.
      expect(sources).toMatch(/^(?:\[[a-z]\d\](?:, )?)+$|^none found$/);
    },
  );
});

describe('docs/doctor.md', () => {
  it('grants nothing but reading', () => {
    const verbs = roles.flatMap(({ rules }) => rules.flatMap((rule) => rule.verbs));
    expect(roles.map(({ kind }) => kind)).toEqual(['ClusterRole', 'Role']);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list']));
  });

  it('grants the lists of every group of other policies', () => {
    const granted = roles.flatMap(({ rules }) => rules.flatMap((rule) => rule.apiGroups));
    expect(granted).toEqual(expect.arrayContaining([...new Set(otherPolicyKinds.map(({ group }) => group))]));
  });

  it('shows lines as they are printed', () => {
    const [, example = ''] = /```\n(FINDING[^`]+)```/.exec(page) ?? [];
    const values = { ciliumConfig: new Map([['policy-audit-mode', 'true']]) };
    const lines = examine(factsOf({ values })).filter(({ examination }) =>
      ['cilium-enforcement', 'kubernetes-version'].includes(examination),
    );
    expect(formatLines(lines).startsWith(example)).toBe(true);
  });

  it('names the label of a probe', () => {
    expect(page).toContain(`\`${probeLabel}\``);
  });
});
