import { recordOf, textAt } from '../kubernetes/raw-object.ts';
import type { Entry } from './kubeconfig-file.ts';

/** Header fields. A field with several values is sent once for each. */
export type Headers = Readonly<Record<string, string | string[]>>;

/**
 * Returns the headers with which a user acts as another one: `as`, `as-uid`, `as-groups` and
 * `as-user-extra` (client-go, transport/round_trippers.go). The rights are those of the other user,
 * and often come from a group.
 */
export function impersonationHeaders(user: Entry): Headers {
  const name = textAt(user, 'as');
  if (name === undefined) return {};
  const uid = textAt(user, 'as-uid');
  const groups = textsOf(user['as-groups']);
  const extra = Object.entries(recordOf(user['as-user-extra'])).map(
    ([key, values]) => [`Impersonate-Extra-${escapeKey(key)}`, textsOf(values)] as const,
  );
  return {
    'Impersonate-User': headerValue(name),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': headerValue(uid) }),
    ...Object.fromEntries([['Impersonate-Group', groups] as const, ...extra].filter(([, values]) => values.length > 0)),
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((text) => headerValue(String(text))) : [];
}

/**
 * Encodes each byte that a header's name cannot have, and the percent sign, as %XX (client-go,
 * headerKeyEscape). The API server decodes it.
 */
function escapeKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[!#$&'*+\-.^_`|~\w]/u.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** Go sends the bytes of UTF-8. undici writes one byte for each character. */
function headerValue(text: string): string {
  return Buffer.from(text).toString('latin1');
}
