import { describe, expect, it } from 'vitest';
import { guardNamespace, modeBefore } from '../../src/admission/namespace-guard.ts';
import type { UserInfo } from '../../src/admission/review.ts';
import type { Config } from '../../src/config/config.ts';
import { explainDenial } from '../../src/policy/explain.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../../src/policy/mode.ts';
import { type Permission, permissionText } from '../../src/policy/permissions.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { subjectOf } from '../policy/minimal.ts';
import { configIn, fenced, identity, namespace } from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;

const { env, tier, team } = identity;
const dana: UserInfo = { username: 'dana', uid: '7', groups: ['developers'], extra: { scopes: ['a'] } };

function named(name: string, labels: LabelMap | undefined): Subject {
  return subjectOf('Namespace', namespace(labels, name), undefined);
}

/** Runs the guard with an API server that allows `permitted` and does not answer about `silent`. */
async function guard(
  cluster: Mode,
  before: LabelMap | undefined,
  now: LabelMap,
  { permitted = [], silent = [], config = configIn(cluster), user = dana }: GuardOptions = {},
) {
  const calls: (readonly [UserInfo, string])[] = [];
  const subject = named('shop', now);
  const guarded = await guardNamespace(
    subject,
    before === undefined ? undefined : named('shop', before),
    user,
    {
      async isAllowed(who: UserInfo, permission: Permission) {
        const text = permissionText(permission);
        calls.push([who, text]);
        if (silent.includes(text)) throw new Error('no answer in 2000 ms');
        return permitted.includes(text);
      },
    },
    config,
  );
  return { ...guarded, calls, refusal: explainDenial(subject, guarded.findings, config) };
}

interface GuardOptions {
  readonly permitted?: readonly string[];
  readonly silent?: readonly string[];
  readonly config?: Config;
  readonly user?: UserInfo;
}

const acts = (findings: readonly { readonly check: string; readonly action: string; readonly because: string }[]) =>
  findings.map(({ check, action, because }) => `${check} ${action} (${because})`);

