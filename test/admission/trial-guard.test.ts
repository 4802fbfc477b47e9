import { describe, expect, it } from 'vitest';
import { guardTrial, readTrialChange, trialDemands } from '../../src/admission/trial-guard.ts';
import { trialAnnotation } from '../../src/baseline/trial.ts';
import { permissionText } from '../../src/policy/permissions.ts';
import { subjectOf } from '../policy/minimal.ts';
import { fenced, identity, namespace } from './scene.ts';

const [early, late] = ['2026-03-01T12:00:00Z', '2026-03-01T12:15:00Z'];
const marked = subjectOf('Namespace', namespace(fenced, 'shop'), undefined);
const bare = subjectOf('Namespace', namespace(identity, 'shop'), undefined);

describe('the annotation of a trial', () => {
  it.each([
    ['is set on a wall that stays', marked, undefined, late, 'lower fences/shop'],
    ['gets an earlier end', marked, late, early, 'lower fences/shop'],
    ['gets a later end', marked, early, late, 'fence fences/shop'],
    ['is removed: confirmed', marked, late, undefined, 'fence fences/shop'],
    ['comes with a new namespace that is fenced', undefined, undefined, late, 'lower fences/shop'],
    ['stays', marked, late, late, undefined],
    ['comes with the mark, which needs its own permission', bare, undefined, late, undefined],
    ['changes from rubbish to an end', marked, 'soon', late, 'lower fences/shop'],
  ] as const)('%s', (_, before, was, is, permission) => {
    const demands = trialDemands({ now: is, before: was }, marked, before);
    expect(demands.map((demand) => permissionText(demand.permission))).toEqual(
      permission === undefined ? [] : [permission],
    );
    expect(guardTrial({ now: is, before: was }, marked, before)).toEqual([]);
  });

  it('needs nothing without the mark, where it has no effect', () => {
    expect(trialDemands({ now: early, before: undefined }, bare, bare)).toEqual([]);
    expect(trialDemands({ now: undefined, before: early }, bare, marked)).toEqual([]);
  });

  it('says what becomes of the wall', () => {
    const says = (now: unknown, before: unknown) => trialDemands({ now, before }, marked, marked)[0]?.what;
    expect(says(late, undefined)).toBe(`the wall opens at ${late}`);
    expect(says(early, late)).toBe(`the wall opens at ${early} and no longer at ${late}`);
    expect(says(undefined, late)).toBe(`the trial until ${late} is confirmed, and the wall stays`);
  });

  it.each(['soon', '', 7, '2026-03-01'])('is refused as %j, marked or not', (value) => {
    for (const subject of [bare, marked])
      expect(guardTrial({ now: value, before: undefined }, subject, subject)).toMatchObject([
        {
          check: 'trial',
          action: 'deny',
          reason: `${JSON.stringify(String(value))} is not a time such as 2026-01-31T09:30:00Z`,
        },
      ]);
    expect(guardTrial({ now: value, before: value }, marked, marked)).toEqual([]);
  });

  it('that was there before is refused with the mark, so that nobody lays a trap', () => {
    expect(guardTrial({ now: early, before: early }, marked, bare)).toMatchObject([
      {
        action: 'deny',
        reason: 'was there before the mark, and would say when the wall opens; run: ringfence fence shop',
      },
    ]);
    expect(guardTrial({ now: late, before: early }, marked, bare)).toEqual([]);
    expect(guardTrial({ now: undefined, before: early }, marked, bare)).toEqual([]);
  });

  it('is read from both objects, by own property', () => {
    const object = (annotations: unknown) => ({ metadata: { annotations } });
    const request = { object: object({ [trialAnnotation]: late }), oldObject: object(7) };
    expect(readTrialChange(request as unknown as Parameters<typeof readTrialChange>[0])).toEqual({
      now: late,
      before: undefined,
    });
  });
});
