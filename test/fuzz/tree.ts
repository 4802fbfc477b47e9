// JSON as it may occur in a body: with duplicate keys, keys with a meaning in JavaScript, and texts
// that no JavaScript value gives.

/** A JSON value whose objects are lists of fields, or a raw text. */
export type Tree = null | boolean | number | string | Tree[] | Fields | Raw;
export interface Fields {
  readonly fields: [key: string, value: Tree][];
}
export interface Raw {
  readonly raw: string;
}

/** A place in a tree: the list or object that contains it, and the index. */
export interface Slot {
  readonly holder: Tree[] | Fields;
  readonly index: number;
}

export function isFields(tree: Tree): tree is Fields {
  return typeof tree === 'object' && tree !== null && 'fields' in tree;
}

/** Returns the tree of a value that JSON can represent, without undefined parts. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value === 'object' && value !== null) {
    if ('raw' in value && typeof value.raw === 'string') return { raw: value.raw };
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    return { fields: entries.map(([key, part]) => [key, treeOf(part)]) };
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** Returns a copy that shares nothing with the tree, because mutations change it. */
export function copy(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map(copy);
  return isFields(tree) ? { fields: tree.fields.map(([key, value]) => [key, copy(value)]) } : tree;
}

/** Returns every place in a tree, from the outside in. */
export function slotsOf(tree: Tree): Slot[] {
  const slots: Slot[] = [];
  const walk = (value: Tree): void => {
    const holder = Array.isArray(value) || isFields(value) ? value : undefined;
    if (holder === undefined) return;
    const length = Array.isArray(holder) ? holder.length : holder.fields.length;
    for (let index = 0; index < length; index += 1) {
      slots.push({ holder, index });
      walk(read({ holder, index }));
    }
  };
  walk(tree);
  return slots;
}

export function read({ holder, index }: Slot): Tree {
  return (Array.isArray(holder) ? holder[index] : holder.fields[index]?.[1]) ?? null;
}

export function write({ holder, index }: Slot, value: Tree): void {
  if (Array.isArray(holder)) holder[index] = value;
  else if (holder.fields[index] !== undefined) holder.fields[index][1] = value;
}

/**
 * Returns the text of a tree. With `escaped`, every character of every key is an escape, which
 * means the same.
 */
export function textOf(tree: Tree, escaped = false): string {
  if (Array.isArray(tree)) return `[${tree.map((part) => textOf(part, escaped)).join(',')}]`;
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if ('raw' in tree) return tree.raw;
  const key = (name: string): string =>
    escaped ? `"${[...units(name)].map(escapeOf).join('')}"` : JSON.stringify(name);
  return `{${tree.fields.map(([name, value]) => `${key(name)}:${textOf(value, escaped)}`).join(',')}}`;
}

function* units(text: string): Generator<number> {
  for (let index = 0; index < text.length; index += 1) yield text.charCodeAt(index);
}

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
