import { once } from 'node:events';
import process from 'node:process';

/** Writes to the standard output, and waits where its reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/**
 * Writes pieces in blocks of some size: a call for each of a million short lines takes longer than
 * making them.
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

/** What a pipe holds (Linux: 64 KiB). */
const blockSize = 65_536;

/** Text from files, for a terminal: what steers it is made visible. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A sentence for the person, beside the answer. */
export function note(sentence: string): void {
  console.error(printable(`note: ${sentence}`));
}
