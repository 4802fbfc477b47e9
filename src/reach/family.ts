import { localNames, type NamedEnd, type Relation } from './relation.ts';

/**
 * Namespaces that differ only by name: if two of them change places, everything that a relation
 * says stays true.
 */
export type Family = readonly string[];

/**
 * Fewer namespaces than this are named one by one, because a reader finds names sooner than a
 * number.
 */
const smallestFamily = 4;

/**
 * The families of a relation, by the name of each member. `traitOf` gives what else a table says
 * about a namespace.
 */
export function findFamilies<E extends NamedEnd>(
  relation: Relation<E>,
  traitOf: (namespace: string) => string = () => '',
): ReadonlyMap<string, Family> {
  const blocks = blocksOf(relation, traitOf);
  const families: string[][] = [];
  for (const alike of Map.groupBy(blocks.keys(), (name) => blocks.get(name)?.own).values()) {
    const found: string[][] = [];
    for (const name of alike) {
      const family = found.find(([first = '']) => areTwins(first, name, blocks));
      if (family === undefined) found.push([name]);
      else family.push(name);
    }
    for (const family of found) families.push(family);
  }
  return new Map(
    families
      .filter((family) => family.length >= smallestFamily)
      .flatMap((family) => family.map((name) => [name, family] as const)),
  );
}

/** What a relation says about one namespace. Equal numbers mean equal lines but for the names. */
interface Blocks {
  /** Inside the namespace, and between it and addresses. */
  own: number;
  readonly to: Map<string, number>;
  readonly from: Map<string, number>;
}

function blocksOf<E extends NamedEnd>(
  { ends, labels, rows }: Relation<E>,
  traitOf: (namespace: string) => string,
): ReadonlyMap<string, Blocks> {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size + 1;
    numbers.set(text, number);
    return number;
  };
  const locals = new Map<string, number>();
  const local = ends.map((end) => {
    const text = `${end.namespace === undefined} ${end.trait}\n${localNames(end).join('\n')}`;
    const number = locals.get(text) ?? locals.size;
    locals.set(text, number);
    return number;
  });
  // One number for each line. It stays exact, since it is below 2^53 for 100,000 names and labels.
  const lineOf = (from: number, to: number, label: number): number =>
    ((local[from] ?? 0) * locals.size + (local[to] ?? 0)) * labels.length + label;
  const blocks = new Map<string, Blocks>();
  const inside = new Map<string, number[]>();
  for (const { namespace } of ends) {
    if (namespace === undefined || blocks.has(namespace)) continue;
    blocks.set(namespace, { own: 0, to: new Map(), from: new Map() });
    inside.set(namespace, []);
  }
  for (const [source, sources] of Map.groupBy(rows.keys(), (number) => ends[number]?.namespace)) {
    const across = new Map<string, number[]>();
    for (const from of sources) {
      const row = rows.get(from) ?? [];
      for (let at = 0; at < row.length; at += 2) {
        const to = row[at] as number;
        const line = lineOf(from, to, row[at + 1] as number);
        const destination = ends[to]?.namespace;
        if (source !== undefined && destination !== undefined && source !== destination) {
          const lines = across.get(destination);
          if (lines === undefined) across.set(destination, [line]);
          else lines.push(line);
        } else inside.get(source ?? destination ?? '')?.push(line);
      }
    }
    for (const [destination, lines] of across) {
      const number = numberOf(textOf(lines));
      blocks.get(source ?? '')?.to.set(destination, number);
      blocks.get(destination)?.from.set(source ?? '', number);
    }
  }
  for (const [name, one] of blocks) one.own = numberOf(`${traitOf(name)} ${textOf(inside.get(name) ?? [])}`);
  return blocks;
}

function textOf(lines: readonly number[]): string {
  return lines.toSorted((a, b) => a - b).join();
}

/**
 * Whether two namespaces, which are alike inside, may change places. Among namespaces this is an
 * equivalence: an exchange of the first and the third is made of exchanges with the second.
 */
function areTwins(one: string, two: string, blocks: ReadonlyMap<string, Blocks>): boolean {
  const [a, b] = [blocks.get(one), blocks.get(two)];
  if (a === undefined || b === undefined) return false;
  if (a.to.get(two) !== b.to.get(one)) return false;
  return (['to', 'from'] as const).every((direction) => {
    if (a[direction].size !== b[direction].size) return false;
    for (const [name, number] of a[direction]) if (name !== two && b[direction].get(name) !== number) return false;
    return true;
  });
}
