import { accessSync, constants } from 'node:fs';
import { listAt, recordOf, textAt } from '../kubernetes/raw-object.ts';
import type { Entry } from './kubeconfig-file.ts';
import { isProxyUrl, proxyUrls } from './proxy.ts';

/**
 * Calls `refuse` with a sentence if a cluster or a user cannot be used as they are (client-go,
 * tools/clientcmd/validation.go). `refuse` must throw.
 */
export function refuseUnusable(
  { cluster, user }: { readonly cluster: Entry; readonly user: Entry },
  refuse: (sentence: string) => never,
): void {
  const server = textAt(cluster, 'server') ?? '';
  if (!URL.canParse(server) || !/^https?:$/u.test(new URL(server).protocol))
    refuse('server of its cluster must be a URL that begins with https:// or http://');
  const proxy = textAt(cluster, 'proxy-url');
  if (proxy !== undefined && !isProxyUrl(proxy)) refuse(`proxy-url of its cluster must be ${proxyUrls}`);
  for (const [entry, field] of [
    [cluster, 'certificate-authority'],
    [user, 'client-certificate'],
    [user, 'client-key'],
  ] as const) {
    const path = textAt(entry, field);
    if (path === undefined) continue;
    if (textAt(entry, `${field}-data`) !== undefined) refuse(`only one of ${field} and ${field}-data is allowed`);
    refuseUnreadable(path, field, refuse);
  }
  refuseUser(user, refuse);
}

function refuseUser(user: Entry, refuse: (sentence: string) => never): void {
  const has = (field: string): boolean => textAt(user, field) !== undefined;
  const hasPassword = has('username') || has('password');
  if (hasPassword && (has('token') || has('tokenFile')))
    refuse('a user has either a token or a username and password, not both');
  if ((has('client-certificate') || has('client-certificate-data')) && !has('client-key') && !has('client-key-data'))
    refuse('client-certificate needs client-key or client-key-data');
  const asks =
    has('as-uid') || listAt(user, 'as-groups').length > 0 || Object.keys(recordOf(user['as-user-extra'])).length > 0;
  if (asks && !has('as')) refuse('as-uid, as-groups and as-user-extra need "as"');
  if (user['exec'] === undefined) return;
  if (user['auth-provider'] !== undefined) refuse('a user has either exec or auth-provider, not both');
  if (textAt(user, 'exec', 'command') === undefined) refuse('exec needs a command');
  // The plugin would wait for input that this process does not pass on.
  if (textAt(user, 'exec', 'interactiveMode') === 'Always')
    refuse('exec.interactiveMode Always is not supported; log in with kubectl first, or use IfAvailable or Never');
}

function refuseUnreadable(path: string, field: string, refuse: (sentence: string) => never): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    refuse(`${field} ${path} cannot be read (${String((error as NodeJS.ErrnoException).code)})`);
  }
}
