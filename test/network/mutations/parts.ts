import type { Mutation } from '../mutations.ts';

/** Mistakes in selectors, addresses, blocks and classes. */
export const partMutations: readonly Mutation[] = [
  {
    name: '`except` is forgotten',
    file: 'blocks.ts',
    from: ' && !peer.except.some((range) => isInRange(range, address))',
    to: '',
  },
  {
    name: '`except` counts only where all of them hold',
    file: 'blocks.ts',
    from: '!peer.except.some(',
    to: '!peer.except.every(',
  },
  {
    name: 'all of IPv4 is every address',
    file: 'blocks.ts',
    from: 'return isCovered(networks, blocks.flatMap(rangesOf));',
    to: 'return isCovered(networks.slice(0, 1), blocks.flatMap(rangesOf));',
  },
  {
    name: 'IPv4 and IPv6 are one line of numbers',
    file: 'address.ts',
    from: 'return range.family === address.family && range.first',
    to: 'return range.first',
  },
  {
    name: 'a block loses its last address',
    file: 'address.ts',
    from: 'last: first + size - 1n };',
    to: 'last: first + size - (size > 1n ? 2n : 1n) };',
  },
  {
    name: 'a block begins at the address that it is written with',
    file: 'address.ts',
    from: 'const first = (value / size) * size;',
    to: 'const first = value;',
  },
  {
    name: 'a prefix of IPv6 is counted in IPv4',
    file: 'address.ts',
    from: "parsed.kind() === 'ipv4' ? 32 : 128;",
    to: '32;',
  },
  {
    name: 'IPv4 in the clothes of IPv6 slips through',
    file: 'address.ts',
    from: 'toAddress(Number(prefix) < 96 ? parsed : ipaddr.process(address))',
    to: 'toAddress(parsed)',
  },
  {
    name: 'blocks that touch stay apart',
    file: 'address.ts',
    from: 'range.first <= last.last + 1n',
    to: 'range.first <= last.last',
  },
  {
    name: 'NotIn needs the key',
    file: 'selector.ts',
    from: 'if (value !== undefined && values.has(value)) return false;',
    to: 'if (value === undefined || values.has(value)) return false;',
  },
  {
    name: 'a key that is absent has an empty value',
    file: 'selector.ts',
    from: 'const value = labels.get(key);',
    to: "const value = labels.get(key) ?? (operator === 'In' ? '' : undefined);",
  },
  {
    name: 'Exists needs a value that is not empty',
    file: 'selector.ts',
    from: "case 'Exists':\n        if (value === undefined) return false;",
    to: "case 'Exists':\n        if (!value) return false;",
  },
  {
    name: 'DoesNotExist holds for an empty value',
    file: 'selector.ts',
    from: "case 'DoesNotExist':\n        if (value !== undefined) return false;",
    to: "case 'DoesNotExist':\n        if (value) return false;",
  },
  {
    name: 'one requirement is enough',
    file: 'selector.ts',
    from: 'for (const { key, operator, values } of selector.requirements) {',
    to: 'for (const { key, operator, values } of selector.requirements.slice(0, 1)) {',
  },
  {
    name: 'a policy reaches into other namespaces',
    file: 'classes.ts',
    from: 'policiesByNamespace.get(pod.namespace) ?? []',
    to: 'world.policies',
  },
  {
    name: 'a policy isolates both directions, whatever it says',
    file: 'classes.ts',
    from: 'egress: selecting.filter((policy) => policy.isolates.egress)',
    to: 'egress: selecting',
  },
  {
    name: 'classes forget the labels of peers',
    file: 'classes.ts',
    from: "for (const peer of rule.peers ?? []) if (peer.kind === 'pods') askSelector(peer.podSelector);",
    to: '',
  },
  {
    name: 'classes forget the numbers of named ports',
    file: 'classes.ts',
    from: '.map(({ name, protocol, port }) =>',
    to: '.map(({ name, protocol }, port) =>',
  },
  {
    name: 'classes forget addresses',
    file: 'classes.ts',
    from: 'ports.sort(), addresses.sort(), pod.hostNetwork',
    to: 'ports.sort(), pod.hostNetwork',
  },
  {
    name: 'classes cut blocks one address too late',
    file: 'classes.ts',
    from: '(boundaries[middle] as bigint) <= value',
    to: '(boundaries[middle] as bigint) < value',
  },
];
