import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findArticle } from './blocks.ts';
import { type Judged, judgeArticle } from './verdicts.ts';

const article = findArticle();
const page = 'docs/article.md';
const reason = article === undefined ? ' (skipped: the article is not at hand; RINGFENCE_SHARED names its folder)' : '';
if (article === undefined) process.stderr.write(`test/article${reason}\n`);

/** Returns the page with these verdicts in its two columns. It must have a row for each block. */
function fill(text: string, judged: readonly Judged[]): string {
  const rows = judged.map(({ verbatim, repaired }, index) => ({ start: `| ${index + 1} |`, verbatim, repaired }));
  return text
    .split('\n')
    .map((line) => {
      const row = rows.find(({ start }) => line.startsWith(start));
      if (row === undefined) return line;
      const [first, block, where, , , ...rest] = line.split('|');
      return [first, block, where, ` ${row.verbatim} `, ` ${row.repaired} `, ...rest].join('|');
    })
    .join('\n');
}

describe.skipIf(article === undefined)(`the article${reason}`, async () => {
  const judged = article === undefined ? [] : await judgeArticle(article);

  it('has a verdict for each of its YAML blocks, and the page has it', async () => {
    const text = readFileSync(page, 'utf8');
    expect(text.match(/^\| \d+ \|/gm)).toHaveLength(judged.length);
    await expect(fill(text, judged)).toMatchFileSnapshot(`../../${page}`);
  });

  it.each([
    [
      'under a reserved name with another specification is told to take another name',
      4,
      /Give your NetworkPolicy another name/,
    ],
    [
      'without labels is told which its namespace has',
      6,
      /Fix, under metadata\.labels:\n {2}env: prod\n {2}tier: api\n {2}team: platform/,
    ],
    ['that may cross environments is told what to add', 7, /add env: prod to its namespaceSelector/],
  ])('a block %s', (_, number, expected) => {
    expect(judged[number - 1]?.verdicts.verbatim?.message).toMatch(expected);
  });

  it('reads otherwise where nothing is fenced, in the blocks whose egress needs DNS', async () => {
    const unfenced = article === undefined ? [] : await judgeArticle(article, false);
    const changed = judged.flatMap(({ repaired }, index) =>
      unfenced[index]?.repaired === repaired ? [] : [index + 1],
    );
    expect(changed).toEqual([2, 4, 7, 8, 10]);
  });
});

describe('the page on the article', () => {
  it('copies no object of it', () => {
    expect(readFileSync(page, 'utf8')).not.toMatch(/```|apiVersion|matchLabels/);
  });
});
