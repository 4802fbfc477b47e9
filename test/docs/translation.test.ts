// The Chinese pages say what the English ones say, as far as a machine can tell: the same headings,
// commands, names, figures and links, section by section.
import { describe, expect, it } from 'vitest';
import { type Page, readPage, targetOf } from './page.ts';

const pairs = [
  { english: 'README.md', chinese: 'README.zh.md' },
  { english: 'docs/rollout.md', chinese: 'docs/zh/rollout.md' },
];
/** A link to a page that is translated leads to the translation, and is the same link. */
const originals = new Map(pairs.map(({ english, chinese }) => [chinese, english]));

interface Section {
  readonly level: number;
  readonly code: readonly string[];
  readonly figures: readonly string[];
  readonly links: readonly string[];
  readonly rows: number;
  readonly items: number;
}

/** The parts of a page from heading to heading, each with what a translation must keep. */
function sectionsOf(path: string, { text }: Page): readonly Section[] {
  const outside = text.replaceAll(/^```.*?^```$/gms, '');
  return outside.split(/^(?=#{1,6} )/m).map((section) => {
    // The page in the other language is the first link, and no part of the text.
    const body = section.replace(/^\[(?:中文|English)\]\([^)]+\)$/m, '');
    const prose = body.replaceAll(/`[^`\n]*`/g, ' ').replaceAll(/\]\([^)]*\)/g, '] ');
    return {
      level: /^#*/.exec(section)?.[0].length ?? 0,
      code: inOrder(new Set([...body.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code))),
      figures: inOrder([...prose.matchAll(/\d+(?:\.\d+)*/g)].map(([figure]) => figure)),
      links: inOrder([...body.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => originalOf(path, link))),
      rows: body.match(/^\|/gm)?.length ?? 0,
      items: body.match(/^(?:-|\d+\.) /gm)?.length ?? 0,
    };
  });
}

/** Two languages have a different order of words. */
function inOrder(texts: Iterable<string>): readonly string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : 1));
}

function originalOf(page: string, link: string): string {
  if (link.includes('://')) return link;
  const { path, anchor = '' } = targetOf(page, link);
  return `${originals.get(path) ?? path}#${anchor}`;
}

describe.each(pairs)('$chinese', ({ english, chinese }) => {
  const [original, translation] = [readPage(english), readPage(chinese)];

  it('has the blocks of the English page, word by word', () => {
    const blocksOf = (page: Page) => page.blocks.map(({ language, text }) => [language, text]);
    expect(blocksOf(translation)).toEqual(blocksOf(original));
  });

  it('has the headings, names, figures, links, rows and items of the English page in each section', () => {
    expect(sectionsOf(chinese, translation)).toEqual(sectionsOf(english, original));
  });

  it('is Chinese, and each leads to the other', () => {
    const { headings } = translation;
    expect(headings.slice(1).filter(({ text }) => !/\p{Script=Han}/u.test(text))).toEqual([]);
    const linked = (path: string, text: string) =>
      [...text.matchAll(/^\[(?:中文|English)\]\(([^)]+)\)$/gm)].map(([, link = '']) => targetOf(path, link).path);
    expect([linked(english, original.text), linked(chinese, translation.text)]).toEqual([[chinese], [english]]);
  });

  it('has no half-width comma, colon or bracket between Chinese characters', () => {
    const wrong = [...translation.prose.matchAll(/\p{Script=Han}[,;:?!()]\p{Script=Han}/gu)].map(([text]) => text);
    expect(wrong).toEqual([]);
  });
});
