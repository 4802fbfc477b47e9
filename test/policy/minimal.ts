import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import {
  isSubject,
  type NamespaceFacts,
  type Operation,
  type ReadableKind,
  readSubject,
  type Subject,
  type Surroundings,
} from '../../src/policy/subject.ts';

/** The default configuration, which enforces. */
export const config: Config = defaultConfig({ ownNamespace: 'ringfence-system', version: '0' });

/** The facts of a fenced namespace `shop`: prod, api, team shop. */
export const shop: NamespaceFacts = {
  known: true,
  labels: new Map([
    ['env', 'prod'],
    ['tier', 'api'],
    ['team', 'shop'],
  ]),
  fenced: true,
};

export const podLabels = { env: 'prod', tier: 'api', team: 'shop', expose: 'false' } as const;

/** A Pod in wire form that passes every check in {@link shop}. */
export function minimalPod(labels: Record<string, unknown> = podLabels): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels },
    spec: { containers: [{ name: 'web', image: 'registry.example/web' }] },
  };
}

/** Reads an object that must be readable. */
export function subjectOf(
  kind: ReadableKind,
  object: unknown,
  facts: NamespaceFacts | undefined = shop,
  operation: Operation = 'CREATE',
  surroundings: Surroundings = {
    namespaceLabels: () => undefined,
    others: () => ({ policies: [] }),
    budget: createBudget(reviewLimits),
  },
): Subject {
  const read = readSubject(kind, object, { operation, namespace: 'shop', facts, surroundings });
  if (!isSubject(read)) throw new Error(`${read.field}: ${read.found} where ${read.expected} belongs`);
  return read;
}
