/** One end of a line in a table: pods of one namespace, or addresses. */
export interface NamedEnd {
  /** Undefined for addresses. */
  readonly namespace: string | undefined;
  /** Every name, in full: `shop/deployment/web`, or one text for addresses. */
  readonly names: readonly string[];
  /** What else a table says about this end. Ends that differ in it are never joined. */
  readonly trait: string;
}

/** What holds from each end to others, kept in numbers, since there may be millions of pairs. */
export interface Relation<E extends NamedEnd> {
  readonly ends: readonly E[];
  readonly labels: readonly string[];
  /**
   * By the number of a source: the number of a destination, the number of a label, and so on in
   * turn.
   */
  readonly rows: ReadonlyMap<number, readonly number[]>;
}

/** One line before it is put into a relation. Equal keys mean the same end. */
export interface Entry<E extends NamedEnd> {
  readonly from: E;
  readonly to: E;
  readonly label: string;
}

/** Collects entries. An end is known by its identity, or else by its names and its trait. */
export function relate<E extends NamedEnd>(entries: Iterable<Entry<E>>): Relation<E> {
  const ends: E[] = [];
  const numbers = new Map<E | string, number>();
  const labels: string[] = [];
  const labelNumbers = new Map<string, number>();
  const rows = new Map<number, number[]>();

  function numberOf(end: E): number {
    const known = numbers.get(end);
    if (known !== undefined) return known;
    const key = `${end.trait}\n${end.names.join('\n')}`;
    const number = numbers.get(key) ?? ends.push(end) - 1;
    numbers.set(key, number).set(end, number);
    return number;
  }

  for (const { from, to, label } of entries) {
    const source = numberOf(from);
    const row = rows.get(source) ?? [];
    rows.set(source, row);
    let number = labelNumbers.get(label);
    if (number === undefined) {
      number = labels.push(label) - 1;
      labelNumbers.set(label, number);
    }
    row.push(numberOf(to), number);
  }
  return { ends, labels, rows };
}

/** The names of an end without its namespace: `deployment/web`. */
export function localNames({ namespace, names }: NamedEnd): readonly string[] {
  if (namespace === undefined) return names;
  const prefix = `${namespace}/`;
  return names.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
}
