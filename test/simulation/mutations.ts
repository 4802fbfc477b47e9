import type { Mistake } from '../mutations/edit.ts';

export interface Mutation extends Mistake {
  /** Why no seed has to notice it: what else keeps the promise. */
  readonly heldBy?: string;
}

const gate = 'src/baseline/gate.ts';
const facts = 'src/admission/facts.ts';
const repair = 'src/baseline/repair.ts';
const wall = 'src/baseline/wall.ts';
const reconcile = 'src/baseline/reconcile.ts';
const controller = 'src/baseline/controller.ts';
const queue = 'src/baseline/keyed-queue.ts';
const reflector = 'src/cluster/reflector.ts';
const store = 'src/cluster/object-store.ts';

export const mutations: readonly Mutation[] = [
  {
    name: 'the gate is dropped: a wall that is missing is not made',
    edits: [{ file: gate, from: 'if (ensure && !dryRun) return settle(name);', to: '' }],
  },
  {
    name: 'the wall is read before the namespace',
    edits: [
      {
        file: gate,
        from: '    const raw = await withTimeout(',
        to: '    const early = await readWall(name);\n    const raw = await withTimeout(',
      },
      { file: gate, from: 'needsWall ? await readWall(name) : undefined', to: 'needsWall ? early : undefined' },
    ],
  },
  {
    name: 'a read that is under way is shared, and not the next one',
    edits: [
      {
        file: 'src/baseline/shared-read.ts',
        from: 'turn.next ??= endOrTime(turn).then(() => begin(key, asked));\n    return turn.next;',
        to: 'return turn.current;',
      },
    ],
  },
  {
    name: 'the cache is believed whatever the wall says',
    edits: [
      {
        file: gate,
        from: 'if (cached?.fenced && isWalled(wall) && hasIdentity(wall, cached.labels, config().taxonomy))',
        to: 'if (cached?.fenced)',
      },
    ],
  },
  {
    name: 'the labels in the cache are believed although the wall says others',
    edits: [{ file: gate, from: ' && hasIdentity(wall, cached.labels, config().taxonomy))', to: ')' }],
  },
  {
    name: 'a write that failed counts as made',
    edits: [
      {
        file: gate,
        from: 'if (state === undefined) throw error;\n      return state;',
        to: 'return state ?? { exists: true, labels: asked.labels, fenced: true, wall: "made" };',
      },
    ],
  },
  {
    name: 'making the wall has no limit in time',
    edits: [
      {
        file: gate,
        from: "withTimeout(makeWhereMissing(name), settleTimeoutMs, 'making it')",
        to: 'makeWhereMissing(name)',
      },
      {
        file: gate,
        from: "return withTimeout(establish(name, options), budgetMs - (performance.now() - begun), 'all of it');",
        to: 'return establish(name, options);',
      },
    ],
  },
  {
    name: 'any NetworkPolicy of that name is a wall',
    edits: [{ file: wall, from: '    isSameSpec(denyAll.spec, denyAllSpec) &&\n', to: '' }],
  },
  {
    name: 'a wall that is being deleted is a wall',
    edits: [{ file: wall, from: '    !isTerminating(denyAll) &&\n', to: '' }],
  },
  {
    name: 'a wall that the garbage collector will take is a wall',
    edits: [{ file: wall, from: ' &&\n    !hasOwnerReferences(denyAll)', to: '' }],
  },
  {
    name: 'what was stored is not looked at after an apply',
    edits: [{ file: repair, from: 'if (!left && !hasDesiredSpec(current, desired))', to: 'if (!desired)' }],
  },
  {
    name: 'the baseline is written whether it differs or not',
    edits: [
      { file: repair, from: "if (drift.length === 0) return 'equal';", to: '' },
      {
        file: repair,
        from: "!left && drift.some((one) => one === 'missing' || one === 'spec' || one === 'labels' || one === 'trial')",
        to: '!left',
      },
    ],
  },
  {
    name: 'foreign owners are left on the baseline',
    edits: [{ file: repair, from: 'if (hasOwnerReferences(current))', to: 'if (!current)' }],
  },
  {
    name: 'a Pod may enter a namespace that is ending',
    edits: [{ file: facts, from: "options.ensure && fenced && wall === 'terminating'", to: 'false' }],
  },
  {
    name: 'a mode in the cache is believed although the API server asked as for one that enforces',
    edits: [{ file: facts, from: "known.mode !== 'enforce' && hint !== 'enforced'", to: "known.mode !== 'enforce'" }],
  },
  {
    name: 'a mild mode that cache and wall agree on is not looked up',
    edits: [{ file: facts, from: "if (hint === 'enforced' && seen.exists &&", to: 'if (false && seen.exists &&' }],
  },
  {
    name: 'a refused write always means that the namespace has ended',
    edits: [
      {
        file: reconcile,
        from: "return readNamespace(raw).terminating ? 'terminating' : undefined;",
        to: "return 'terminating';",
      },
    ],
  },
  {
    name: 'the reconciler makes the wall and forgets the DNS rule',
    edits: [{ file: reconcile, from: 'baseline.entries()', to: 'baseline.slice(0, 1).entries()' }],
  },
  {
    name: 'a namespace that is created again is taken for the earlier one',
    edits: [
      {
        file: controller,
        from: 'if (!isSame || needsRepair(current, isReservedName))',
        to: 'if (needsRepair(current, isReservedName))',
      },
    ],
  },
  {
    name: 'a list of the policies is not followed by a sweep',
    edits: [{ file: controller, from: '      policies.onListed(sweep);\n', to: '' }],
  },
  {
    name: 'the namespace’s own changes are not followed',
    edits: [
      {
        file: controller,
        from: 'namespaces.onChange((_key, current, previous) => onNamespace(current, previous));',
        to: 'void onNamespace;',
      },
    ],
  },
  {
    name: 'a key is dropped that is asked for while it runs',
    edits: [
      {
        file: queue,
        from: "if (entry.state === 'queued') return;",
        to: "if (entry.state !== 'waiting' && entry.state !== 'resting') return;",
      },
    ],
  },
  {
    name: 'a key is given up after five failures',
    edits: [{ file: queue, from: 'longestMs: waitMs.longest,', to: 'longestMs: waitMs.longest, attempts: 6,' }],
  },
  {
    name: 'the silence of a watch is ignored',
    edits: [
      {
        file: reflector,
        from: '      silenceMs,\n      signal:',
        to: '      silenceMs: Number.POSITIVE_INFINITY,\n      signal:',
      },
    ],
  },
  {
    name: 'a history that is gone is asked for again and again',
    edits: [
      {
        file: reflector,
        from: 'failure.code < 502) resourceVersion = undefined;',
        to: 'failure.code < 400) resourceVersion = undefined;',
      },
    ],
  },
  {
    name: 'there is no list but the first',
    edits: [
      {
        file: reflector,
        from: 'resourceVersion === undefined || performance.now() >= relistAt',
        to: 'resourceVersion === undefined',
      },
      {
        file: reflector,
        from: 'AbortSignal.timeout(Math.max(0, Math.ceil(relistAt - startedAt)))',
        to: 'new AbortController().signal',
      },
    ],
  },
  {
    name: 'what a list lacks stays in the cache',
    edits: [{ file: store, from: 'if (!listed.has(key)) drop(key);', to: 'void key;' }],
  },
  {
    name: 'another uid under an old name is a change like any other',
    edits: [
      { file: store, from: 'if (previous !== undefined && previous.uid !== uid) drop(key);', to: '' },
      { file: store, from: 'previous?.uid === uid ? previous?.value : undefined', to: 'previous?.value' },
      { file: controller, from: 'previous?.uid === current.uid && previous.fenced', to: 'previous?.fenced === true' },
    ],
  },
];
