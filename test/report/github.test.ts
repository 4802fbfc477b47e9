import { describe, expect, it } from 'vitest';
import { reportGithub } from '../../src/report/github.ts';
import { brokenFiles, reportOf } from './sample.ts';

describe('the GitHub report', () => {
  it('has a workflow command for each finding and problem, at its line, and ends with the summary', async () => {
    const lines = reportGithub(await reportOf(undefined, { problems: brokenFiles, file: 'a,b:%.yaml' })).split('\n');
    expect(lines[0]).toBe(
      '::error file=a%2Cb%3A%25.yaml,line=13,col=5,title=label-values::Pod shop/web: env "p<r>&d\\u0007\\u000a::x" is not one of prod, staging, dev',
    );
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      '::error',
      '::error',
      '::notice',
      '::notice',
      '::notice',
      '::warning',
      '::error',
      '::error',
      '5',
      '',
    ]);
    expect(lines.slice(6, 8)).toEqual([
      '::error file=bad.yaml,line=3,col=7::not YAML: a "quote" & <tag>',
      '::error file=gone.yaml::there is no such file or folder',
    ]);
  });

  it('warns of what cannot be read if that is ignored, and has the notes', async () => {
    const notes = ['the base changes labels'];
    const report = reportGithub(await reportOf('', { problems: brokenFiles, ignoreUnreadable: true, notes }));
    expect(report.split('\n').slice(1, 3)).toEqual([
      '::warning file=gone.yaml::there is no such file or folder',
      '::notice::the base changes labels',
    ]);
  });

  it('makes errors of what fails under --strict', async () => {
    const report = reportGithub(await reportOf(undefined, { strict: true }));
    expect(report.match(/^::error /gm)).toHaveLength(6);
  });
});
