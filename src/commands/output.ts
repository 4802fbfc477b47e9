import process from 'node:process';
import { asCalled } from '../invocation.ts';

/**
 * Writes to standard output, and waits until the text is written. If the reader has closed it, the
 * process ends here (src/main.ts) with the exit code that is set. Therefore a command sets its exit
 * code before it prints; while the result is not known, that is 2.
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null) resolve();
    });
  });
}

/**
 * Writes pieces in blocks, because a call for each of a million short lines takes longer than
 * making the lines.
 */
export async function printPieces(pieces: Iterable<string>): Promise<void> {
  let block = '';
  for (const piece of pieces) {
    block += piece;
    if (block.length < blockSize) continue;
    await print(block);
    block = '';
  }
  await print(block);
}

/** The capacity of a pipe in Linux: 64 KiB. */
const blockSize = 65_536;

/**
 * Returns text for a person: without control characters, and with hints as this person types them.
 */
export function printable(text: string): string {
  return escaped(asCalled(text));
}

/**
 * Returns text with its control characters escaped, so that text from files cannot steer a
 * terminal.
 */
export function escaped(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Writes a note for the person to standard error. */
export function note(sentence: string): void {
  console.error(printable(`note: ${sentence}`));
}
