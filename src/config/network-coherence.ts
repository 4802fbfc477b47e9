import type { Path } from '../documents/document.ts';
import { quote } from '../documents/problem.ts';
import { isObject, recordOf } from '../kubernetes/raw-object.ts';
import { defaultFile } from './defaults.ts';
import { type Incoherence, list } from './incoherence.ts';
import { peerRoles } from './network-schema.ts';
import { compilePattern } from './pattern.ts';
import { readPort } from './port.ts';
import { suggestKnown } from './problem.ts';
import type { TaxonomyKeyEntry } from './schema.ts';
import { defaultTaxonomy, mergeEntry } from './taxonomy.ts';

/**
 * Finds the problems of `flows`, `peers` and `baseline.dns` that the schema cannot express. It
 * reads the unvalidated root of the file and ignores parts of the wrong shape.
 */
export function judgeNetwork(root: Readonly<Record<string, unknown>>): readonly Incoherence[] {
  return [
    ...judgeFlows(list(root['flows']), root['flowKey'], recordOf(root['taxonomy'])),
    ...judgePeers(list(root['peers'])),
    ...judgeDns(list(recordOf(root['baseline'])['dns'])),
  ];
}

function judgeFlows(
  flows: readonly unknown[],
  given: unknown,
  taxonomy: Readonly<Record<string, unknown>>,
): readonly Incoherence[] {
  if (given !== undefined && typeof given !== 'string') return [];
  const key = given ?? defaultFile.flowKey;
  const known = [...new Set([...defaultTaxonomy.keys(), ...Object.keys(taxonomy)])].filter(
    (one) => taxonomy[one] !== null,
  );
  if (!known.includes(key)) {
    if (given !== undefined)
      return [
        { path: ['flowKey'], message: `${quote(key)} is not a key of the taxonomy; ${suggestKnown(key, known)}` },
      ];
    const message = `connect values of ${key}, but the taxonomy has no such key; remove the flows, or set flowKey`;
    return flows.length === 0 ? [] : [{ path: ['flows'], part: 'key', message }];
  }
  const judgeValue = valueJudge(key, taxonomy[key]);
  const pairs = new Set<string>();
  return flows.map(recordOf).flatMap(({ from, to, ports }, index) => {
    const path: Path = ['flows', index];
    const problems = Object.entries({ from, to }).flatMap(([end, value]) => {
      const message = typeof value === 'string' ? judgeValue(value) : undefined;
      return message === undefined ? [] : [{ path: [...path, end], message }];
    });
    const pair = JSON.stringify([from, to]);
    // Entries for the same pair add up, so an entry without ports would silently make the ports of
    // another ineffective.
    const repeated = pairs.has(pair) && typeof from === 'string' && typeof to === 'string';
    pairs.add(pair);
    return [
      ...(repeated
        ? [{ path, message: `${from} to ${to} is already in the list; one entry holds all its ports` }]
        : []),
      ...problems,
      ...list(ports).flatMap((port, place) => judgePort([...path, 'ports', place], port)),
    ];
  });
}

/**
 * Returns a function that says what is wrong with a value of a key, by the vocabulary of its entry
 * in the taxonomy. It finds nothing if the entry itself is wrong.
 */
function valueJudge(key: string, given: unknown): (value: string) => string | undefined {
  const initial = defaultTaxonomy.get(key);
  const entry = isObject(given) ? mergeEntry(given as TaxonomyKeyEntry, initial) : initial;
  const { values, pattern } = entry ?? {};
  if (Array.isArray(values)) {
    const known = values.filter((value) => typeof value === 'string');
    return (value) =>
      known.includes(value) ? undefined : `${quote(value)} is not a value of ${key}; ${suggestKnown(value, known)}`;
  }
  const compiled = typeof pattern === 'string' ? compilePattern(pattern) : undefined;
  if (compiled === undefined || 'wrong' in compiled) return () => undefined;
  return (value) => (compiled.test(value) ? undefined : `${quote(value)} is not a value that ${key} allows`);
}

function judgePort(path: Path, port: unknown): readonly Incoherence[] {
  // The schema judges numbers completely, and the form of texts.
  const read = typeof port === 'string' ? readPort(port) : undefined;
  return read !== undefined && 'wrong' in read ? [{ path, message: read.wrong }] : [];
}

function judgePeers(peers: readonly unknown[]): readonly Incoherence[] {
  const names = new Set<unknown>();
  return peers.flatMap((peer, index) => {
    if (!isObject(peer)) return [];
    const path: Path = ['peers', index];
    const { name } = peer;
    const repeated = typeof name === 'string' && names.has(name);
    names.add(name);
    return [
      ...(repeated ? [{ path: [...path, 'name'], message: `${quote(name)} is already the name of another peer` }] : []),
      ...judgePlace(path, peer),
    ];
  });
}

/** Judges the places of DNS. Pods need labels, because a namespace has other Pods too. */
function judgeDns(places: readonly unknown[]): readonly Incoherence[] {
  return places.flatMap((place, index) => {
    if (!isObject(place)) return [];
    const path: Path = ['baseline', 'dns', index];
    const isUnlabelled = 'namespace' in place && !('podLabels' in place) && !('cidrs' in place);
    return [
      ...(isUnlabelled ? [{ path, message: 'has no podLabels; name the labels of the DNS Pods' }] : []),
      ...judgePlace(path, { ...place, role: 'dns' }),
    ];
  });
}

/** Judges whether a peer is either Pods or addresses, as its role allows. */
function judgePlace(path: Path, peer: Readonly<Record<string, unknown>>): readonly Incoherence[] {
  const { role } = peer;
  const isPods = 'namespace' in peer;
  const isAddresses = 'cidrs' in peer;
  if (isPods && isAddresses) return [{ path, message: 'has both a namespace and cidrs; keep one of them' }];
  const needsAddresses = Object.entries(peerRoles).some(([known, { mayBePods }]) => known === role && !mayBePods);
  if (!isPods && !isAddresses)
    return [{ path, message: needsAddresses ? 'has no cidrs' : 'has neither a namespace nor cidrs; give one of them' }];
  if (isPods && needsAddresses)
    return [{ path: [...path, 'namespace'], part: 'key', message: `${role} are addresses; use cidrs` }];
  const cidrs = list(peer['cidrs']);
  return [
    ...(isAddresses && 'podLabels' in peer
      ? [
          {
            path: [...path, 'podLabels'],
            part: 'key' as const,
            message: 'select Pods of a namespace, but this peer has addresses',
          },
        ]
      : []),
    // A peer with every address would exclude every ipBlock from the judgement of flows. The role
    // `public` may have it, because it is judged as the outside.
    ...cidrs.flatMap((block, place) =>
      typeof block === 'string' && /\/0$/.test(block) && role !== 'public'
        ? [{ path: [...path, 'cidrs', place], message: `${quote(block)} covers every address, so it names no peer` }]
        : [],
    ),
  ];
}
