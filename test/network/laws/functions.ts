import type { Protocol } from '../../../src/network/rules.ts';
import { type Engine, type Law, tabulate } from '../engine.ts';

type Requirement = readonly [
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values?: readonly string[],
];

/** LabelSelector requirements by k8s.io/apimachinery pkg/labels. */
export const selectorLaws: readonly Law[] = tabulate<readonly [Readonly<Record<string, string>>, ...Requirement[]]>(
  'a selector',
  (engine, [labels, ...requirements]) =>
    engine.selects(
      {
        requirements: requirements.map(([key, operator, values = []]) => ({ key, operator, values: new Set(values) })),
      },
      new Map(Object.entries(labels)),
    ),
  [
    ['without requirements selects what has no labels', [{}], true],
    ['In holds for one of its values', [{ k: 'b' }, ['k', 'In', ['a', 'b']]], true],
    ['In does not hold for another value', [{ k: 'c' }, ['k', 'In', ['a', 'b']]], false],
    ['In does not hold without the key', [{}, ['k', 'In', ['a']]], false],
    ['In with "" holds for ""', [{ k: '' }, ['k', 'In', ['']]], true],
    ['In with "" does not hold without the key', [{}, ['k', 'In', ['']]], false],
    ['NotIn does not hold for one of its values', [{ k: 'a' }, ['k', 'NotIn', ['a', 'b']]], false],
    ['NotIn holds for another value', [{ k: 'c' }, ['k', 'NotIn', ['a', 'b']]], true],
    ['NotIn holds without the key', [{}, ['k', 'NotIn', ['a']]], true],
    ['NotIn with "" holds without the key', [{}, ['k', 'NotIn', ['']]], true],
    ['NotIn with "" does not hold for ""', [{ k: '' }, ['k', 'NotIn', ['']]], false],
    ['Exists holds for ""', [{ k: '' }, ['k', 'Exists']], true],
    ['Exists does not hold without the key', [{ j: 'a' }, ['k', 'Exists']], false],
    ['DoesNotExist holds without the key', [{ j: 'a' }, ['k', 'DoesNotExist']], true],
    ['DoesNotExist does not hold for ""', [{ k: '' }, ['k', 'DoesNotExist']], false],
    ['all requirements must hold', [{ k: 'a', j: 'b' }, ['k', 'Exists'], ['j', 'In', ['a']]], false],
    ['the first requirement must hold too', [{ k: 'a', j: 'b' }, ['k', 'DoesNotExist'], ['j', 'Exists']], false],
    ['the same key may be asked twice', [{ k: 'a' }, ['k', 'Exists'], ['k', 'NotIn', ['b']]], true],
    ['keys are told apart by case', [{ K: 'a' }, ['k', 'Exists']], false],
    ['`constructor` is a key like any other', [{}, ['constructor', 'Exists']], false],
  ],
);

