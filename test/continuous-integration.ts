import process from 'node:process';
import { describe, it } from 'vitest';

/** Whether the tests run in continuous integration, where a missing tool is a failure: CI=true. */
export function isContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '');
}

/**
 * `describe` with something that must be fetched first. The file waits for it while it is
 * collected, which has no time limit. If `prepare` throws, the tests are skipped and the reason is
 * printed; with CI=true they fail.
 */
export async function describePrepared<T>(
  title: string,
  prepare: () => Promise<T>,
  remedy: string,
  body: (prepared: T) => void,
): Promise<void> {
  try {
    const prepared = await prepare();
    describe(title, () => body(prepared));
  } catch (error) {
    const reason = `${title}: ${error instanceof Error ? error.message : String(error)}`;
    const what = 'has what it needs';
    if (isContinuousIntegration())
      describe(title, () => {
        it(what, () => {
          throw new Error(`${reason}. Remedy: ${remedy}`);
        });
      });
    else {
      process.stderr.write(`skipped: ${reason}\n`);
      describe.skip(title, () => {
        it(what, () => undefined);
      });
    }
  }
}
