import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openOutput } from '../../src/telemetry/output.ts';

function capture(fail = false) {
  const writes: string[] = [];
  const output = openOutput({
    write(text) {
      if (fail) throw new Error('ENOSPC: no space left on device');
      writes.push(text);
    },
  });
  return { output, writes };
}

describe('the output of the log', () => {
  it('writes the lines of one turn at once, in their order', async () => {
    const { output, writes } = capture();
    for (const line of ['a\n', 'b\n', 'c\n']) output.write(line);
    expect(writes).toEqual([]);
    await output.written();
    expect(writes).toEqual(['a\nb\nc\n']);
  });

  it('has whoever answers wait until the line is written, and nobody where nothing is left', async () => {
    const { output, writes } = capture();
    expect(output.written()).toBeUndefined();
    output.write('a\n');
    let isTold = false;
    const told = output.written()?.then(() => {
      isTold = true;
    });
    await Promise.resolve();
    expect({ isTold, writes }).toEqual({ isTold: false, writes: [] });
    await told;
    expect({ isTold, writes }).toEqual({ isTold: true, writes: ['a\n'] });
    expect(output.written()).toBeUndefined();
  });

  it('begins anew with the next turn', async () => {
    const { output, writes } = capture();
    output.write('a\n');
    await nextTurn();
    output.write('b\n');
    await output.written();
    expect(writes).toEqual(['a\n', 'b\n']);
  });

  it('lets the answers go where nothing can be written any more', async () => {
    const { output } = capture(true);
    output.write('a\n');
    await expect(output.written()).resolves.toBeUndefined();
  });

  it('writes what is left as the process ends', () => {
    const { output, writes } = capture();
    output.write('last words\n');
    process.emit('exit', 0);
    expect(writes).toEqual(['last words\n']);
  });
});
