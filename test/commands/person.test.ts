import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { personAt } from '../../src/commands/person.ts';

it.each([
  ['y\n', true],
  ['YES\n', true],
  [' y \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  // Ctrl-D, with and without text before it.
  ['', false],
  ['y', false],
])('takes %j for %s', async (typed, answer) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(typed);
  const person = personAt(input, output);
  expect(await person.ask('Go on? [y/N] ')).toBe(answer);
  output.end();
  expect(await text(output)).toContain('Go on? [y/N] ');
});

it('knows a terminal from a pipe', () => {
  expect(personAt(new PassThrough(), new PassThrough()).hasTerminal()).toBe(false);
  expect(personAt(Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()).hasTerminal()).toBe(true);
});
