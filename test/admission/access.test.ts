import { describe, expect, it } from 'vitest';
import { askAll } from '../../src/admission/access.ts';
import { type Permission, permissionText } from '../../src/policy/permissions.ts';

const claim = (name: string): Permission => ({ verb: 'claim', resource: 'identities', name });
const relabel: Permission = { verb: 'relabel', resource: 'fences', name: 'shop' };
const user = { username: 'dana', groups: ['developers'] };

describe('asking Kubernetes for permissions', () => {
  it('asks for each once, and gives the answers by their text', async () => {
    const calls: string[] = [];
    const answers = await askAll(user, [claim('team:shop'), relabel, claim('team:shop')], {
      async isAllowed(who, permission) {
        expect(who).toBe(user);
        calls.push(permissionText(permission));
        return permission.verb === 'claim';
      },
    });
    expect(calls).toEqual(['claim identities/team:shop', 'relabel fences/shop']);
    expect([...answers]).toEqual([
      ['claim identities/team:shop', { allowed: true }],
      ['relabel fences/shop', { allowed: false }],
    ]);
  });

  it('asks all at the same time', async () => {
    let waiting = 0;
    const all = Promise.withResolvers<boolean>();
    await askAll(user, [claim('a:b'), claim('c:d'), relabel], {
      isAllowed() {
        waiting += 1;
        // No answer comes before all three questions.
        if (waiting === 3) all.resolve(true);
        return all.promise;
      },
    });
    expect(waiting).toBe(3);
  });

  it('asks nobody for nothing', async () => {
    expect(await askAll(user, [], { isAllowed: () => Promise.reject(new Error('asked')) })).toEqual(new Map());
  });

  it.each<[string, unknown, string]>([
    ['an error', new Error('no answer in 2000 ms'), 'no answer in 2000 ms'],
    ['what is no error', 'gone', 'gone'],
  ])('takes %s for silence about this one alone', async (_, thrown, undecided) => {
    const answers = await askAll(user, [claim('a:b'), relabel], {
      isAllowed: async (_user, { verb }) => {
        if (verb === 'relabel') throw thrown;
        return true;
      },
    });
    expect(answers.get('relabel fences/shop')).toEqual({ undecided });
    expect(answers.get('claim identities/a:b')).toEqual({ allowed: true });
  });

  it('takes a call that throws at once for silence, too', async () => {
    const answers = await askAll(user, [relabel], {
      isAllowed() {
        throw new Error('not connected');
      },
    });
    expect(answers.get('relabel fences/shop')).toEqual({ undecided: 'not connected' });
  });
});