describe('the guard of namespaces', () => {
  it('asks nobody where nothing needs a permission', async () => {
    expect(await guard('enforce', fenced, { ...fenced, colour: 'blue' })).toMatchObject({
      findings: [],
      used: [],
      calls: [],
    });
  });

  it('asks as the user that the review names, once for each permission', async () => {
    const { calls, findings } = await guard('enforce', fenced, { env: 'dev', tier: 'api', [modeLabel]: 'warn' });
    expect(calls.map(([, text]) => text)).toEqual([
      'lower fences/shop',
      'relabel fences/shop',
      'claim identities/env:dev',
    ]);
    for (const [user] of calls) expect(user).toBe(dana);
    // The mark and the mode, env changed and claimed, and team removed.
    expect(acts(findings).map((text) => text.split(' ')[0])).toEqual(['lower', 'lower', 'relabel', 'claim', 'relabel']);
  });

  it('says which permissions were used, each once, and finds only what is missing', async () => {
    const permitted = ['relabel fences/shop', 'claim identities/env:dev'];
    const { used, findings } = await guard('enforce', identity, { env: 'dev', tier: 'web', team }, { permitted });
    expect(used).toEqual(permitted);
    expect(findings).toMatchObject([{ check: 'claim', subject: 'tier', found: 'web' }]);
  });

  it.each<[Mode, LabelMap, string, string]>([
    ['enforce', {}, 'deny (cluster)', 'deny (cluster)'],
    ['warn', {}, 'warn (cluster)', 'warn (cluster)'],
    ['observe', {}, 'record (cluster)', 'record (cluster)'],
    ['enforce', { [modeLabel]: 'warn' }, 'warn (namespace)', 'deny (cluster)'],
    ['enforce', { [modeLabel]: 'observe' }, 'record (namespace)', 'deny (cluster)'],
    ['warn', { [modeLabel]: 'observe' }, 'record (namespace)', 'warn (cluster)'],
    ['observe', { [modeLabel]: 'enforce' }, 'deny (namespace)', 'deny (namespace)'],
    ['enforce', { [modeLabel]: 'enforce' }, 'deny (namespace)', 'deny (namespace)'],
    ['warn', { [modeLabel]: 'wran' }, 'warn (cluster)', 'warn (cluster)'],
  ])(
    'in a cluster in %s, of a namespace that was %o, acts by the mode before: %s; on its identity by the stricter of the two: %s',
    async (cluster, own, expected, ofIdentity) => {
      // The new mode does not matter: no request can weaken or strengthen its own judgement.
      for (const mode of modes) {
        const now = { env: 'dev', [fenceMark]: '', [modeLabel]: mode };
        const { findings } = await guard(cluster, { env: 'prod', ...own }, now);
        expect(acts(findings.filter(({ check }) => check !== 'lower'))).toEqual([
          `fence ${expected}`,
          `relabel ${ofIdentity}`,
          `claim ${ofIdentity}`,
        ]);
      }
    },
  );

  it.each<[Mode, string]>([
    ['enforce', 'deny (cluster)'],
    ['warn', 'warn (cluster)'],
    ['observe', 'record (cluster)'],
  ])('at creation acts by the mode of the cluster, %s: %s', async (cluster, expected) => {
    for (const mode of modes) {
      const { findings } = await guard(cluster, undefined, { env: 'dev', [modeLabel]: mode });
      expect(acts(findings.filter(({ check }) => check !== 'lower'))).toEqual([`claim ${expected}`]);
    }
  });

  it.each(['claim', 'relabel', 'fence'] as const)('softens %s where the configuration caps it', async (check) => {
    const config: Config = { ...configIn('enforce'), caps: new Map([[check, 'warn']]) };
    const { findings } = await guard('enforce', { env }, { env: 'dev', [fenceMark]: '' }, { config });
    for (const finding of findings)
      expect(acts([finding])).toEqual([
        finding.check === check ? `${check} warn (cap)` : `${finding.check} deny (cluster)`,
      ]);
    expect(findings.map((finding) => finding.check)).toContain(check);
  });

  it('softens exempt, too, where it is capped', async () => {
    const config: Config = {
      ...configIn('enforce'),
      caps: new Map([['exempt', 'observe']]),
      exemptNamespaces: ['shop'],
    };
    const { findings } = await guard('enforce', undefined, {}, { config });
    expect(acts(findings)).toEqual(['exempt record (cap)']);
  });

  it.each(modes)('refuses lowering in %s, whatever is capped', async (cluster) => {
    const caps = new Map<string, Mode>([['lower', 'observe']]);
    const config: Config = { ...configIn(cluster), caps };
    const { findings } = await guard(
      cluster,
      { [fenceMark]: '', [modeLabel]: 'warn' },
      { [modeLabel]: 'observe' },
      { config },
    );
    expect(acts(findings)).toEqual(['lower deny (guard)', 'lower deny (guard)']);
  });

  it.each<[Mode, string]>([
    ['enforce', 'deny'],
    ['warn', 'warn'],
    ['observe', 'record'],
  ])('takes the silence of the API server in %s for doubt, and acts by the mode: %s', async (cluster, action) => {
    const silent = ['claim identities/env:dev'];
    const { findings, used } = await guard(cluster, undefined, { env: 'dev', tier }, { silent });
    expect(used).toEqual([]);
    expect(findings).toMatchObject([
      {
        check: 'claim',
        subject: 'env',
        action,
        undecided: true,
        reason:
          'not decided: whether dana has the permission "claim" on identities.ringfence.dev "env:dev": no answer in 2000 ms',
      },
      { check: 'claim', subject: 'tier', action },
    ]);
    // An unanswered question is not a missing permission: no RBAC would help.
    expect(findings[0]).not.toHaveProperty('missing');
  });

  it.each(modes)('refuses what lowers in %s, too, where the API server is silent', async (cluster) => {
    const { findings } = await guard(cluster, fenced, identity, { silent: ['lower fences/shop'] });
    expect(findings).toMatchObject([{ check: 'lower', action: 'deny', because: 'guard', undecided: true }]);
  });

  it('names a user without a name as no one', async () => {
    const { findings } = await guard('enforce', undefined, { env }, { user: {} });
    expect(findings[0]?.reason).toBe('"prod" is an identity; this user may not claim env:prod');
  });
});

