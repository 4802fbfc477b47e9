/**
 * Reads a table of flows back into `from > to: ports` for each pair of names. It knows the table
 * only by docs/reach.md, so it notices a line that is not true by itself.
 */
export function readTable(text: string, pods: readonly string[]): readonly string[] {
  const [body = '', below = ''] = text.split('\n\n');
  const lists = new Map(
    below
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', names = ''] = line.split(': ');
        return [name, names.split(', ')] as const;
      }),
  );
  return body
    .trimEnd()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [from = '', to = '', ports = ''] = line.split(/ {2,}/);
      return readCell(from, '', lists, pods).flatMap((source) =>
        readCell(to, source, lists, pods).flatMap((destination) =>
          source === destination ? [] : [`${source} > ${destination}: ${ports}`],
        ),
      );
    });
}

function readCell(
  cell: string,
  source: string,
  lists: ReadonlyMap<string, readonly string[]>,
  pods: readonly string[],
): readonly string[] {
  const own = source.split('/')[0] ?? '';
  const inside = (namespaces: readonly string[], names: string): readonly string[] =>
    names === 'every pod'
      ? pods.filter((pod) => namespaces.includes(pod.split('/')[0] ?? ''))
      : namespaces.flatMap((namespace) => readNames(names, lists).map((name) => `${namespace}/${name}`));
  const [, whole] = /^all of namespace (\S+)$/.exec(cell) ?? [];
  if (whole !== undefined) return inside([whole], 'every pod');
  const [, names = '', place = ''] = /^(.*) in (.+)$/.exec(cell) ?? [];
  if (place === 'the same namespace') return inside([own], names);
  if (place.startsWith('the other ')) {
    const family = [...lists.values()].find((list) => list.includes(own)) ?? [];
    return inside(
      family.filter((name) => name !== own),
      names,
    );
  }
  if (place !== '') return inside(lists.get(place) ?? [], names);
  return cell === 'every pod' ? pods : readNames(cell, lists);
}

function readNames(text: string, lists: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const [, number] = / and \d+ more (\[\d+\])$/.exec(text) ?? [];
  if (number !== undefined) return lists.get(number) ?? [];
  // Ranges of addresses are one name.
  return /any|\./.test(text) || text.includes(':') ? [text] : text.split(', ');
}
