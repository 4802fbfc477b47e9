import { describe, expect, it } from 'vitest';
import { portRange } from '../../src/network/port-set.ts';
import type { Change, ChangeEnd } from '../../src/reach/change.ts';
import { changesMarkdown } from '../../src/reach/change-markdown.ts';
import { changesMermaid } from '../../src/reach/change-mermaid.ts';
import type { Note } from '../../src/reach/note.ts';

const end = (name: string): ChangeEnd => ({ namespace: name.split('/')[0], names: [name], trait: 'one' });
const change = (kind: Change['kind'], from: string, to: string, forbidden?: string): Change => ({
  kind,
  from: end(from),
  to: end(to),
  ports: portRange('TCP', 80, 80),
  ...(forbidden === undefined ? {} : { forbidden: { check: 'flow-matrix', reason: forbidden } }),
});
const few = [
  change('closed', 'shop/web', 'shop/old'),
  change('opened', 'shop/web', 'shop/api'),
  change('opened', 'shop/web', 'shop/db', 'flow-matrix: opens web -> data'),
  change('undefined', 'shop/web', 'shop/agent'),
];
const note = (message: string, overlooked: boolean): Note => ({ id: 'unreadable', message, objects: [], overlooked });
const none = () => [];
/** Ends of different namespaces, so that no table joins them. */
const many = (count: number, forbidden?: string): Change[] =>
  Array.from({ length: count }, (_, index) =>
    change('opened', `from-${index}-${'x'.repeat(200)}/web`, `to-${index}/web-${index}`, forbidden),
  );
const hostile = [
  'a/<img src=x onerror=alert(1)>',
  'a/x|y `z` ``q`` **b**',
  'a/\\|\\`',
  'a/[link](https://e.example) @everyone www.e.example',
  'a/"]; click n0 "javascript:alert(1)"; %%{init: {}}%%',
  'a/line\nbreak\u202Eevil',
  'a/#quot;&lt;b&gt;',
];

describe('-o md', () => {
  it('says first how much is opened and closed, and shows first what is forbidden', () => {
    expect(changesMarkdown(few, () => [note('a plain note', false), note('a <b>grave</b> one by @who', true)])).toBe(`\
### Opens 2, closes 1, 1 without a verdict now

**The rules forbid what the first line opens.**

#### ⛔ Opened, and forbidden by the rules

| from | to | ports | rule |
| --- | --- | --- | --- |
| \`shop/web\` | \`shop/db\` | \`TCP/80\` | \`flow-matrix: opens web -> data\` |

#### Opened

| from | to | ports |
| --- | --- | --- |
| \`shop/web\` | \`shop/api\` | \`TCP/80\` |

#### Without a verdict now

| from | to | ports |
| --- | --- | --- |
| \`shop/web\` | \`shop/agent\` | \`TCP/80\` |

#### Closed

| from | to | ports |
| --- | --- | --- |
| \`shop/web\` | \`shop/old\` | \`TCP/80\` |

#### Notes

- overlooked: a \\<b\\>grave\\</b\\> one by @\u2060who
- a plain note
`);
    expect(changesMarkdown([], none)).toBe('### Opens and closes nothing: the same flows are open\n');
  });

  it('fits into a comment, and counts what is left out', () => {
    const text = changesMarkdown([...many(1_000), ...many(300, 'flow-matrix: opens web -> data')], () =>
      Array.from({ length: 100 }, (_, index) => note(`note ${index} ${'y'.repeat(3_000)}`, false)),
    );
    expect(text.length).toBeLessThan(60_001);
    const shown = text.split('\n').filter((line) => line.includes('/web-')).length;
    const [, left, forbidden] = /^\*\*(\d+) more lines are left out, (\d+) of them forbidden\.\*\*/m.exec(text) ?? [];
    expect(shown + Number(left)).toBe(1_300);
    expect(Number(forbidden)).toBe(300 - shown);
    expect(text).toContain('- and 80 more, on standard error');
  });

  it('shows names as text: no markup, no link, no mention, no other cell', () => {
    for (const name of hostile) {
      const text = changesMarkdown([change('opened', name, 'b/c', name)], () => [note(name, false)]);
      const row = text.split('\n').find((line) => line.includes('b/c')) ?? '';
      // The fence of a code span is a run of backquotes of one length.
      const cells = [...row.matchAll(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g)].map(([all]) => all);
      expect(cells).toHaveLength(4);
      expect(
        row
          .split(' | ')
          .join('')
          .replaceAll(/^\| | \|$/g, ''),
      ).toBe(cells.join(''));
      expect(cells.join('')).not.toMatch(/[|\u202E]/);
      const said = text.slice(text.indexOf('#### Notes'));
      expect(said).not.toMatch(/(?<!\\)[<>[\]`*|]|@(?!\u2060)|:\/\/|www\.|^(?![-#]|$)/m);
    }
  });
});

describe('-o mermaid', () => {
  it('draws what is forbidden thick and red, and what is closed dashed', () => {
    expect(changesMermaid(few, () => [note('one "note"', true)])).toBe(`\
---
title: "Opens 2, closes 1, 1 without a verdict now"
---
flowchart LR
  subgraph s0["shop"]
    n0["shop/web"]
    n1["shop/db"]
    n2["shop/api"]
    n3["shop/agent"]
    n4["shop/old"]
  end
  n0 ==>|"FORBIDDEN TCP/80"| n1
  n0 -->|"TCP/80"| n2
  n0 -->|"? TCP/80"| n3
  n0 -.->|"closed TCP/80"| n4
  linkStyle 0 stroke:#d1242f,stroke-width:3px
%% note: overlooked: one #34;note#34;
`);
  });

  it('is a chart without arrows if nothing changes', () => {
    expect(changesMermaid([], none)).toBe(
      '---\ntitle: "Opens and closes nothing: the same flows are open"\n---\nflowchart LR\n  none["nothing to draw"]\n',
    );
  });

  it('keeps the limits of Mermaid, and says how many flows it leaves out', () => {
    const short = (count: number): Change[] =>
      Array.from({ length: count }, (_, index) => change('opened', `a/${index}`, `b/${index}`));
    for (const changes of [short(2_000), [...many(1_000), ...many(300, 'no')]]) {
      const text = changesMermaid(changes, none);
      const edges = text.match(/==>|-->/g)?.length ?? 0;
      expect(text.length).toBeLessThan(50_001);
      expect(edges).toBeLessThan(501);
      expect(text).toContain(`left["${changes.length - edges} more flows are left out#59; ringfence diff`);
    }
    // Forbidden flows come first, wherever they stand.
    expect(
      changesMermaid(
        [...short(600), ...short(1).map((one) => ({ ...one, forbidden: { check: 'c', reason: 'r' } }))],
        none,
      ),
    ).toContain('==>');
  });

  it('shows names as text', () => {
    for (const name of hostile) {
      const text = changesMermaid([change('opened', name, 'b/c')], () => [note(name, false)]);
      const labels = [...text.matchAll(/"([^"\n]*)"/g)].map(([, label = '']) => label);
      expect(labels).toHaveLength(6);
      expect(labels.join('')).toMatch(/^(?:[A-Za-z0-9 ./:,()_?…-]|#\d+;)*$/);
      expect(text.split('\n')).toHaveLength(13);
      expect(text).not.toMatch(/%%\{|[<>](?!\|)(?<!-->)/);
    }
  });
});
