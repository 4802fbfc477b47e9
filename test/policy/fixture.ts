// The fixtures of the checks: an object, facts about its namespace, and what its check says.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { neighbourOf } from '../../src/network/neighbour.ts';
import { readPolicy } from '../../src/network/read.ts';
import type { NamespaceFacts, ReadableKind, Subject, SubjectKind, Surroundings } from '../../src/policy/subject.ts';
import { subjectOf } from './minimal.ts';

/** The folder of the fixtures, from the root. */
export const fixtures = 'test/fixtures';

export interface Fixture {
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
  /** Whether docs/checks.md shows it: one that passes and one that fails for each check. */
  readonly example?: true;
}

export interface FixtureFile {
  /** Its name without the folder. */
  readonly file: string;
  readonly fixture: Fixture;
  /** The object as it is written, without the indentation. */
  readonly written: string;
}

/** The fixtures of a check that pass, or those that fail, by the names of their files. */
export function fixturesOf(check: string, verdict: 'pass' | 'fail'): readonly FixtureFile[] {
  const folder = join(import.meta.dirname, '../..', fixtures, check, verdict);
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const written = /^object:\n((?: {2}.*\n|\n)+)/m.exec(text)?.[1] ?? '';
      return {
        file,
        fixture: parseDocument(text).toJS() as Fixture,
        written: written.replaceAll(/^ {2}/gm, '').trimEnd(),
      };
    });
}

/** Reads the object of a fixture with its facts, as at its creation in the namespace `shop`. */
export function subjectOfFixture(fixture: Fixture): Subject {
  return subjectOf(readableKindOf(fixture), fixture.object, factsOf(fixture), 'CREATE', surroundingsOf(fixture));
}

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
    others: () => ({
      policies: (policies ?? []).flatMap((spec, index) => {
        const read = readPolicy(spec, { namespace: 'shop', name: `other-${index}` });
        return 'policy' in read ? [neighbourOf(read.policy)] : [];
      }),
    }),
  };
}

function factsOf({ object, namespace }: Fixture): NamespaceFacts | undefined {
  if (object.kind === 'Namespace') return undefined;
  if (namespace?.unknown !== undefined) return { known: false, reason: namespace.unknown };
  return { known: true, labels: new Map(Object.entries(namespace?.labels ?? {})), fenced: namespace?.fenced ?? false };
}
