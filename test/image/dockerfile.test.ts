import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDockerfile } from './dockerfile.ts';

const stages = readDockerfile(readFileSync('Dockerfile', 'utf8'));

describe('the Dockerfile', () => {
  it('builds once, on the platform of the builder, for all platforms', () => {
    expect(stages.map(({ name, platform }) => ({ name, platform }))).toEqual([
      { name: 'build', platform: '$BUILDPLATFORM' },
      { name: '', platform: undefined },
    ]);
  });

  it('only copies in its last stage, so that another platform needs no emulation', () => {
    expect(stages.at(-1)?.steps.map(({ keyword }) => keyword)).not.toContain('RUN');
  });

  it('copies nothing that is for one platform', () => {
    const copied = stages.at(-1)?.steps.filter(({ keyword }) => keyword === 'COPY');
    expect(copied?.flatMap(({ text }) => text.split(' ').slice(0, -1))).toEqual([
      'LICENSE',
      'package.json',
      '--from=build',
      '/ringfence/dist/*.mjs',
      '/ringfence/dist/THIRD-PARTY-LICENSES.txt',
      '/ringfence/dist/sbom.cdx.json',
    ]);
  });

  it('is read with its comments, its long lines and its arguments', () => {
    const text =
      '# c\nARG BASE=base:1\nFROM $' + '{BASE} AS one\n# RUN no\nLABEL a="b" \\\n      c="d"\nFROM one\nCMD ["x"]\n';
    expect(readDockerfile(text)).toEqual([
      { name: 'one', base: 'base:1', platform: undefined, steps: [{ keyword: 'LABEL', text: 'a="b" c="d"' }] },
      { name: '', base: 'one', platform: undefined, steps: [{ keyword: 'CMD', text: '["x"]' }] },
    ]);
    expect(() => readDockerfile('RUN x\n')).toThrow('before the first stage: RUN x');
  });
});
