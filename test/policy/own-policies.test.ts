import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { NamespaceFacts } from '../../src/policy/subject.ts';
import { config, shop, subjectOf } from './minimal.ts';

function findingsOf(object: unknown, facts: NamespaceFacts): string[] {
  const subject = subjectOf('NetworkPolicy', object, facts);
  return evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config).findings.map(
    (finding) => `${finding.check} ${finding.field} ${finding.reason}`,
  );
}

describe('the policies that Ringfence itself makes', () => {
  const labels = shop.known ? shop.labels : new Map<string, string>();

  it.each(['web', 'api', 'data', 'cache'])(
    'pass every check in a namespace of tier %s, but for having no more effect',
    (tier) => {
      const facts = { known: true, fenced: true, labels: new Map(labels).set('tier', tier) } as const;
      for (const policy of desiredBaseline({ name: 'shop', labels: facts.labels }, config)) {
        // The wall has no effect beside itself: in a fenced namespace the baseline counts as
        // present, and the guard admits it before the checks.
        const findings = findingsOf(policy, facts).filter((line) => !line.startsWith('no-effect '));
        expect(findings, policy.metadata.name ?? '').toEqual([]);
      }
    },
  );

  it('are refused by no check where Ringfence runs; that its API server may be anywhere is a warning', () => {
    const documents = parseAllDocuments(readFileSync('manifests/base/network-policy.yaml', 'utf8')).map(
      (one) => one.toJS() as object,
    );
    const facts = {
      known: true,
      fenced: false,
      labels: new Map([
        ['env', 'prod'],
        ['tier', 'api'],
        ['team', 'platform'],
      ]),
    } as const;
    expect(documents.flatMap((object) => findingsOf(object, facts)).map((line) => line.split(' ')[0])).toEqual([
      'egress-without-dns',
      'egress-to-anyone',
    ]);
  });
});
