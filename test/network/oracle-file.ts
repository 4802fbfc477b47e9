// Verdicts of third parties, which lie beside a checkout and not in it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * Reads a file of verdicts, a JSON value on each line. If it is not there, says so on standard
 * error and returns an empty list, with which the tests are to be skipped.
 */
export function readOracle<T>(name: string): readonly T[] {
  const file = join(process.env['RINGFENCE_SHARED'] ?? '../shared', 'oracles', name);
  if (!existsSync(file)) {
    console.warn(`skipped: the verdicts are not at ${file} (RINGFENCE_SHARED says where they are)`);
    return [];
  }
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}
