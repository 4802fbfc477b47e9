import { describe, expect, it } from 'vitest';
import { demandsOf } from '../../src/admission/namespace-guard.ts';
import type { Config } from '../../src/config/config.ts';
import { fenceMark, type Mode, modeLabel } from '../../src/policy/mode.ts';
import { permissionText } from '../../src/policy/permissions.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { subjectOf } from '../policy/minimal.ts';
import { configIn, fenced, identity, namespace } from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;

const { env, tier, team } = identity;

function named(name: string, labels: LabelMap | undefined): Subject {
  return subjectOf('Namespace', namespace(labels, name), undefined);
}

/** Returns the demands as `CHECK: PERMISSION (FIELD)`. */
function asked(before: LabelMap | undefined, now: LabelMap, config = configIn('enforce'), name = 'shop'): string[] {
  const old = before === undefined ? undefined : named(name, before);
  return demandsOf(named(name, now), old, config).map(
    ({ check, permission, field }) =>
      `${check}: ${permissionText(permission)} (${field.replace('metadata.labels.', '')})`,
  );
}

const claims = (labels: LabelMap): string[] =>
  Object.entries(labels).map(([key, value]) => `claim: claim identities/${key}:${value} (${key})`);

describe('what a creation needs', () => {
  it.each<[string, LabelMap, readonly string[]]>([
    ['no labels: nothing, whatever the checks say', {}, []],
    ['labels that are no identity: nothing', { app: 'web', tire: 'api' }, []],
    ['an identity: each value is claimed', identity, claims(identity)],
    [
      'every key of the taxonomy is an identity, in its order',
      { internal: 'false', expose: 'true', sensitivity: 'low', team },
      claims({ team, sensitivity: 'low', expose: 'true', internal: 'false' }),
    ],
    ['a value outside the vocabulary is nobody’s to claim', { env: 'prd', tier: '', team: 'Shop' }, []],
    ['an anchored pattern: what only begins right is outside it', { team: 'shop!' }, []],
    ['the mark: nothing, it is what enforce gives', { [fenceMark]: '' }, []],
    ['the mode that holds already: nothing', { [modeLabel]: 'enforce' }, []],
    ['a mode that is none: nothing, mode-value says so', { [modeLabel]: 'off' }, []],
    ['a milder mode', { [modeLabel]: 'warn' }, [`lower: lower fences/shop (${modeLabel})`]],
    ['the mildest', { [modeLabel]: 'observe' }, [`lower: lower fences/shop (${modeLabel})`]],
    [
      'all at once',
      { ...identity, [modeLabel]: 'warn', [fenceMark]: '' },
      [`lower: lower fences/shop (${modeLabel})`, ...claims(identity)],
    ],
  ])('%s', (_, labels, expected) => {
    expect(asked(undefined, labels)).toEqual(expected);
  });

  it.each<[Mode, Mode, boolean]>([
    ['observe', 'observe', false],
    ['observe', 'warn', false],
    ['observe', 'enforce', false],
    ['warn', 'observe', true],
    ['warn', 'warn', false],
    ['warn', 'enforce', false],
    ['enforce', 'observe', true],
    ['enforce', 'warn', true],
    ['enforce', 'enforce', false],
  ])('in a cluster in %s that is created in %s: lower is asked: %s', (cluster, own, isAsked) => {
    const lower = isAsked ? [`lower: lower fences/shop (${modeLabel})`] : [];
    expect(asked(undefined, { [modeLabel]: own }, configIn(cluster))).toEqual(lower);
  });

  it.each<[string, boolean]>([
    ['monitoring', true],
    ['ingress-nginx', true],
    ['ringfence-system', true],
    ['agents', true],
    ['agents-2', false],
    ['monitor', false],
    ['constructor', false],
    ['openshift-x', true],
    ['openshift', false],
    ['my-openshift-x', false],
  ])('under the name %s: exempt is asked: %s', (name, isAsked) => {
    const config: Config = {
      ...configIn('enforce'),
      exemptNamespaces: ['kube-system', 'ringfence-system', 'agents'],
      exemptPrefixes: ['openshift-'],
    };
    const exempt = isAsked ? [`exempt: exempt fences/${name} (metadata.name)`] : [];
    expect(asked(undefined, {}, config, name)).toEqual(exempt);
    expect(asked({}, { a: 'b' }, config, name)).toEqual([]);
  });
});