describe('a refusal of the guard', () => {
  it('of a creation says what is missing, and the RBAC that grants it', async () => {
    const { refusal } = await guard('enforce', undefined, { ...identity, [modeLabel]: 'warn' });
    expect(refusal).toBe(`\
Namespace shop: 4 permissions are missing
  ringfence.dev/mode  warn is milder than enforce, which holds now; dana may not lower shop  [lower]
  env                 "prod" is an identity; dana may not claim env:prod                     [claim]
  tier                "api" is an identity; dana may not claim tier:api                      [claim]
  team                "shop" is an identity; dana may not claim team:shop                    [claim]
Needed: the verb "lower" on fences.ringfence.dev named "shop"
Needed: the verb "claim" on identities.ringfence.dev named "env:prod", "tier:api", "team:shop"
Granted by a ClusterRole, bound by a ClusterRoleBinding, with
  rules:
  - {apiGroups: [ringfence.dev], resources: [fences], verbs: [lower], resourceNames: ["shop"]}
  - {apiGroups: [ringfence.dev], resources: [identities], verbs: [claim], resourceNames: ["env:prod", "tier:api", "team:shop"]}`);
  });

  it('of a change says what it was', async () => {
    const { refusal } = await guard('enforce', fenced, { env, tier: 'web', sensitivity: 'low' });
    expect(refusal).toBe(`\
Namespace shop: 6 permissions are missing
  ringfence.dev/fence  taken away, and with it the guarantee that the baseline stands; dana may not lower shop  [lower]
  tier                 was "api"; dana may not relabel shop                                                     [relabel]
  tier                 "web" is an identity; dana may not claim tier:web                                        [claim]
  team                 removed; dana may not relabel shop                                                       [relabel]
  sensitivity          added; dana may not relabel shop                                                         [relabel]
  sensitivity          "low" is an identity; dana may not claim sensitivity:low                                 [claim]
Needed: the verbs "lower", "relabel" on fences.ringfence.dev named "shop"
Needed: the verb "claim" on identities.ringfence.dev named "tier:web", "sensitivity:low"
Granted by a ClusterRole, bound by a ClusterRoleBinding, with
  rules:
  - {apiGroups: [ringfence.dev], resources: [fences], verbs: [lower, relabel], resourceNames: ["shop"]}
  - {apiGroups: [ringfence.dev], resources: [identities], verbs: [claim], resourceNames: ["tier:web", "sensitivity:low"]}`);
  });

  it('of what could not be asked says that, and shows no RBAC', async () => {
    const { refusal } = await guard('enforce', identity, fenced, { silent: ['fence fences/shop'] });
    expect(refusal).toBe(`\
Namespace shop: refused, because it could not be decided:
  ringfence.dev/fence  not decided: whether dana has the permission "fence" on fences.ringfence.dev "shop": no answer in 2000 ms  [fence]`);
  });
});

describe('the mode before', () => {
  it.each<[string, LabelMap | undefined, ReturnType<typeof modeBefore>]>([
    ['of a creation is the cluster’s', undefined, { mode: 'warn', source: 'cluster' }],
    ['of a change is the namespace’s own', { [modeLabel]: 'enforce' }, { mode: 'enforce', source: 'namespace' }],
    ['of a change without one is the cluster’s', {}, { mode: 'warn', source: 'cluster' }],
  ])('%s', (_, before, expected) => {
    const old = before === undefined ? undefined : named('shop', before);
    expect(modeBefore(old, configIn('warn'))).toEqual(expected);
  });
});
