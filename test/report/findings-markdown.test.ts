import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/report/findings-markdown.ts';
import { brokenFiles, reportOf } from './sample.ts';

describe('the report in Markdown', () => {
  it('says first what was counted, then what cannot be read, then the findings and the notes', async () => {
    const text = reportMarkdown(
      await reportOf(undefined, { problems: brokenFiles, notes: ['a *base* changes labels'] }),
    );
    expect(text.split('\n')).toEqual([
      '### ringfence check',
      '',
      '5 objects judged (1 exempt), 1 would be refused: 2 findings, 1 warning, 3 not decided, 2 problems; not judged: 1 v1 Service.',
      '',
      '#### Not read',
      '',
      String.raw`- bad.yaml:3:7: not YAML: a "quote" \& \<tag\>`,
      '- gone.yaml: there is no such file or folder',
      '',
      '|  | object | finding | check | place |',
      '| --- | --- | --- | --- | --- |',
      '| ⛔ refused | `Pod shop/web` | `env "p<r>&d\\u0007\\u000a::x" is not one of prod, staging, dev` | `label-values` | `k8s/a b.yaml:13:5` |',
      '| ⛔ refused | `Pod shop/web` | `team missing; namespace shop says team=shop` | `required-labels` | `k8s/a b.yaml:12:3` |',
      expect.stringMatching(/^\| ⚠️ warning \| `NetworkPolicy shop\/twice` \| `spec has no effect: /),
      ...['22:12', '22:23', '22:34'].map((place) =>
        expect.stringMatching(
          new RegExp(`^\\| ❔ not decided \\| \`Pod nowhere/lost\` .* \`k8s/a b\\.yaml:${place}\` \\|$`),
        ),
      ),
      '',
      '#### Notes',
      '',
      String.raw`- a \*base\* changes labels`,
      '',
    ]);
    expect(reportMarkdown(await reportOf(''))).toBe('### ringfence check\n\nno object judged.\n');
  });

  it('fits into a comment, the gravest first, and counts what is left out', async () => {
    const report = await reportOf();
    const objects = Array.from({ length: 500 }, () => report.objects.map((object) => ({ ...object }))).flat();
    const text = reportMarkdown({ ...report, objects, notes: Array.from({ length: 500 }, () => 'y'.repeat(3_000)) });
    expect(text.length).toBeLessThan(60_001);
    const rows = text.match(/^\| [⛔⚠❔]/gmu)?.length ?? 0;
    expect(rows).toBeGreaterThan(200);
    expect(text.match(/^\| ⛔/gmu)).toHaveLength(rows);
    expect(text).toContain(`**${3_000 - rows} more lines are left out.**`);
    expect(text).toMatch(/^- and \d+ more, on standard error$/m);
  });
});
