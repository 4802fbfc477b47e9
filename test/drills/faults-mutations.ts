import type { DrillMutation } from './mutation.ts';

const gate = 'src/baseline/gate.ts';
const reflector = 'src/cluster/reflector.ts';
const queue = 'src/baseline/keyed-queue.ts';
const doubt = 'src/admission/doubt.ts';

/** Mistakes that must not happen with a faulty API server. */
export const faultMutations: readonly DrillMutation[] = [
  {
    name: 'the gate is dropped: a wall that is missing is not made',
    file: 'watches.test.ts',
    edits: [{ file: gate, from: 'if (ensure && !dryRun) return settle(name);', to: '' }],
  },
  {
    name: 'a wall that cannot be read counts as there',
    file: 'faults.test.ts',
    only: '500 to reads of NetworkPolicies',
    edits: [
      {
        file: gate,
        from: '      const wall = await readWall(name);',
        to: `      const wall = await readWall(name).catch(() => null);
      const last = ports.cachedNamespace(name);
      if (wall === null && last !== undefined) return { exists: true, labels: last.labels, fenced: true, wall: 'there' };`,
      },
    ],
  },
  {
    name: 'the cache is believed whatever the wall says',
    file: 'watches.test.ts',
    edits: [
      {
        file: gate,
        from: 'cached?.fenced && isWalled(wall) && hasIdentity(wall, cached.labels, config().taxonomy)',
        to: 'cached?.fenced',
      },
    ],
  },
  {
    name: 'where it is in doubt, enforce admits',
    file: 'faults.test.ts',
    only: '500 to reads of NetworkPolicies',
    edits: [
      {
        file: 'src/policy/evaluate.ts',
        from: "findings.some((finding) => finding.action === 'deny')",
        to: "findings.some((finding) => finding.action === 'deny' && finding.undecided !== true)",
      },
    ],
  },
  {
    name: 'where it is in doubt, observe refuses',
    file: 'observe-faults.test.ts',
    only: '500 to everything',
    edits: [{ file: doubt, from: '    action: actionOf(mode),', to: "    action: 'deny'," }],
  },
  {
    name: 'a permission that cannot be asked for counts as given',
    file: 'faults.test.ts',
    only: '500 to everything',
    edits: [
      {
        file: 'src/admission/access.ts',
        from: '{ undecided: error instanceof Error ? error.message : String(error) }',
        to: '{ allowed: error !== undefined }',
      },
    ],
  },
  {
    name: 'a silent watch is waited for without end',
    file: 'watches.test.ts',
    edits: [
      { file: reflector, from: '      silenceMs,\n      signal:', to: '      silenceMs: 3_600_000,\n      signal:' },
      { file: reflector, from: 'signal: AbortSignal.any([signal, relistDue])', to: 'signal' },
    ],
  },
  {
    name: 'informers ask again without a pause',
    file: 'faults.test.ts',
    only: '500 to everything',
    edits: [{ file: reflector, from: 'firstMs: pauseMs.first,', to: 'firstMs: 0,' }],
  },
  {
    name: 'namespaces whose reconciliation fails are tried again without a wait',
    file: 'faults.test.ts',
    only: '500 to writes of NetworkPolicies',
    edits: [
      { file: queue, from: 'firstMs: waitMs.first,', to: 'firstMs: 0,' },
      { file: queue, from: 'if (entry.failures > 0) await retries.add(() => undefined);', to: '' },
    ],
  },
  {
    name: 'a baseline that could not be written is not tried again',
    file: 'faults.test.ts',
    only: '500 to writes of NetworkPolicies',
    edits: [
      {
        file: queue,
        from: 'await run(key);',
        to: 'await run(key).catch((error: unknown) => onFailure(key, error, 1, 0));',
      },
    ],
  },
  {
    name: 'a history that is gone is asked for again and again',
    file: 'faults.test.ts',
    only: 'watches whose history is gone',
    edits: [
      {
        file: reflector,
        from: 'failure.code < 502) resourceVersion = undefined;',
        to: 'failure.code < 400) resourceVersion = undefined;',
      },
    ],
  },
  {
    name: 'an old event that is told again is taken for news',
    file: 'faults.test.ts',
    only: 'watches that tell old events again',
    edits: [{ file: reflector, from: ' || isPast(object.metadata.resourceVersion, resourceVersion)', to: '' }],
  },
  {
    name: 'an answer that breaks off is taken for an empty list',
    file: 'faults.test.ts',
    only: 'answers whose JSON is cut',
    edits: [
      {
        file: 'src/cluster/connection.ts',
        // The text is in two parts, because it is a template in the code.
        from: ['throw new ApiError(`$', '{name}: the answer is not JSON`);'].join(''),
        to: "return { metadata: { resourceVersion: '1' }, items: [] } as T;",
      },
    ],
  },
  {
    name: 'a namespace that is made again is taken for the one before',
    file: 'lifecycle.test.ts',
    only: 'silent watches',
    edits: [
      {
        file: gate,
        from: 'cached?.fenced && isWalled(wall) && hasIdentity(wall, cached.labels, config().taxonomy)',
        to: 'cached?.fenced',
      },
    ],
  },
  {
    name: 'a namespace that has been looked at is looked at again and again',
    file: 'lifecycle.test.ts',
    only: 'silent watches',
    edits: [{ file: queue, from: 'if (entry.again) continue;', to: 'if (!entry.again || entry.again) continue;' }],
  },
];
