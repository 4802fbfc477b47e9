import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places, User } from './components.ts';

export type Tokens = ReadonlyMap<string, string>;

/** Only the owner may read the file, because even short-lived tokens are credentials. */
const secretMode = 0o600;

/**
 * Makes a random token for each user and writes them in the format of `--token-auth-file`
 * (token,user,uid,"group,group").
 */
export function writeTokens(path: string, users: readonly User[]): Tokens {
  const tokens = new Map(users.map((user) => [user.name, randomBytes(24).toString('hex')]));
  const lines = users.map((user) => {
    const groups = (user.groups ?? []).join(',');
    return [tokens.get(user.name) ?? '', user.name, user.name, groups].map((field) => `"${field}"`).join(',');
  });
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: secretMode });
  return tokens;
}

/**
 * Writes the key pair that signs service account tokens: ECDSA P-256, which Kubernetes uses as
 * ES256 and Node makes in a millisecond.
 */
export function writeServiceAccountKeys(places: Places): void {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' });
  writeFileSync(places.serviceAccountKey, privateKey, { mode: secretMode });
  writeFileSync(places.serviceAccountPublicKey, publicKey);
}

/** Writes a kubeconfig (JSON, which is YAML) for one user and returns its path. */
export function writeKubeconfig(
  folder: string,
  user: string,
  server: { url: string; caFile: string },
  token: string,
): string {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: server.url, 'certificate-authority': server.caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  };
  mkdirSync(join(folder, 'kubeconfigs'), { recursive: true });
  const path = join(folder, 'kubeconfigs', `${encodeURIComponent(user)}.yaml`);
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: secretMode });
  return path;
}
