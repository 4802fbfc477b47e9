// Mutations of a correct review, at any place and in any way that its type allows or forbids.
import fc from 'fast-check';
import { copy, isFields, read, type Slot, slotsOf, type Tree, write } from './tree.ts';

/** One change. `at` and `other` choose places, modulo the number of places. */
export interface Mutation {
  readonly does: keyof typeof changes;
  readonly at: number;
  readonly other: number;
  readonly key: string;
  readonly value: Tree;
}

/** Names with a meaning in JavaScript, JSON readers or Kubernetes. */
const keys = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'toJSON', 'then', 'length'],
  ...['0', '-1', '4294967295', '', ' ', '.', '/', '~1', 'ringfence.dev/fence', 'ringfence.dev/mode'],
  ...['kubernetes.io/metadata.name', 'env', 'tier', 'team', 'expose', 'internal', 'Env', 'LABELS', 'labels'],
  ...['metadata', 'spec', 'template', 'object', 'oldObject', 'request', 'uid', 'namespace', 'name', 'generateName'],
  ...['\u202eenv', 'еnv', 'env\u0000', '\ud800', '🏭', 'x'.repeat(400)],
];

/** Values of every type, and difficult texts. */
const values: readonly Tree[] = [
  ...[null, true, false, 0, -1, 2 ** 53, 1e308, '', ' ', 'x', 'true', 'null', '0', 'enforce', 'observe', 'ENFORCE'],
  ...['prod', 'Prod', 'prod ', 'prod\n', 'рrod', 'api', 'web', 'shop', '__proto__', '../shop', 'deny-all-baseline'],
  ...['\ud800', '\udfff\ud800', '\u0000', '\ufeff', '\u2028', 'e\u0301', '🏭'.repeat(40), '"\\'.repeat(50), '$&'],
  ...['kube-system', 'CREATE', 'DELETE', 'x'.repeat(64), 'x'.repeat(3000), 'a\n'.repeat(300)],
  [],
  [[]],
  [null],
  { fields: [] },
  { fields: [['__proto__', { fields: [['env', 'prod']] }]] },
  { fields: [['env', 'prod']] },
  { fields: [['length', 3]] },
  { fields: [['toJSON', 'x']] },
  ...[
    '1e999',
    '-0',
    '1E400',
    '-1e-999',
    '12345678901234567890123',
    '01',
    'NaN',
    "'x'",
    '\\ud800',
    'tru',
    '"\\u0000"',
  ].map((raw) => ({ raw })),
  ...['"\\ud83d"', '"\\x"', '"a\tb"', '{"a":1,}', '[1,]', '{"a"}', '/**/1', '{"a":1,"a":2}'].map((raw) => ({ raw })),
  { raw: `${'['.repeat(2000)}${']'.repeat(2000)}` },
  { raw: `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}` },
  { raw: '['.repeat(500) },
];

const place = fc.nat({ max: 2 ** 30 });

const changes = {
  replace: (slot: Slot, { value }: Mutation) => write(slot, copy(value)),
  remove({ holder, index }: Slot) {
    (Array.isArray(holder) ? holder : holder.fields).splice(index, 1);
  },
  rename({ holder, index }: Slot, { key }: Mutation) {
    if (!Array.isArray(holder) && holder.fields[index] !== undefined) holder.fields[index][0] = key;
  },
  add({ holder }: Slot, { key, value, at }: Mutation) {
    if (Array.isArray(holder)) holder.splice(at % (holder.length + 1), 0, copy(value));
    else holder.fields.splice(at % (holder.fields.length + 1), 0, [key, copy(value)]);
  },
  /** Adds the key a second time with another value, before or after the first. */
  twice({ holder, index }: Slot, { value, at }: Mutation) {
    if (Array.isArray(holder)) return;
    const field = holder.fields[index];
    if (field !== undefined) holder.fields.splice(index + (at % 2), 0, [field[0], copy(value)]);
  },
  list: (slot: Slot) => write(slot, [read(slot)]),
  object: (slot: Slot, { key }: Mutation) => write(slot, { fields: [[key, read(slot)]] }),
  text(slot: Slot) {
    const value = read(slot);
    write(slot, typeof value === 'object' ? JSON.stringify(value) : String(value));
  },
  exchange(slot: Slot, mutation: Mutation, slots: readonly Slot[]) {
    const other = slots[mutation.other % slots.length];
    if (other === undefined) return;
    // Copies, because a part that contains itself would have no end.
    const [here, there] = [copy(read(slot)), copy(read(other))];
    write(slot, there);
    write(other, here);
  },
  /** Copies a value from another place to this one. */
  graft(slot: Slot, mutation: Mutation, slots: readonly Slot[]) {
    const other = slots[mutation.other % slots.length];
    if (other !== undefined) write(slot, copy(read(other)));
  },
  /** Adds or removes a letter at the end of a text. */
  misspell(slot: Slot, { at }: Mutation) {
    const value = read(slot);
    if (typeof value === 'string') write(slot, at % 2 === 0 ? value.slice(0, -1) : `${value}x`);
  },
} as const satisfies Record<string, (slot: Slot, mutation: Mutation, slots: readonly Slot[]) => void>;

export const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  does: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
  at: place,
  other: place,
  key: fc.constantFrom(...keys),
  value: fc.constantFrom(...values),
});

/** Returns a copy of a tree with the mutations, one after the other. */
export function mutate(tree: Tree, mutations: readonly Mutation[]): Tree {
  if (mutations.length === 0) return tree;
  const mutated = copy(tree);
  for (const mutation of mutations) {
    const slots = slotsOf(mutated);
    const slot = slots[mutation.at % Math.max(slots.length, 1)];
    // Repeated grafts double the size. A tree that is larger than any test needs stays unchanged.
    if (slot !== undefined && slots.length < 5000) changes[mutation.does](slot, mutation, slots);
  }
  return isFields(mutated) || Array.isArray(mutated) ? mutated : tree;
}
