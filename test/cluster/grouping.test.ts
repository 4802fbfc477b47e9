import { describe, expect, it } from 'vitest';
import { groupObjects } from '../../src/cluster/grouping.ts';
import type { ChangeHandler } from '../../src/cluster/object-store.ts';

interface Thing {
  readonly name: string;
  readonly groups: readonly string[];
}

function setUp() {
  let tell: ChangeHandler<Thing> = () => undefined;
  const groups = groupObjects<Thing>({ onChange: (handler) => (tell = handler) }, (thing) => thing.groups);
  const names = (group: string) => groups.get(group).map(({ name }) => name);
  return { tell: (...change: Parameters<ChangeHandler<Thing>>) => tell(...change), names };
}

const a = { name: 'a', groups: ['x', 'y'] };
const b = { name: 'b', groups: ['x'] };

describe('objects by group', () => {
  it('are in each group that they belong to', () => {
    const { tell, names } = setUp();
    tell('a', a, undefined);
    tell('b', b, undefined);
    expect([names('x'), names('y'), names('z')]).toEqual([['a', 'b'], ['a'], []]);
  });

  it('leave the groups that they no longer belong to', () => {
    const { tell, names } = setUp();
    tell('a', a, undefined);
    tell('a', { name: 'a', groups: ['z'] }, a);
    expect([names('x'), names('y'), names('z')]).toEqual([[], [], ['a']]);
  });

  it('are gone from all of them when they are deleted', () => {
    const { tell, names } = setUp();
    tell('a', a, undefined);
    tell('b', b, undefined);
    tell('a', undefined, a);
    expect([names('x'), names('y')]).toEqual([['b'], []]);
  });

  it('stand once, however often they are told again', () => {
    const { tell, names } = setUp();
    for (const previous of [undefined, a, a]) tell('a', a, previous);
    expect(names('x')).toEqual(['a']);
  });

  it('take a group named like a property of every object as data', () => {
    const { tell, names } = setUp();
    tell('a', { name: 'a', groups: ['__proto__', 'constructor'] }, undefined);
    expect([names('__proto__'), names('constructor'), names('toString')]).toEqual([['a'], ['a'], []]);
  });
});
