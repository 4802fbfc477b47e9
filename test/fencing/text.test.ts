import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/fencing/ports.ts';
import type { Report } from '../../src/fencing/report.ts';
import { formatIntent, formatSteps } from '../../src/fencing/text.ts';

const steps: readonly Step[] = [
  { action: 'unmark', kind: 'Namespace', name: 'shop', detail: 'ringfence.dev/fence' },
  { action: 'delete', kind: 'NetworkPolicy', namespace: 'shop', name: 'deny-all-baseline' },
  { action: 'leave', kind: 'NetworkPolicy', namespace: 'shop', name: 'allow-dns-egress', detail: 'flux manages it' },
];
const report: Report = { command: 'unfence', namespace: 'shop', outcome: 'done', dryRun: false, steps, messages: [] };

describe('the text of a command', () => {
  it('says what was done', () => {
    expect(formatSteps(report)).toBe(
      [
        '  unmarked  Namespace shop: ringfence.dev/fence',
        '  deleted   NetworkPolicy shop/deny-all-baseline',
        '  stays     NetworkPolicy shop/allow-dns-egress: flux manages it',
        '',
      ].join('\n'),
    );
    expect(formatSteps({ ...report, steps: [] })).toBe('');
  });

  it('says what is to be done, before it is and by a dry run', () => {
    const rows = [
      '  unmark  Namespace shop: ringfence.dev/fence',
      '  delete  NetworkPolicy shop/deny-all-baseline',
      '  leave   NetworkPolicy shop/allow-dns-egress: flux manages it',
    ];
    expect(formatIntent({ title: 'unfence namespace shop', steps, cautions: ['Mind the gap.'] })).toBe(
      ['To unfence namespace shop:', ...rows, 'Mind the gap.'].join('\n'),
    );
    expect(formatSteps({ ...report, dryRun: true })).toBe(
      ['dry run, nothing was written; to be done:', ...rows, ''].join('\n'),
    );
  });

  it('counts what does not fit on a screen', () => {
    const many = Array.from(
      { length: 1_000 },
      (_, index): Step => ({ action: 'unmark', kind: 'Namespace', name: `n${index}` }),
    );
    const lines = formatSteps({ ...report, steps: [...many, ...steps.slice(1)] }).split('\n');
    expect(lines).toHaveLength(24);
    expect(lines[20]).toBe('            and 980 more Namespace objects');
  });
});
