import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkPolicyPeer } from '../../src/kubernetes/network-policy.ts';
import { broadFamilies } from '../../src/policy/breadth.ts';
import { isOpened, openedBy } from '../../src/policy/opened.ts';
import type { JudgedOpening } from '../../src/policy/opening.ts';
import { familyText, firstBlock, openedAddresses, wholeFamilies } from '../../src/policy/whole-families.ts';
import { config as defaults, shop, subjectOf } from './minimal.ts';

const partners = {
  name: 'partners',
  role: 'public',
  namespace: undefined,
  podLabels: {},
  cidrs: ['128.0.0.0/2'],
} as const;
const config = { ...defaults, network: { ...defaults.network, peers: [...defaults.network.peers, partners] } };

function openings(...from: NetworkPolicyPeer[]): readonly JudgedOpening[] {
  const object = { metadata: { name: 'policy', namespace: 'shop' }, spec: { ingress: [{ from }] } };
  const opened = openedBy(subjectOf('NetworkPolicy', object, shop), config);
  if (!isOpened(opened)) throw new Error(opened.violations[0]?.reason);
  return opened.openings;
}

const blocks = (...cidrs: string[]): readonly JudgedOpening[] =>
  openings(...cidrs.map((cidr) => ({ ipBlock: { cidr } })));

describe('breadth', () => {
  it.each<[string, readonly JudgedOpening[], readonly (4 | 6)[], readonly (4 | 6)[]]>([
    ['of a /16 is not too much', blocks('10.1.0.0/16'), [], []],
    ['of a /16 and one address more is', blocks('10.1.0.0/16', '10.2.0.0/32'), [], [4]],
    ['counts no address twice', blocks('10.1.0.0/16', '10.1.0.0/17', '10.1.2.3/32'), [], []],
    ['of two halves is everything', blocks('0.0.0.0/1', '128.0.0.0/1'), [4], [4]],
    [
      'of everything but one address is not everything, and too much',
      openings({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.1/32'] } }),
      [],
      [4],
    ],
    [
      'of a block and of what another excepts is everything',
      openings({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }, { ipBlock: { cidr: '10.0.0.0/8' } }),
      [4],
      [4],
    ],
    ['of all of IPv4 says nothing about IPv6', blocks('0.0.0.0/0'), [4], [4]],
    ['of both families is told apart', blocks('0.0.0.0/0', '::/1', '8000::/1'), [4, 6], [4, 6]],
    ['of a /48 of IPv6 is not too much', blocks('2001:db8::/48'), [], []],
    ['of a /47 is', blocks('2001:db8::/47'), [], [6]],
    ['of peers that the configuration names does not count', blocks('128.0.0.0/2', '10.1.0.0/16'), [], []],
    ['of pods is none', openings({ podSelector: {} }), [], []],
  ])('%s', (_, all, whole, broad) => {
    const ranges = openedAddresses(all, 'ingress');
    expect([wholeFamilies(ranges), broadFamilies(ranges, config)]).toEqual([whole, broad]);
    expect(openedAddresses(all, 'egress')).toEqual([]);
  });

  it('does not depend on how a block is cut, nor on the order', () => {
    const halves = (cidr: string, depth: number): string[] => {
      const [address = '', bits = '0'] = cidr.split('/');
      if (depth === 0) return [cidr];
      const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
      const second = first + 2 ** (31 - Number(bits));
      const text = [24, 16, 8, 0].map((shift) => Math.floor(second / 2 ** shift) % 256).join('.');
      return [address, text].flatMap((half) => halves(`${half}/${Number(bits) + 1}`, depth - 1));
    };
    fc.assert(
      fc.property(
        fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/15', '10.0.0.0/16').chain((cidr) =>
          fc.nat({ max: 4 }).chain((depth) => {
            const parts = halves(cidr, depth);
            return fc.tuple(fc.constant(cidr), fc.shuffledSubarray(parts, { minLength: parts.length }));
          }),
        ),
        ([cidr, parts]) => {
          // A block and its cut form are equal: the part inside a named peer is omitted from both.
          const bare = { ...config, network: { ...config.network, peers: [] } };
          expect(broadFamilies(openedAddresses(blocksOf(parts, bare), 'ingress'), bare)).toEqual(
            broadFamilies(openedAddresses(blocksOf([cidr], bare), 'ingress'), bare),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is pinned to the first block that counts', () => {
    const all = openings(
      { podSelector: {} },
      { ipBlock: { cidr: '128.0.0.0/2' } },
      { ipBlock: { cidr: '10.0.0.0/8' } },
    );
    expect(firstBlock(all, 'ingress')?.field).toBe('spec.ingress[0].from[2]');
    expect(firstBlock(all, 'egress')).toBe(undefined);
  });

  it('is told by family', () => {
    expect(familyText([4, 6])).toBe('IPv4 and IPv6');
  });
});

function blocksOf(cidrs: readonly string[], without: typeof config): readonly JudgedOpening[] {
  const from = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  const object = { metadata: { name: 'policy', namespace: 'shop' }, spec: { ingress: [{ from }] } };
  const opened = openedBy(subjectOf('NetworkPolicy', object, shop), without);
  if (!isOpened(opened)) throw new Error(opened.violations[0]?.reason);
  return opened.openings;
}
