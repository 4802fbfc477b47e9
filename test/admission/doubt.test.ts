import { describe, expect, it } from 'vitest';
import {
  doubt,
  factFinding,
  type Hint,
  judgeAlone,
  modeInDoubt,
  unjudged,
  unreadable,
} from '../../src/admission/doubt.ts';
import { type Mode, type ModeChoice, modes } from '../../src/policy/mode.ts';
import { request } from './scene.ts';

const shop = { kind: 'Pod', namespace: 'shop', name: 'web' } as const;
const choiceOf = (mode: Mode): ModeChoice => ({ mode, source: 'cluster' });
const actions = { observe: 'record', warn: 'warn', enforce: 'deny' } as const;
const outcomes = { observe: 'allowed', warn: 'warned', enforce: 'denied' } as const;

describe('the mode in doubt', () => {
  it.each<[Mode, Hint, ModeChoice]>([
    // The entry that fails closed was called: the namespace or its cluster enforces.
    ['observe', 'enforced', { mode: 'enforce', source: 'namespace' }],
    ['warn', 'enforced', { mode: 'enforce', source: 'namespace' }],
    ['enforce', 'enforced', { mode: 'enforce', source: 'cluster' }],
    // The other entry was called: the namespace does not enforce.
    ['observe', 'unenforced', { mode: 'observe', source: 'cluster' }],
    ['warn', 'unenforced', { mode: 'warn', source: 'cluster' }],
    ['enforce', 'unenforced', { mode: 'warn', source: 'namespace' }],
    // No entry with a hint was called: the cluster's mode decides.
    ['observe', undefined, { mode: 'observe', source: 'cluster' }],
    ['warn', undefined, { mode: 'warn', source: 'cluster' }],
    ['enforce', undefined, { mode: 'enforce', source: 'cluster' }],
  ])('of a cluster in %s that asked by the entry %s', (cluster, hint, expected) => {
    expect(modeInDoubt(hint, cluster)).toEqual(expected);
  });
});

describe('a fact as a finding', () => {
  it.each(modes)('acts in %s as any finding does', (mode) => {
    expect(factFinding('fence-mark', 'mark', 'missing', choiceOf(mode))).toEqual({
      check: 'fence-mark',
      field: '',
      subject: 'mark',
      found: undefined,
      reason: 'missing',
      action: actions[mode],
      because: 'cluster',
    });
  });

  it('in doubt says so', () => {
    expect(doubt('labels', 'it is a list', { mode: 'enforce', source: 'namespace' })).toMatchObject({
      check: 'readable',
      reason: 'not decided: it is a list',
      undecided: true,
      action: 'deny',
      because: 'namespace',
    });
  });

  it.each(modes)('alone decides in %s', (mode) => {
    const choice = choiceOf(mode);
    const verdict = judgeAlone(shop, doubt('labels', 'it is a list', choice), choice);
    expect(verdict).toMatchObject({ outcome: outcomes[mode], subject: shop, choice, warnings: [] });
    expect(verdict.message).toBe(
      mode === 'enforce'
        ? 'Pod shop/web: refused, because it could not be decided:\n  labels  not decided: it is a list  [readable]'
        : undefined,
    );
  });
});

describe('an object that is not what its type says', () => {
  const labels = { field: 'metadata.labels', found: 'a list', expected: 'an object' };

  it('is named by the request, with the field and what belongs there', () => {
    const { message } = unreadable(request('Pod', null), 'Pod', labels, choiceOf('enforce'));
    expect(message).toBe(
      'Pod shop/web: refused, because it could not be decided:\n  metadata.labels  not decided: it is a list where an object belongs  [readable]',
    );
  });

  it('that is a Namespace is in none', () => {
    const { subject } = unreadable(request('Namespace', null), 'Namespace', labels, choiceOf('observe'));
    expect(subject).toEqual({ kind: 'Namespace', namespace: undefined, name: 'web' });
  });

  it('without a name is named so', () => {
    const { name: _, ...nameless } = request('Pod', null);
    expect(unreadable(nameless, 'Pod', labels, choiceOf('enforce')).message).toContain('Pod shop/(unnamed): refused');
  });
});

describe('a kind that no rule asks for', () => {
  it.each<[string, Parameters<typeof unjudged>[0]['kind'], string]>([
    ['of the core group', { group: '', version: 'v1', kind: 'Service' }, 'Service of v1'],
    ['of another group', { group: 'apps', version: 'v2', kind: 'Deployment' }, 'Deployment of apps/v2'],
    ['without a group', { version: 'v1', kind: 'Node' }, 'Node of v1'],
  ])('%s is refused in enforce, by its own name', (_, kind, named) => {
    const verdict = unjudged(request('Pod', null, { kind }), choiceOf('enforce'));
    expect(verdict.message).toBe(
      `${kind.kind} web: refused, because it could not be decided: Ringfence does not judge ${named}; no rule of its webhooks asks for it`,
    );
    expect(verdict.findings).toMatchObject([{ check: 'readable', undecided: true, action: 'deny' }]);
  });

  it.each(['observe', 'warn'] as const)('is let through in %s', (mode) => {
    const kind = { version: 'v1', kind: 'Service' };
    const verdict = unjudged(request('Pod', null, { kind }), choiceOf(mode));
    expect(verdict).toMatchObject({ outcome: outcomes[mode], findings: [{ action: actions[mode] }] });
    expect(verdict.message).toBeUndefined();
  });
});