describe('what a change needs', () => {
  const relabel = (key: string) => `relabel: relabel fences/shop (${key})`;
  const lower = (key: string) => `lower: lower fences/shop (${key})`;

  it.each<[string, LabelMap, LabelMap, readonly string[]]>([
    ['nothing, where nothing changes', fenced, fenced, []],
    ['nothing, where no label of ours changes', fenced, { ...fenced, colour: 'blue' }, []],
    ['nothing, of a namespace without labels', {}, { colour: 'blue' }, []],
    ['nothing, where a wrong value stands as it stood', { env: 'prd' }, { env: 'prd', colour: 'blue' }, []],
    [
      'a value changed: relabel it, and claim the new one',
      identity,
      { ...identity, tier: 'web' },
      [relabel('tier'), ...claims({ tier: 'web' })],
    ],
    ['a key added', { env, tier }, identity, [relabel('team'), ...claims({ team })]],
    ['a key removed: relabel alone', identity, { env, tier }, [relabel('team')]],
    ['a value changed into none of the vocabulary', identity, { ...identity, env: 'prd' }, [relabel('env')]],
    ['a value put right', { ...identity, env: 'prd' }, identity, [relabel('env'), ...claims({ env })]],
    [
      'all of them, in the order of the taxonomy',
      { env: 'dev', tier: 'web', team: 'lab' },
      identity,
      (['env', 'tier', 'team'] as const).flatMap((key) => [relabel(key), ...claims({ [key]: identity[key] })]),
    ],
    [
      'a sensitivity added',
      fenced,
      { ...fenced, sensitivity: 'low' },
      [relabel('sensitivity'), ...claims({ sensitivity: 'low' })],
    ],
    ['the mark put on', identity, fenced, [`fence: fence fences/shop (${fenceMark})`]],
    [
      'the mark put on with any value',
      identity,
      { ...identity, [fenceMark]: 'false' },
      [`fence: fence fences/shop (${fenceMark})`],
    ],
    ['nothing, where the mark gets another value', fenced, { ...fenced, [fenceMark]: 'false' }, []],
    ['the mark taken off', fenced, identity, [lower(fenceMark)]],
    ['the mark taken off while the mode is raised', { [fenceMark]: '', [modeLabel]: 'warn' }, {}, [lower(fenceMark)]],
    ['a milder mode', {}, { [modeLabel]: 'warn' }, [lower(modeLabel)]],
    ['a milder mode than its own', { [modeLabel]: 'warn' }, { [modeLabel]: 'observe' }, [lower(modeLabel)]],
    ['both', fenced, { ...identity, [modeLabel]: 'observe' }, [lower(fenceMark), lower(modeLabel)]],
    ['nothing, where a mode is raised', { [modeLabel]: 'observe' }, { [modeLabel]: 'warn' }, []],
    ['nothing, where a mode is raised to the cluster’s', { [modeLabel]: 'observe' }, {}, []],
    ['nothing, where the mode that holds is written down', {}, { [modeLabel]: 'enforce' }, []],
    ['nothing, where one that holds by the cluster is taken away', { [modeLabel]: 'enforce' }, {}, []],
    ['nothing, where a mode that is none comes or goes', { [modeLabel]: 'off' }, { [modeLabel]: '' }, []],
  ])('%s', (_, before, now, expected) => {
    expect(asked(before, now)).toEqual(expected);
  });

  it.each<[string, Mode, LabelMap, LabelMap]>([
    ['its own mode is taken away where the cluster’s is milder', 'observe', { [modeLabel]: 'enforce' }, {}],
    ['its own mode becomes none', 'warn', { [modeLabel]: 'enforce' }, { [modeLabel]: 'of' }],
  ])('lower, where %s', (_, cluster, before, now) => {
    expect(asked(before, now, configIn(cluster))).toEqual([lower(modeLabel)]);
  });
});
