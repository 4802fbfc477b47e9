// A readiness of objects in files, in a cluster that observes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect } from 'vitest';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deployment, namespace, podLabels } from '../admission/scene.ts';
import { type Run, runCommand } from './run.ts';

const schema: object = JSON.parse(
  readFileSync(new URL('../../schemas/readiness.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

export const folder = mkdtempSync(join(tmpdir(), 'readiness-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Writes a file, and returns its path. */
export function put(content: string): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, content);
  return path;
}

export const config = put('apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: observe\n');
export const labels = { env: 'prod', tier: 'api', team: 'shop' };
export const shop = namespace(labels);
export const listOf = (...items: readonly object[]): string =>
  put(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
export const named = (object: object, space: string) => ({
  ...object,
  metadata: { ...(object as { metadata?: object }).metadata, namespace: space },
});
export const right = named(deployment(podLabels), 'shop');

export const run = (...args: readonly string[]): Promise<Run> =>
  runCommand([readinessCommand(readEnvironment({}))], ['readiness', '--config', config, ...args]);

/** Runs it in both formats, which have one exit code. */
export async function judged(
  ...args: readonly string[]
): Promise<{ readonly code: Run['code']; readonly result: unknown; readonly text: string }> {
  const { stdout, stderr, code } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  const text = await run(...args);
  expect(text.code).toBe(code);
  return { code, result, text: text.stdout };
}
