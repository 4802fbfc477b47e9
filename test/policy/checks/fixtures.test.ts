import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createBudget, reviewLimits } from '../../../src/network/budget.ts';
import { neighbourOf } from '../../../src/network/neighbour.ts';
import { readPolicy } from '../../../src/network/read.ts';
import { checks } from '../../../src/policy/checks/index.ts';
import { askAbout } from '../../../src/policy/evaluate.ts';
import type { NamespaceFacts, ReadableKind, SubjectKind, Surroundings } from '../../../src/policy/subject.ts';
import { config, subjectOf } from '../minimal.ts';

interface Fixture {
  readonly object: { readonly kind: SubjectKind };
  /** The path of the template, if the configuration lists the kind of the object. */
  readonly template?: string;
  readonly namespace?: {
    readonly labels?: Record<string, string>;
    readonly fenced?: boolean;
    readonly unknown?: string;
  };
  /** The labels of other namespaces, by name. */
  readonly namespaces?: Record<string, Record<string, string>>;
  /** The specifications of the other NetworkPolicies of the namespace. */
  readonly policies?: readonly unknown[];
  readonly findings?: readonly { readonly field: string; readonly reason: string }[];
}

const fixtures = 'test/fixtures';
const sources = readdirSync('src/policy/checks').filter((file) => file !== 'index.ts');

describe('every check', () => {
  it('has a file of its id, one line in the index, and the index has no other', () => {
    expect(checks.map((check) => `${check.id}.ts`).sort()).toEqual(sources.sort());
  });

  it('stands in the index in the order of the ids', () => {
    expect(checks.map((check) => check.id)).toEqual(checks.map((check) => check.id).sort());
  });

  it('has fixtures that no other folder name pretends to', () => {
    expect(readdirSync(fixtures).sort()).toEqual(checks.map((check) => check.id).sort());
  });

  it.each(checks)('$id states its rule and remedy as sentences', ({ rule, remedy }) => {
    expect(rule).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });
});

describe.each(checks)('$id', (check) => {
  for (const verdict of ['pass', 'fail'] as const) {
    const folder = join(fixtures, check.id, verdict);
    const files = existsSync(folder) ? readdirSync(folder) : [];

    it(`has ${verdict} fixtures`, () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)(verdict === 'pass' ? 'passes %s' : 'refuses %s', (file) => {
      const fixture = parse(readFileSync(join(folder, file), 'utf8')) as Fixture;
      const subject = subjectOf(
        readableKindOf(fixture),
        fixture.object,
        factsOf(fixture),
        'CREATE',
        surroundingsOf(fixture),
      );
      const violations = askAbout(subject, checks, config)(check).map(({ field, reason }) => ({ field, reason }));
      expect(violations).toEqual(verdict === 'pass' ? [] : fixture.findings);
    });
  }
});

function readableKindOf({ object: { kind }, template }: Fixture): ReadableKind {
  if (template === undefined) return kind;
  return { kind, template: template.split('.') };
}

function surroundingsOf({ namespaces, policies }: Fixture): Surroundings {
  return {
    budget: createBudget(reviewLimits),
    namespaceLabels: (name) => {
      const labels = namespaces?.[name];
      return labels === undefined ? undefined : new Map(Object.entries(labels));
    },
    policies: (policies ?? []).flatMap((spec, index) => {
      const read = readPolicy(spec, { namespace: 'shop', name: `other-${index}` });
      return 'policy' in read ? [neighbourOf(read.policy)] : [];
    }),
  };
}

function factsOf({ object, namespace }: Fixture): NamespaceFacts | undefined {
  if (object.kind === 'Namespace') return undefined;
  if (namespace?.unknown !== undefined) return { known: false, reason: namespace.unknown };
  return { known: true, labels: new Map(Object.entries(namespace?.labels ?? {})), fenced: namespace?.fenced ?? false };
}
