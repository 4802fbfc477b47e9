// The examples of docs/library.md: each is a program, and what it prints.
import { readFileSync } from 'node:fs';

export const page = 'docs/library.md';

/** A program of the page, and the block of text after it. */
export interface Example {
  readonly file: string;
  readonly program: string;
  readonly output: string;
}

export const examples: readonly Example[] = [
  ...readFileSync(page, 'utf8').matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs),
].map(([, program = '', output = ''], index) => ({ file: `example-${index + 1}.ts`, program, output }));
