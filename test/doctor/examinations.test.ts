import { describe, expect, it } from 'vitest';
import { examinations, examine } from '../../src/doctor/examinations.ts';
import type { FactName } from '../../src/doctor/facts.ts';
import { rows } from './rows.ts';
import { factsOf, linesOf, unread } from './scene.ts';

describe('the examinations', () => {
  it('find nothing wrong in a cluster in which everything is as it should be', () => {
    expect(examine(factsOf()).filter(({ status }) => status !== 'clean')).toEqual([]);
  });

  it('have ids of their own, and each answers with its own', () => {
    expect(new Set(examinations.map(({ id }) => id)).size).toBe(examinations.length);
    for (const { id } of examinations)
      expect(new Set(linesOf(id).map((line) => line.examination))).toEqual(new Set([id]));
  });

  it.each(examinations.map(({ id }) => id))('%s is shown with a finding and in order', (id) => {
    const shown = rows
      .filter(([examined]) => examined === id)
      .flatMap(([, , , lines]) => lines.map(([status]) => status));
    expect(shown).toContain('finding');
    expect(linesOf(id).map(({ status }) => status)).toContain('clean');
  });

  it.each(examinations.flatMap(({ id, needs }) => needs.map((name) => [id, name] as const)))(
    '%s without %s is not decided, and names what is missing',
    (id, name: FactName) => {
      expect(linesOf(id, { unread: [name] })).toEqual([
        expect.objectContaining({
          examination: id,
          status: 'undecided',
          found: `not decided: ${unread.problem}`,
          remedy: unread.remedy,
        }),
      ]);
    },
  );

  it.each(rows)('%s: %s', (id, _, change, expected) => {
    const lines = linesOf(id, change);
    expect(lines.map(({ status, found }) => [status, found])).toEqual(
      expected.map(([status, found]) => [status, typeof found === 'string' ? found : expect.stringMatching(found)]),
    );
    for (const { status, looked, means, remedy } of lines) {
      expect(looked).not.toBe('');
      expect(means === '').toBe(status === 'clean');
      if (status === 'finding' || status === 'undecided') expect(remedy).toMatch(/\S/);
    }
  });
});
