// Every link leads to a file and a heading of the repository, and every index is complete.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, pages, parsePage, readPage, root, targetOf } from '../docs/page.ts';

/** Says what is wrong with a link, or nothing. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const { path, anchor } = targetOf(page, link);
  if (path.startsWith('..')) return `${link} leads out of the repository`;
  if (!existsSync(join(root, path))) return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  if (!path.endsWith('.md')) return `${link}: only pages have anchors`;
  return anchorsOf(readPage(path).headings).has(anchor) ? undefined : `${link}: no such heading`;
}

describe('the links', () => {
  it.each(pages)('of %s lead to pages and headings that exist', (page) => {
    const faults = linksOf(readPage(page)).flatMap((link) => faultOf(page, link) ?? []);
    expect(faults).toEqual([]);
  });

  it('that code, manifests and schemas print lead to pages and headings that exist', () => {
    const files = globSync(['{bench,bin,scripts,src,test}/**/*.{ts,mjs}', '{manifests,schemas}/**/*.{yaml,json}'], {
      cwd: root,
    });
    const faults = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g)].flatMap(([link]) => {
        const fault = faultOf('README.md', link);
        return fault === undefined ? [] : [`${file}: ${fault}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('are found in each form, and none in code', () => {
    const page = parsePage('[a](b.md#c) `[no](no.md)`\n```\n[no](no.md)\n```\n<img src="d.svg">\n\n[e]: f.md\n');
    expect(linksOf(page)).toEqual(['b.md#c', 'f.md', 'd.svg']);
  });

  it('know the anchors of equal headings, of code and of other scripts', () => {
    const { headings } = parsePage('# `ringfence x`, [y](z.md)\n## A b\n## A b\n```\n# no\n```\n## 安装与试用\n');
    expect([...anchorsOf(headings)]).toEqual(['ringfence-x-y', 'a-b', 'a-b-1', '安装与试用']);
  });
});

/** A page that lists the others of its folder, and which of them. */
const indexes = [
  { index: 'docs/README.md', lists: (page: string) => /^docs\/(?:zh\/)?[^/]+\.md$|^docs\/adr\/README\.md$/.test(page) },
  { index: 'docs/adr/README.md', lists: (page: string) => /^docs\/adr\/[^/]+\.md$/.test(page) },
];

describe.each(indexes)('$index', ({ index, lists }) => {
  const { text } = readPage(index);
  const lines = text.split('\n').filter((line) => /^(?:- |\| \[)/.test(line));
  const listed = lines.map((line) => targetOf(index, /\]\(([^)]+)\)/.exec(line)?.[1] ?? '').path);

  it('has each page once, in a line of its own', () => {
    expect(listed.filter((page) => dirname(page) !== '.' && lists(page)).sort()).toEqual(
      pages.filter((page) => page !== index && lists(page)),
    );
  });

  it('says of each page in one sentence what is there', () => {
    expect(lines.filter((line) => !/^- \[[^\]]+\]\([^)]+\): .{15,180}[^.]\.$|^\| .* \|$/.test(line))).toEqual([]);
  });
});
