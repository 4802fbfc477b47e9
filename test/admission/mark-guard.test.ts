import { describe, expect, it } from 'vitest';
import type { Permission } from '../../src/admission/guard.ts';
import { guardMark } from '../../src/admission/mark-guard.ts';
import { subjectOf } from '../policy/minimal.ts';

const marked = { env: 'prod', tier: 'api', team: 'shop', 'ringfence.dev/fence': 'true' };
const { 'ringfence.dev/fence': _, ...unmarked } = marked;
const namespace = (labels: Record<string, string>) =>
  subjectOf('Namespace', { metadata: { name: 'shop', labels } }, undefined, 'UPDATE');

async function guard(before: Record<string, string>, now: Record<string, string>, answer: boolean | Error) {
  const asked: Permission[] = [];
  const verdict = await guardMark(
    namespace(now),
    namespace(before),
    { username: 'developer' },
    {
      async isAllowed(_user, permission) {
        asked.push(permission);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  );
  return { verdict, asked };
}

describe('the guard of the mark', () => {
  it.each([
    ['the mark stays', marked, { ...marked, sensitivity: 'high' }],
    ['its value changes', marked, { ...marked, 'ringfence.dev/fence': '' }],
    ['there was none', unmarked, { ...unmarked, sensitivity: 'high' }],
    ['it is put on', unmarked, marked],
  ])('has nothing to say, and asks nothing, where %s', async (_what, before, now) => {
    expect(await guard(before, now, false)).toEqual({ verdict: undefined, asked: [] });
  });

  it('asks for the verb lower on the fence of that name', async () => {
    const { verdict, asked } = await guard(marked, unmarked, true);
    expect(verdict).toBeUndefined();
    expect(asked).toEqual([{ verb: 'lower', group: 'ringfence.dev', resource: 'fences', name: 'shop' }]);
  });

  it('refuses whoever may not, and shows the role that would grant it', async () => {
    const { verdict } = await guard(marked, unmarked, false);
    expect(verdict?.outcome).toBe('denied');
    expect(verdict?.message).toBe(
      `Namespace shop: ringfence.dev/fence taken away, and with it the guarantee that the baseline stands  [mark-guard]
To take it away, developer needs the verb "lower" on fences.ringfence.dev named "shop"; a cluster role that grants it:
  rules: [{apiGroups: [ringfence.dev], resources: [fences], verbs: [lower], resourceNames: [shop]}]`,
    );
  });

  it('takes no answer for no', async () => {
    const { verdict } = await guard(marked, unmarked, new Error('the API server did not answer'));
    expect(verdict?.outcome).toBe('denied');
    expect(verdict?.message).toContain(
      'not decided: whether developer may take it away: the API server did not answer',
    );
  });
});
