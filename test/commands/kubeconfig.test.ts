import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStage, type Stage } from './stage.ts';

let run: Stage['run'];
beforeEach(async () => {
  ({ run } = await openStage());
});
afterEach(() => vi.restoreAllMocks());

const commands: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['baseline', ['baseline', 'shop']],
  ['doctor', ['doctor']],
  ['fence', ['fence', 'bank', '--yes', '--dry-run']],
  ['unfence', ['unfence', 'shop', '--yes', '--dry-run']],
  ['uninstall', ['uninstall', '--yes', '--dry-run']],
];

describe.each(commands)('ringfence %s', (_, args) => {
  it('takes a context, and refuses an unknown one with the names of those that exist', async () => {
    expect(await run([...args, '--context', 'prod'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^\S+\/kubeconfig: has no context "prod"; its contexts are test\n$/),
    });
    expect((await run([...args, '--context', 'test'])).stderr).not.toContain('context');
  });
});

describe('the namespace', () => {
  it('may be named with -n', async () => {
    const { stdout, code } = await run(['baseline', '-n', 'shop']);
    expect([code, stdout]).toEqual([0, (await run(['baseline', 'shop'])).stdout]);
    expect((await run(['fence', '--yes', '--dry-run', '-n', 'bank'])).code).toBe(0);
    expect((await run(['unfence', '--yes', '--dry-run', '-n', 'shop'])).code).toBe(0);
  });

  it('must be named once', async () => {
    expect(await run(['unfence', '--yes'])).toMatchObject({
      code: 2,
      stderr: 'name the namespace, as the argument or with -n\n',
    });
    expect((await run(['fence', '--yes', 'bank', '-n', 'shop'])).code).toBe(2);
  });
});
