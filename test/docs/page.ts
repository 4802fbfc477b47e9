// The Markdown pages of the repository, taken apart: headings, anchors, links and code blocks.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The root of the repository, without a slash at its end. */
export const root = join(import.meta.dirname, '..', '..');

/** Every Markdown file of the repository, by its path from the root, in alphabetical order. */
export const pages: readonly string[] = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => /(?:^|\/)(?:node_modules|dist|\.git)(?:\/|$)/.test(path),
}).sort();

export interface Block {
  /** The word after the backticks; empty if there is none. */
  readonly language: string;
  readonly text: string;
  /** The number of the line with the backticks, counted from one. */
  readonly line: number;
  /** The text between this block and the one before it. */
  readonly before: string;
}

export interface Heading {
  /** One to six. */
  readonly level: number;
  readonly text: string;
}

/** A page as it is read: prose has no blocks, and its code in backticks is gone too. */
export interface Page {
  readonly text: string;
  readonly prose: string;
  readonly headings: readonly Heading[];
  readonly blocks: readonly Block[];
}

export function readPage(path: string): Page {
  return parsePage(readFileSync(join(root, path), 'utf8'));
}

/** Takes a page apart. Blocks are fenced by three backticks, which is the house's way. */
export function parsePage(text: string): Page {
  const blocks: Block[] = [];
  let end = 0;
  let outside = '';
  for (const match of text.matchAll(/^( *)```([^\n`]*)\n(.*?)^\1```$/gms)) {
    const [whole, indent = '', language = '', body = ''] = match;
    const before = text.slice(end, match.index);
    const line = text.slice(0, match.index).split('\n').length;
    const unindented = indent === '' ? body : body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    blocks.push({ language: language.trim(), text: unindented, line, before });
    outside += before;
    end = match.index + whole.length;
  }
  outside += text.slice(end);
  const headings = [...outside.matchAll(/^(#{1,6}) (.+)$/gm)].map(([, marks = '', heading = '']) => ({
    level: marks.length,
    text: heading.trim(),
  }));
  return { text, prose: outside.replaceAll(/`[^`\n]*`/g, ''), headings, blocks };
}

/** The anchors that GitHub gives to the headings. An equal one gets a number: `-1`, `-2`. */
export function anchorsOf(headings: readonly Heading[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text } of headings) {
    const slug = text
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Every target that the prose leads to: links, definitions of links, pictures and HTML. */
export function linksOf({ prose }: Page): readonly string[] {
  const forms = [/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g, /^ *\[[^\]]+\]: +(\S+)/gm, /\b(?:href|src|srcset)="([^"]+)"/g];
  return forms.flatMap((form) => [...prose.matchAll(form)].map(([, link = '']) => link));
}

/** What a link of the page means: the path from the root, and the anchor. */
export function targetOf(page: string, link: string): { readonly path: string; readonly anchor: string | undefined } {
  const [path = '', anchor] = link.split('#');
  return { path: path === '' ? page : relative(root, join(root, dirname(page), path)), anchor };
}
