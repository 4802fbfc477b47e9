// The backstop has the same verdict as the engine, for every fixture and for generated objects.
import fc from 'fast-check';
import PQueue from 'p-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coverage } from '../../src/backstop/coverage.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { Finding } from '../../src/policy/check.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, checksIn, printBackstop, tellAll, wallIn } from './backstop-scene.ts';
import { judgeByEngine } from './engine.ts';
import { fixtures } from './fixture-objects.ts';
import { anyChange, anyCreation, type Home, homes } from './generated-objects.ts';
import { developerRole, type Manifest, namespace } from './objects.ts';
import { grant } from './people.ts';
import { type Answer, collectionPath, openApi, type RawApi } from './raw-api.ts';
import { isFullRun, tell } from './scale.ts';

const origin = { ownNamespace: 'ringfence-system', version: '0' };

/**
 * Words that would end a literal in a careless generator, keys with a slash, caps, an exemption,
 * and a cluster that only warns.
 */
const oddFile = {
  mode: 'warn',
  taxonomy: {
    'cost-center': { pattern: 'cc-\\d{4}|\\Qcc-1', patternText: 'cc- and "four" \\digits', agrees: true },
    'example.com/zone': { values: ['a', 'b.c'], agrees: true },
    constructor: { values: ['x'] },
    sensitivity: null,
  },
  required: { Pod: ['env', 'team'], NetworkPolicy: ['tier', 'cost-center'] },
  checks: { 'label-agreement': 'warn', 'mode-value': 'observe', 'host-network': 'warn' },
  exempt: { namespaces: ['crooked'] },
} as const;

const settings = [
  { title: 'the defaults', file: undefined, config: defaultConfig(origin), isDefault: true },
  { title: 'an odd configuration', file: oddFile, config: mergeConfig(oddFile as never, origin), isDefault: false },
];

/**
 * The number of creations, and of changes, for each configuration. Two of them make the promised
 * 2,000 objects and as many changes.
 */
const trials = isFullRun ? 1_000 : 150;
const seed = 20_261;

// FENCE
const held: ReadonlySet<string> = new Set(
  coverage.flatMap(({ rule, held: isHeld }) => (isHeld && rule !== 'fence-mark' ? [rule] : [])),
);

/** One request in an existing namespace. */
interface Case {
  readonly home: Home;
  readonly object: Manifest;
  readonly oldObject?: Manifest;
  readonly subresource?: string;
}

const options = {
  controllers: false,
  users: [{ name: 'dev', groups: ['developers'] }],
  disableAdmissionPlugins: ['ServiceAccount'],
};

