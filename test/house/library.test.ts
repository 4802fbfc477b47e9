import { describe, expect, it } from 'vitest';
import { codeOf, loadedBy } from './sources.ts';

describe('the library', () => {
  it('begins without the client, the servers, the log, the schemas and the command line', () => {
    const files = loadedBy('src/library/library.ts');
    expect(files.length).toBeGreaterThan(100);
    const heavy = [
      '@kubernetes/client-node',
      'undici',
      'fastify',
      'ajv',
      'pino',
      'commander',
      'node:process',
      'node:fs',
    ];
    expect(files.filter(({ packages }) => packages.some((one) => heavy.includes(one))).map(({ path }) => path)).toEqual(
      [],
    );
    expect(
      files
        .filter(({ text }) => /\b(?:process\.|setFlagsFromString|console\.)/.test(codeOf(text)))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});
