import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asCalled, callOf, commandNames } from '../src/invocation.ts';

describe('the way Ringfence was started', () => {
  it.each([
    ['/usr/local/bin/kubectl-ringfence', 'kubectl ringfence'],
    ['/opt/ringfence/bin/kubectl-ringfence.mjs', 'kubectl ringfence'],
    ['/opt/ringfence/bin/ringfence.mjs', 'ringfence'],
    ['/opt/kubectl-ringfence/bin/ringfence', 'ringfence'],
    [undefined, 'ringfence'],
  ])('is read from the name of the program: %s', (path, expected) => {
    expect(callOf(path)).toBe(expected);
  });

  it.each([
    ['To remove the fence: ringfence unfence shop', 'To remove the fence: kubectl ringfence unfence shop'],
    ['helm template . | ringfence check -', 'helm template . | kubectl ringfence check -'],
    ['run `ringfence audit --publish`', 'run `kubectl ringfence audit --publish`'],
    ['kubectl ringfence plan shop', 'kubectl ringfence plan shop'],
    ['the namespace of ringfence checks nothing', 'the namespace of ringfence checks nothing'],
    ['ringfence: there is no cluster', 'ringfence: there is no cluster'],
    ['field manager ringfence, ./ringfence check', 'field manager ringfence, ./ringfence check'],
  ])('is repeated in hints, and nothing else changes: %s', (text, expected) => {
    expect(asCalled(text, 'kubectl ringfence')).toBe(expected);
    expect(asCalled(text, 'ringfence')).toBe(text);
  });

  it('knows every command of the command line', () => {
    const table = readFileSync('src/main.ts', 'utf8').matchAll(/^ {4}(\w+): async \(\) =>/gm);
    expect([...table].map(([, name]) => name)).toEqual([...commandNames]);
  });
});