describeWithControlPlane('the backstop and the engine', options, (controlPlane) => {
  const queue = new PQueue({ concurrency: 8 });
  const legacy: Case[] = [];
  let admin: RawApi;
  let dev: RawApi;

  beforeAll(async () => {
    admin = openApi(controlPlane(), 'admin');
    dev = openApi(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    await queue.addAll([...homes, ...fixtures.map(({ home }) => home)].map((home) => () => settle(home)));
    const old = fc.sample(anyCreation, { numRuns: trials, seed });
    await queue.addAll(
      old
        .filter(({ object }) => object.kind !== 'Namespace')
        .map(({ home, object }, index) => async () => {
          const metadata = { ...(object['metadata'] as object), name: `old-${index}` };
          legacy.push({ home, object: await make(home.name, { ...object, metadata }) });
        }),
    );
    // The order does not depend on which answer came first.
    legacy.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  });
  afterAll(() => {
    admin.close();
    dev.close();
  });

  describe.each(settings)('say the same under $title', ({ title, file, config, isDefault }) => {
    beforeAll(async () => {
      const manifests = await printBackstop(controlPlane(), file);
      await applyPolicies(controlPlane(), admin, [...manifests, ...tellAll(manifests)]);
    });

    // The facts and the verdicts of the fixtures are those of the defaults.
    if (isDefault) it('of every fixture', () => compare(fixtures, config, 'fixtures'));

    it('of what is created', async () => {
      await compare(fc.sample(anyCreation, { numRuns: trials, seed: seed + 1 }), config, `creations under ${title}`);
    });

    it('of what changes: what stood before passes, what is new must be right', async () => {
      const drawn = fc.sample(anyChange(legacy), { numRuns: trials, seed: seed + 2 });
      await compare(drawn, config, `changes under ${title}`);
    });
  });

  async function compare(cases: readonly Case[], config: Config, what: string): Promise<void> {
    const counted = { refused: 0, warned: 0, admitted: 0, unasked: 0 };
    const differences: string[] = [];
    await queue.addAll(
      cases.map((one) => async () => {
        const answer = await ask(one);
        const isRefused = answer.code === 403 && answer.message.includes('ValidatingAdmissionPolicy');
        // An object that already exists was admitted.
        if (!isRefused && ![200, 201, 409].includes(answer.code)) {
          counted.unasked += 1;
          return;
        }
        const [told, warned] = [true, false].map((isTold) =>
          checksIn(answer.warnings.filter((text) => text.includes("with binding 'told.") === isTold)).filter((check) =>
            held.has(check),
          ),
        );
        const findings = await judgeByEngine(
          { ...one, namespaceLabels: one.home.labels, isPermitted: one.object.kind === 'Namespace' },
          config,
        );
        counted[isRefused ? 'refused' : (warned?.length ?? 0) > 0 ? 'warned' : 'admitted'] += 1;
        const expected = { refused: checksOf(findings, 'deny'), warned: checksOf(findings, 'warn') };
        const found = { refused: told ?? [], warned: warned ?? [] };
        const isSame =
          isRefused === expected.refused.length > 0 &&
          String(found.refused) === String(expected.refused) &&
          // Violations of a Namespace and missing permissions of its user are refused separately.
          (!isRefused ||
            (one.object.kind === 'Namespace'
              ? checksIn([answer.message]).every((check) => expected.refused.includes(check))
              : String(checksIn([answer.message])) === String(expected.refused))) &&
          // The backstop says nothing about violations from before an update.
          (one.oldObject === undefined
            ? String(found.warned) === String(expected.warned)
            : found.warned.every((check) => expected.warned.includes(check)));
        if (!isSame) differences.push(JSON.stringify({ found, expected, answer: answer.message, ...one }));
      }),
    );
    tell(`backstop, ${what}: ${JSON.stringify(counted)}`);
    expect(differences.slice(0, 3)).toEqual([]);
    // Kubernetes does not accept the label of one fixture.
    expect(counted.unasked).toBeLessThanOrEqual(1);
  }

  function ask({ home, object, oldObject, subresource = '' }: Case): Promise<Answer> {
    const path = collectionPath(object.kind, home.name);
    // A user with all permissions makes the requests about Namespaces. Other tests cover missing
    // permissions.
    const api = object.kind === 'Namespace' ? admin : dev;
    if (oldObject === undefined) return api.send('POST', `${path}?dryRun=All`, object);
    const { name } = object['metadata'] as { readonly name: string };
    return api.send('PUT', `${path}/${name}${subresource === '' ? '' : `/${subresource}`}?dryRun=All`, object);
  }

  /** Makes a namespace as it was before Ringfence, with its wall if it is fenced. */
  async function settle(home: Home): Promise<void> {
    legacy.push({ home, object: await make('', namespace(home.name, home.labels)) });
    if (fenceMark in home.labels) await make(home.name, wallIn(home.name));
  }

  async function make(home: string, object: Manifest): Promise<Manifest> {
    const { code, message, body } = await admin.send('POST', collectionPath(object.kind, home), object);
    if (code !== 201) throw new Error(`${object.kind} in ${home}: ${code} ${message}`);
    return body as Manifest;
  }
});

function checksOf(findings: readonly Finding[], action: Finding['action']): readonly string[] {
  const ids = findings
    // Checks that at most warn are left to the engine.
    .filter(({ atMost }) => atMost === undefined)
    .filter((finding) => finding.action === action && finding.because !== 'ratchet' && held.has(finding.check))
    .map(({ check }) => check);
  return [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1));
}

function keyOf({ home, object }: Case): string {
  return `${object.kind} ${home.name} ${(object['metadata'] as { readonly name: string }).name}`;
}
