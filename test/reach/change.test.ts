import { describe, expect, it } from 'vitest';
import { formatPorts } from '../../src/network/port-set.ts';
import { type Change, compareDesks } from '../../src/reach/change.ts';
import { changesJson, formatChanges } from '../../src/reach/change-text.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { shop, walls } from './shop.ts';

function changes(before: Desk, after: Desk): readonly string[] {
  return [...compareDesks(before, after)].map(
    ({ kind, from, to, ports }) => `${kind} ${from.names.join(', ')} > ${to.names.join(', ')}: ${formatPorts(ports)}`,
  );
}

const batchMayCall = {
  'front/batch': {
    podSelector: { matchLabels: { app: 'batch' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 8080 }] }],
  },
  'back/batch': {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { tier: 'web' } } }] }],
  },
};

describe('a comparison of two worlds', () => {
  it('finds nothing where they are the same, however they are written', () => {
    const { 'front/out': out } = walls;
    const halves = ['0.0.0.0/1', '128.0.0.0/1'].map((cidr, index) => ({
      ipBlock: { cidr, except: index === 0 ? ['10.0.0.0/8'] : [] },
    }));
    const rewritten = { ...out, egress: [out.egress[0], { ...out.egress[1], to: halves }] };
    expect(changes(shop(), shop({ ...walls, 'front/out': rewritten }))).toEqual([]);
  });

  it('finds what is opened, and in the other direction what is closed', () => {
    const [before, after] = [shop(), shop({ ...walls, ...batchMayCall })];
    expect(changes(before, after)).toEqual([
      // An unknown address may be one that `front/out` allows, and now the other end admits it.
      'undefined front/statefulset/web > back/unborn: TCP/443',
      'opened front/batch > back/api: TCP/8080',
      'opened front/batch > back/unborn: TCP/8080',
    ]);
    expect(changes(after, before)).toEqual([
      'closed front/batch > back/api: TCP/8080',
      'closed front/batch > back/unborn: TCP/8080',
    ]);
  });

  it('finds what addresses may do', () => {
    const wide = {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 80 }] }],
    };
    const found = changes(shop(), shop({ ...walls, 'back/wide': wide }));
    expect(found).toEqual(['opened 192.0.2.0/24 > back/api: TCP/80', 'opened 192.0.2.0/24 > back/unborn: TCP/80']);
  });

  it('finds the verdict that is lost', () => {
    const block = { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ port: 9 }] }] };
    const open = { 'front/wall': walls['front/wall'] };
    expect(changes(shop(open), shop({ ...open, 'front/block': block }))).toContain(
      'undefined front/statefulset/web, front/batch > back/unborn: TCP/9',
    );
  });

  it('may be of the flows with an end in one namespace', () => {
    const [before, after] = [shop(walls), shop({})];
    const all = [...compareDesks(before, after)];
    const isInBack = ({ from, to }: Change): boolean => [from, to].some(({ namespace }) => namespace === 'back');
    expect([...compareDesks(before, after, 'back')]).toEqual(all.filter(isInBack));
    expect(all.filter(isInBack).length).toBeLessThan(all.length);
  });

  it('knows what is in one of the worlds only', () => {
    const [less, more] = [shop({}), shop({}, { 'back/db': { app: 'db' } })];
    const found = changes(less, more);
    expect(found).toContain('opened front/statefulset/web, front/batch > back/db (new): all ports');
    expect(found).toContain('opened any address > back/db (new): all ports');
    expect(changes(more, less)).toContain('closed back/db (gone) > front/statefulset/web, front/batch: all ports');
  });

  it('knows a workload whose pods have new names', () => {
    const owner = { kind: 'StatefulSet', name: 'db' };
    const [before, after] = [
      shop({}, { 'back/db-a': { app: 'db', owner } }),
      shop({}, { 'back/db-b': { app: 'db', owner } }),
    ];
    expect(changes(before, after)).toEqual([]);
  });

  it('finds what is opened for one of several pods of a workload, whether or not their names stay', () => {
    const owner = { kind: 'StatefulSet', name: 'db' };
    const old = { 'back/db-a': { app: 'first', owner }, 'back/db-b': { app: 'second', owner } };
    const wide = { podSelector: { matchLabels: { app: 'first' } }, ingress: [{ ports: [{ port: 80 }] }] };
    const outgoing = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 80 }] }] };
    const policies = { ...walls, 'front/outgoing': outgoing };
    const before = shop(policies, old);
    const byName = changes(before, shop({ ...policies, 'back/wide': wide }, old));
    expect(byName).toContain('opened front/batch > back/db-a: TCP/80');
    const renamed = { 'back/db-c': old['back/db-a'], 'back/db-d': old['back/db-b'] };
    const byOwner = changes(before, shop({ ...policies, 'back/wide': wide }, renamed));
    expect(byOwner).toContain('opened front/batch > back/statefulset/db: TCP/80');
  });

  it('is a table with the reasons that hold afterwards', () => {
    const wide = {
      podSelector: { matchLabels: { app: 'web' } },
      egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 8081 }] }],
    };
    const more = { podSelector: {}, ingress: [{ ports: [{ port: 8081 }] }] };
    const [before, after] = [shop(), shop({ ...walls, 'front/wide': wide, 'back/more': more })];
    const all = [...compareDesks(before, after)].filter(({ to }) => to.names.join() === 'back/api');
    const [change] = all;
    expect(formatChanges(change === undefined ? [] : [change], after).split('\n')).toEqual([
      'CHANGE  FROM                   TO        PORTS',
      'opened  front/statefulset/web  back/api  TCP/8081',
      '',
      'Why, afterwards:',
      '  opened: front/statefulset/web to back/api on TCP/8081',
      '    egress: front/wide spec.egress[0] allows it',
      '    ingress: back/more spec.ingress[0] allows it',
      '',
      '1 opened, 0 closed, 0 without a verdict now',
      '',
    ]);
    expect(JSON.parse([...changesJson(all, { before: [], after: after.notes })].join(''))).toMatchObject({
      changes: [
        { change: 'opened', from: 'front/statefulset/web', ports: [{ protocol: 'TCP', first: 8081, last: 8081 }] },
        { change: 'opened', from: 'any address', to: 'back/api' },
      ],
    });
    expect(formatChanges([], after)).toBe('no difference: the same flows are open\n');
  });
});
