import { describe, expect, it } from 'vitest';
import { describeProgress, findGoProblem, judgeGo, parseGoVersion } from './build.ts';

describe('the Go version', () => {
  it.each([
    ['go version go1.26.8 linux/amd64', [1, 26]],
    ['go version go1.27rc1 darwin/arm64', [1, 27]],
    ['go version devel +abcdef linux/amd64', undefined],
    ['', undefined],
  ])('of "%s" is %o', (output, version) => {
    expect(parseGoVersion(output)).toEqual(version);
  });

  it.each([
    [[1, 26], 'local', 'builds'],
    [[2, 0], 'local', 'builds'],
    [[1, 21], 'auto', 'fetches'],
    [[1, 25], 'local', 'too old'],
    [[1, 25], 'path', 'too old'],
    [[1, 20], 'auto', 'too old'],
    [undefined, 'auto', 'too old'],
  ] as const)('%o with GOTOOLCHAIN=%s: %s', (version, toolchain, verdict) => {
    expect(judgeGo(version, toolchain)).toBe(verdict);
  });

  it('is asked for in one sentence where there is no Go', () => {
    expect(findGoProblem({ PATH: '/nonexistent' })).toBe('Go 1.26 or later is not installed');
  });
});

describe('progress', () => {
  it('counts modules until the first package, then packages', () => {
    const downloads = 'go: downloading a v1.0.0\ngo: downloading b v1.0.0\n';
    expect(describeProgress(downloads, 61_000, 9)).toBe('1 min 1 s: 2 modules downloaded so far');
    expect(describeProgress(`${downloads}internal/cpu\nk8s.io/api/core/v1\n`, 125_000, 9)).toMatch(
      /^2 min 5 s: 2 of at most 9 packages compiled/,
    );
  });
});
