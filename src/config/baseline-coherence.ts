import { BlockList } from 'node:net';
import type { Path } from '../documents/document.ts';
import { quote } from '../documents/problem.ts';
import { isObject, recordOf } from '../kubernetes/raw-object.ts';
import { type Incoherence, list } from './incoherence.ts';
import { readPort } from './port.ts';
import { isCidr } from './schema-problems.ts';

/**
 * Finds the problems of the optional parts of the baseline that the schema cannot express. It reads
 * the unvalidated root of the file and ignores parts of the wrong shape.
 */
export function judgeBaseline(root: Readonly<Record<string, unknown>>): readonly Incoherence[] {
  const baseline = recordOf(root['baseline']);
  const entries: readonly (readonly [Path, unknown])[] = [
    ...partsWithPorts.map((key) => [['baseline', key] satisfies Path, baseline[key]] as const),
    ...list(baseline['thirdParty']).map(
      (entry, index) => [['baseline', 'thirdParty', index] satisfies Path, entry] as const,
    ),
  ];
  return [
    ...entries.flatMap(([path, entry]) =>
      isObject(entry) ? [...judgePorts(path, entry), ...judgeCidrs(path, entry)] : [],
    ),
    ...judgeCidrs(['baseline', 'nodeLocalDns'], recordOf(baseline['nodeLocalDns'])),
    ...list(baseline['thirdParty']).flatMap((entry, index) => judgeMetadata(['baseline', 'thirdParty', index], entry)),
    ...('probes' in baseline && !list(root['peers']).some((peer) => recordOf(peer)['role'] === 'nodes')
      ? [
          {
            path: ['baseline', 'probes'],
            part: 'key' as const,
            message:
              'no peer has the role nodes, so nobody would be let in; name the addresses of the nodes under peers',
          },
        ]
      : []),
    ...(baseline['dns'] === 'auto' && root['backstop'] === true
      ? [
          {
            path: ['baseline', 'dns'],
            message:
              'auto cannot be used with the backstop, whose policies hold the place of DNS and cannot follow the cluster; list the places, or set backstop to false',
          },
        ]
      : []),
    ...('ingress' in baseline && recordOf(root['taxonomy'])['expose'] === null
      ? [
          {
            path: ['baseline', 'ingress'],
            part: 'key' as const,
            message: 'selects the Pods with expose: "true", but the taxonomy has no key expose',
          },
        ]
      : []),
  ];
}

const partsWithPorts = ['monitoring', 'ingress', 'probes', 'apiServer'];

function judgePorts(path: Path, entry: Readonly<Record<string, unknown>>): readonly Incoherence[] {
  return list(entry['ports']).flatMap((port, index) => {
    // The schema judges numbers completely, and the form of texts.
    const read = typeof port === 'string' ? readPort(port) : undefined;
    return read !== undefined && 'wrong' in read ? [{ path: [...path, 'ports', index], message: read.wrong }] : [];
  });
}

/** Every namespace has the baseline, so no part of it may name every address. */
function judgeCidrs(path: Path, entry: Readonly<Record<string, unknown>>): readonly Incoherence[] {
  return list(entry['cidrs']).flatMap((block, index) =>
    typeof block === 'string' && /\/0$/.test(block)
      ? [
          {
            path: [...path, 'cidrs', index],
            message: `${quote(block)} covers every address; name those that are meant`,
          },
        ]
      : [],
  );
}

/** The addresses at which clouds hand out credentials (AWS, Azure and Google; AWS over IPv6). */
const metadataServices = [
  ['169.254.169.254', 'ipv4'],
  ['fd00:ec2::254', 'ipv6'],
] as const;

function judgeMetadata(path: Path, entry: unknown): readonly Incoherence[] {
  return list(recordOf(entry)['cidrs']).flatMap((block, index) => {
    if (typeof block !== 'string' || !isCidr(block) || block.endsWith('/0')) return [];
    const [address = '', prefix = ''] = block.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const blocks = new BlockList();
    blocks.addSubnet(address, Number(prefix), family);
    const found = metadataServices.find(([service, of]) => of === family && blocks.check(service, family));
    if (found === undefined) return [];
    const message = `${quote(block)} contains ${found[0]}, where a cloud gives credentials to every Pod that asks`;
    return [{ path: [...path, 'cidrs', index], message }];
  });
}
