import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { releaseNotes, versionOf } from '../../scripts/release-notes.ts';

const changelog = `# Changelog

The format is that of Keep a Changelog.

## Unreleased

### Added

- Something new.

## [0.2.0] - 2027-01-31

### Added

- \`ringfence\` does more.

### Fixed

- Less is broken.

## 0.1.0

### Added

- The gate.

## 0.0.1 - 2026-01-01
`;

describe('the notes of a release', () => {
  it('are the section of its version, without the heading', () => {
    expect(releaseNotes(changelog, '0.2.0')).toBe(
      '### Added\n\n- `ringfence` does more.\n\n### Fixed\n\n- Less is broken.\n',
    );
    expect(releaseNotes(changelog, '0.1.0')).toBe('### Added\n\n- The gate.\n');
  });

  it('are not made of nothing, of the next release, or of a part of a version', () => {
    expect(() => releaseNotes(changelog, '0.0.1')).toThrow('CHANGELOG.md: the section of 0.0.1 has no entry');
    for (const version of ['0.2', '2.0', '0.2.0-rc.1'])
      expect(() => releaseNotes(changelog, version)).toThrow(
        `CHANGELOG.md: there is no section "## ${version} - DATE"; its sections are Unreleased, [0.2.0] - 2027-01-31, 0.1.0, 0.0.1 - 2026-01-01`,
      );
  });

  it('can be made of CHANGELOG.md when it gets a version', () => {
    const text = readFileSync('CHANGELOG.md', 'utf8').replace('## Unreleased', '## 9.9.9 - 2027-01-31');
    expect(releaseNotes(text, '9.9.9')).toMatch(/^### Added\n\n- /);
  });

  it('need a tag that names the version of the package', () => {
    expect(versionOf('v0.2.0', '{"version": "0.2.0"}')).toBe('0.2.0');
    expect(() => versionOf('v0.2.1', '{"version": "0.2.0"}')).toThrow(
      'the tag is v0.2.1, and package.json has the version 0.2.0',
    );
  });

  it('say what is wrong in one line, and end with 1', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release-notes.ts', 'v9.9.9'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^the tag is v9\.9\.9, and package\.json has the version \S+\n$/);
  });
});
