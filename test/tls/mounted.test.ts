import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { isUsable, readMounted } from '../../src/tls/mounted.ts';
import { makeAuthority, makeFiles, pem, type SecretFiles } from './certificate-folder.ts';
import { issueClientCertificate } from './client-certificate.ts';

const hour = 3_600_000;
const at = Date.now();
const names = { dnsNames: ['ringfence.ringfence-system.svc'], ipAddresses: [] };
const [authority, other, expired] = await Promise.all([
  makeAuthority(),
  makeAuthority(),
  makeAuthority(at - 30 * hour, 20 * hour),
]);
const files = await makeFiles(authority, { names });
const [foreign, old, early, nameless, client] = await Promise.all([
  makeFiles(other, { names }),
  makeFiles(authority, { names, at: at - 3 * hour, lifetimeMs: hour }),
  makeFiles(authority, { names, at: at + 3 * hour }),
  makeFiles(authority, { names: { dnsNames: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], ipAddresses: [] } }),
  issueClientCertificate(authority),
]);

/**
 * A certificate as a self-signed issuer makes it: its own authority, for servers, which signs
 * nothing else.
 */
async function selfSigned(algorithm = 'sha256'): Promise<SecretFiles> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'ringfence' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm,
    notBeforeDate: new Date(Math.floor(at / 1000 - 60) * 1000),
    notAfterDate: new Date(Math.floor(at / 1000 + 3600) * 1000),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 2, value: names.dnsNames[0] ?? '' }] },
    ],
  });
  return { 'tls.crt': cert, 'tls.key': key, 'ca.crt': cert };
}

/** An intermediate authority, and a certificate that it has signed. */
async function chained(): Promise<SecretFiles & { readonly between: string }> {
  const between = await generate([{ name: 'commonName', value: 'between' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ca: { cert: authority.cert, key: authority.key },
    notBeforeDate: new Date(Math.floor(at / 1000 - 60) * 1000),
    notAfterDate: new Date(Math.floor(at / 1000 + 1800) * 1000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const pair = { cert: between.cert, key: between.private };
  return { ...(await makeFiles(pair, { names })), 'ca.crt': pem(authority), between: pem(pair) };
}

const [chain, own, weak] = await Promise.all([chained(), selfSigned(), selfSigned('sha1')]);

describe('files that can be used', () => {
  it.each<[string, SecretFiles, number]>([
    ['a certificate and its authority', files, 1],
    ['two authorities, of which one signed', { ...files, 'ca.crt': pem(other) + pem(authority) }, 1],
    ['an expired authority beside one that signed', { ...files, 'ca.crt': pem(expired) + pem(authority) }, 1],
    ['text between the certificates', { ...files, 'ca.crt': `subject=x\n${pem(authority)}\nend` }, 1],
    ['a certificate that is its own authority', own, 1],
    ['an authority between, sent along', { ...chain, 'tls.crt': chain['tls.crt'] + chain.between }, 2],
    ['an authority that is under another, trusted itself', { ...chain, 'ca.crt': chain.between }, 1],
  ])('are %s', (_, found, vouchers) => {
    const read = readMounted(found, { at, names });
    if (!isUsable(read)) throw new Error(read.problems.join());
    expect(read.vouchers).toHaveLength(vouchers);
    expect(read.material.key).toBe(found['tls.key']);
  });

  it('have only authorities that are valid', () => {
    const read = readMounted({ ...files, 'ca.crt': pem(expired) + pem(authority) }, { at, names });
    expect(isUsable(read) && read.material.caBundle).toBe(pem(authority));
  });
});

describe('files that cannot be used', () => {
  const encrypted = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;

  it.each<[string, Partial<SecretFiles>, RegExp[]]>([
    [
      'that hold rubbish',
      { 'tls.crt': 'rubbish', 'tls.key': '', 'ca.crt': 'rubbish' },
      [/^tls\.crt holds no certificate \(PEM/, /^ca\.crt holds no certificate \(PEM/],
    ],
    [
      'whose key is a key and another’s',
      { 'tls.key': foreign['tls.key'] },
      [/^tls\.key is the key of another certificate/],
    ],
    ['whose key is no key', { 'tls.key': 'rubbish' }, [/^tls\.key holds no private key \(PEM, not encrypted\)/]],
    ['whose key is encrypted', { 'tls.key': encrypted }, [/^tls\.key holds no private key/]],
    ['whose key is public', { 'tls.key': files['tls.crt'] }, [/^tls\.key holds no private key/]],
    ['that expired', old, [/^tls\.crt expired at \d{4}-.*Z$/]],
    ['that are not valid yet', early, [/^tls\.crt is not valid before .*Z, and it is .*Z here$/]],
    [
      'that another authority signed',
      { ...foreign, 'ca.crt': files['ca.crt'] },
      [/^ca\.crt does not vouch for tls\.crt/],
    ],
    [
      'whose authority expired',
      { 'ca.crt': pem(expired) },
      [/^no certificate in ca\.crt is valid: the first expired at/],
    ],
    [
      'for other names',
      nameless,
      [/^tls\.crt is for a, b, c, d, e and 2 more; the API server asks for ringfence\.ringfence-system\.svc$/],
    ],
    [
      'that are a client’s',
      { 'tls.crt': client.cert, 'tls.key': client.key },
      [/^tls\.crt is not for servers/, /^tls\.crt is for no name/],
    ],
    ['signed by SHA-1', weak, [/^tls\.crt is signed by SHA-1 or MD5/]],
    ['whose chain has a gap', { ...chain }, [/^ca\.crt does not vouch for tls\.crt/]],
    [
      'with several faults, all of which are told',
      { ...old, 'tls.key': foreign['tls.key'], 'ca.crt': pem(other) },
      [/^tls\.key is the key of another certificate/, /^tls\.crt expired/, /^ca\.crt does not vouch/],
    ],
  ])('are those %s', (_, more, problems) => {
    const read = readMounted({ ...files, ...more }, { at, names });
    if (isUsable(read)) throw new Error('usable');
    expect(read.problems).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(read.problems[index]).toMatch(problem);
    expect(read.problems.join()).not.toMatch(/-----/);
  });
});
