import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';

const folder = 'schemas';

it.each(readdirSync(folder))('every pattern of %s is one of RE2, so that Go can read it', (file) => {
  const patterns = patternsIn(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  for (const pattern of patterns) expect(() => RE2JS.compile(pattern), pattern).not.toThrow();
  if (file === 'config.schema.json') expect(patterns.length).toBeGreaterThan(10);
});

/** Every value of `pattern`, and every key of `patternProperties`, of a JSON Schema. */
function patternsIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => [
    ...(key === 'pattern' && typeof value === 'string' ? [value] : []),
    ...(key === 'patternProperties' ? Object.keys(value as object) : []),
    ...patternsIn(value),
  ]);
}
