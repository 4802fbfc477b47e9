import { globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runTool } from './tool.ts';
import { describeWithTool } from './vitest.ts';

await describeWithTool('actionlint', 'actionlint', (file) => {
  it('finds nothing in the workflows', () => {
    const workflows = globSync('.github/workflows/*.yml');
    expect(workflows.length).toBeGreaterThan(1);
    expect(runTool(file, ['-no-color', ...workflows])).toMatchObject({ exitCode: 0, output: '' });
  });
});
