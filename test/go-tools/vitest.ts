import { describe, it } from 'vitest';
import { isContinuousIntegration } from '../continuous-integration.ts';
import { findTool } from './tool.ts';
import type { ToolName } from './tools.ts';

/**
 * `describe` with a tool. The file waits for the first build while it is collected, which has no
 * time limit. Without the tool, the tests are skipped and the reason is printed; with CI=true they
 * fail.
 */
export async function describeWithTool(name: ToolName, title: string, body: (file: string) => void): Promise<void> {
  await describeWithTools([name], title, ([file = '']) => body(file));
}

/** The same with several tools, whose files the body gets in their order. */
export async function describeWithTools(
  names: readonly ToolName[],
  title: string,
  body: (files: readonly string[]) => void,
): Promise<void> {
  const files: string[] = [];
  const missed: { readonly name: ToolName; readonly why: string }[] = [];
  for (const name of names) {
    const found = await findTool(name);
    if (found.ok) files.push(found.file);
    else missed.push({ name, why: `${found.reason}. Remedy: ${found.remedy}` });
  }
  if (missed.length === 0) describe(title, () => body(files));
  else if (isContinuousIntegration())
    describe(title, () => {
      it.each(missed)('has $name to run', ({ why }) => {
        throw new Error(why);
      });
    });
  else {
    for (const { name, why } of missed) process.stderr.write(`skipped: ${title}: no ${name}: ${why}.\n`);
    describe.skip(title, () => body(names.map(() => '')));
  }
}