/** Addresses and blocks as Go's net.ParseIP and net.ParseCIDR read them, which Kubernetes uses. */
export const addressLaws: readonly Law[] = [
  ...tabulate<string>('an address', (engine, text) => show(engine.readAddress(text)), [
    ['of four numbers', '10.0.0.1', '4 167772161'],
    ['that is the last of IPv4', '255.255.255.255', '4 4294967295'],
    ['of IPv6', '::1', '6 1'],
    ['of IPv6, in full', '0:0:0:0:0:0:0:ff', '6 255'],
    ['of IPv4 in the clothes of IPv6 is IPv4', '::ffff:10.0.0.1', '4 167772161'],
    ['with a zone is none', 'fe80::1%eth0', undefined],
    ['with fewer numbers is none', '10.1', undefined],
    ['in hexadecimal is none', '0x0a.0.0.1', undefined],
    ['with a leading zero is none, for it has two readings', '010.0.0.1', undefined],
    ['with a number above 255 is none', '10.0.0.256', undefined],
    ['that is empty is none', '', undefined],
    ['with a prefix is none', '10.0.0.1/32', undefined],
    ['that is a name is none', 'localhost', undefined],
  ]),
  ...tabulate<string>('a block', (engine, text) => show(engine.readCidr(text)), [
    ['of 24 bits', '10.0.0.0/24', '4 167772160-167772415'],
    ['of 32 bits is one address', '10.0.0.1/32', '4 167772161-167772161'],
    ['of no bits is all of IPv4', '0.0.0.0/0', '4 0-4294967295'],
    ['ignores the bits below its prefix', '10.0.0.77/24', '4 167772160-167772415'],
    ['of IPv6', '::/127', '6 0-1'],
    ['of no bits is all of IPv6', '::/0', `6 0-${2n ** 128n - 1n}`],
    ['of IPv4 in the clothes of IPv6 is that of IPv4', '::ffff:10.0.0.0/120', '4 167772160-167772415'],
    ['of all of IPv4 in the clothes of IPv6 is all of IPv4', '::ffff:0.0.0.0/96', '4 0-4294967295'],
    ['of IPv4 has no 33 bits', '10.0.0.0/33', undefined],
    ['of IPv6 has no 129 bits', '::/129', undefined],
    ['needs its prefix', '10.0.0.0', undefined],
    ['needs a number as its prefix', '10.0.0.0/', undefined],
    ['has one prefix', '10.0.0.0/8/8', undefined],
    ['has no mask', '10.0.0.0/255.0.0.0', undefined],
    ['has no sign in its prefix', '10.0.0.0/+8', undefined],
  ]),
  ...tabulate<readonly [readonly string[], readonly string[]]>(
    'blocks',
    (engine, [blocks, holes]) => engine.subtract(ranges(engine, blocks), ranges(engine, holes)).map(show),
    [
      ['that are halves are the whole', [['128.0.0.0/1', '0.0.0.0/1'], []], ['4 0-4294967295']],
      ['that overlap are one', [['0.0.0.0/30', '0.0.0.0/31', '0.0.0.2/31'], []], ['4 0-3']],
      ['that do not touch stay two', [['0.0.0.0/32', '0.0.0.2/32'], []], ['4 0-0', '4 2-2']],
      ['of two families stay two', [['0.0.0.0/0', '::/96'], []], ['4 0-4294967295', '6 0-4294967295']],
      ['less a hole in the middle are two', [['0.0.0.0/29'], ['0.0.0.2/31']], ['4 0-1', '4 4-7']],
      ['less a hole at the beginning', [['0.0.0.0/30'], ['0.0.0.0/32']], ['4 1-3']],
      ['less a hole at the end', [['0.0.0.0/30'], ['0.0.0.3/32']], ['4 0-2']],
      ['less themselves are nothing', [['0.0.0.0/30'], ['0.0.0.0/30']], []],
      ['less a larger hole are nothing', [['0.0.0.0/30'], ['0.0.0.0/8']], []],
      ['less a hole of the other family are whole', [['0.0.0.0/30'], ['::/0']], ['4 0-3']],
      ['less a hole beside them are whole', [['0.0.0.0/30'], ['0.0.0.4/30']], ['4 0-3']],
    ],
  ),
  ...tabulate<readonly [readonly string[], 4 | 6]>(
    'the count of addresses',
    (engine, [blocks, family]) => String(engine.countAddresses(engine.merge(ranges(engine, blocks)), family)),
    [
      ['takes both ends', [['10.0.0.0/24'], 4], '256'],
      ['takes one family', [['10.0.0.0/24', '::/120'], 4], '256'],
      ['of IPv6 is exact', [['::/0'], 6], String(2n ** 128n)],
      ['counts no address twice', [['10.0.0.0/24', '10.0.0.0/25'], 4], '256'],
    ],
  ),
  ...tabulate<readonly [readonly string[], readonly string[]]>(
    'a block is covered',
    (engine, [inner, outer]) => engine.isCovered(ranges(engine, inner), ranges(engine, outer)),
    [
      ['by itself', [['10.0.0.0/8'], ['10.0.0.0/8']], true],
      ['by its halves', [['10.0.0.0/8'], ['10.0.0.0/9', '10.128.0.0/9']], true],
      ['not by one of them', [['10.0.0.0/8'], ['10.0.0.0/9']], false],
      ['not by the other family', [['10.0.0.0/8'], ['::/0']], false],
    ],
  ),
];

/** The combination of the verdicts of both ends. */
export const verdictLaws: readonly Law[] = tabulate<Parameters<Engine['both']>>(
  'two ends',
  (engine, [a, b]) => [engine.both(a, b), engine.both(b, a)],
  [
    ['that allow allow', ['allowed', 'allowed'], ['allowed', 'allowed']],
    ['of which one denies deny', ['allowed', 'denied'], ['denied', 'denied']],
    ['of which one denies deny, whatever is not known of the other', ['undefined', 'denied'], ['denied', 'denied']],
    ['of which one is not known are not known', ['undefined', 'allowed'], ['undefined', 'undefined']],
  ],
);

/** The protocols: a rule for one does not match another. */
export const protocolLaws: readonly Law[] = tabulate<readonly [Protocol, Protocol]>(
  'a port of every number',
  (engine, [rule, flow]) => engine.allowsPort([{ field: '', protocol: rule, port: 'all' }], undefined, flow, 1),
  (['TCP', 'UDP', 'SCTP'] as const).flatMap((rule) =>
    (['TCP', 'UDP', 'SCTP'] as const).map(
      (flow) => [`of ${rule}, asked for ${flow}`, [rule, flow], rule === flow] as const,
    ),
  ),
);

function ranges(engine: Engine, cidrs: readonly string[]): NonNullable<ReturnType<Engine['readCidr']>>[] {
  return cidrs.flatMap((cidr) => engine.readCidr(cidr) ?? []);
}

function show(
  one:
    | { readonly family: number; readonly value: bigint }
    | { readonly family: number; readonly first: bigint; readonly last: bigint }
    | undefined,
): string | undefined {
  if (one === undefined) return undefined;
  return 'value' in one ? `${one.family} ${one.value}` : `${one.family} ${one.first}-${one.last}`;
}
