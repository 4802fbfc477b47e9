import { Document, isMap, isScalar, type Node } from 'yaml';
import type { Remark, Rendered } from '../baseline/dialects/rendered.ts';

/**
 * Formats an object as YAML 1.1, which is the version that kubectl reads. There `on` and `1_000`
 * are not strings unless they are quoted. Each remark is a comment above its field.
 */
export function writeCommented({ object, remarks }: Rendered): string {
  const document = new Document(object, { version: '1.1', aliasDuplicateObjects: false });
  for (const remark of remarks) comment(document, remark);
  // The version is for the values. As a directive it would stand before each document.
  return document.toString({ lineWidth: 0, directives: false });
}

function comment(document: Document, { at, text }: Remark): void {
  const parent = document.getIn(at.slice(0, -1), true);
  const last = at.at(-1);
  if (last === undefined) document.commentBefore = wrap(text);
  else if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    if (pair === undefined) throw new TypeError(`no field ${at.join('.')}`);
    (pair.key as Node).commentBefore = wrap(text);
  } else throw new TypeError(`no field ${at.join('.')}`);
}

/** Lines of at most this length, beside the indentation. */
const width = 90;

function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
