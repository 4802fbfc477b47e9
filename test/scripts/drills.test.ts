import { expect, it } from 'vitest';
import { renderOutcomes, renderRecords } from '../drills/report.ts';

it('the tables have a row for each drill and each mutation', () => {
  const drill = { part: 'certificates', drill: 'a | b', writes: 20, failed: 0, wrong: 0, recoveryMs: 1234 } as const;
  expect(renderRecords([drill])).toBe(
    [
      '#### Certificates',
      '',
      '| drill | writes | failed | wrongly admitted | as before after | remarks |',
      '|---|---|---|---|---|---|',
      '| a \\| b | 20 | 0 | 0 | 1.2 s |  |',
    ].join('\n'),
  );
  const outcome = { name: 'dropped', files: ['src/a/b.ts'], drill: 'x.test.ts', failure: undefined };
  const page =
    '| kept | `c.ts` | `y.test.ts` | it says |\n| gone | `d.ts` | `z.test.ts` | it said |\n| dropped | as it was |';
  expect(renderOutcomes([outcome], ['dropped', 'kept'], page).split('\n').slice(2)).toEqual([
    '| dropped | `a/b.ts` | `x.test.ts` | nothing |',
    '| kept | `c.ts` | `y.test.ts` | it says |',
  ]);
});
