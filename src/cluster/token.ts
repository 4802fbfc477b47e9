import { readFileSync } from 'node:fs';
import { textAt } from '../kubernetes/raw-object.ts';
import type { Entry } from './kubeconfig-file.ts';

/** Reads the bearer token of a user; undefined if the user has none. */
export interface TokenReader {
  /** Throws an Error with one sentence if the only token is in a file that cannot be read. */
  read(user: Entry): string | undefined;
}

/**
 * Reads `tokenFile` each time, because its content rotates. It takes precedence over `token`
 * (client-go, tools/clientcmd/api/v1 AuthInfo). If it cannot be read, its last token is used, else
 * `token`.
 */
export function createTokenReader(): TokenReader {
  let last: string | undefined;
  return {
    read(user) {
      const file = textAt(user, 'tokenFile');
      const token = textAt(user, 'token');
      if (file === undefined) return token;
      const found = readToken(file);
      if ('token' in found) {
        last = found.token;
        return last;
      }
      const kept = last ?? token;
      if (kept === undefined) throw new Error(`tokenFile ${file} ${found.problem}`);
      return kept;
    },
  };
}

function readToken(file: string): { readonly token: string } | { readonly problem: string } {
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token === '' ? { problem: 'is empty' } : { token };
  } catch (error) {
    return { problem: `cannot be read (${String((error as NodeJS.ErrnoException).code)})` };
  }
}
