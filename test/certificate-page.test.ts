import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { serveCommand } from '../src/commands/serve.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { dialedNames } from '../src/installation/address.ts';
import { findManifest } from './manifests/manifests.ts';

const page = readFileSync(new URL('../docs/certificates.md', import.meta.url), 'utf8');
const [certManager = '', deployment = '', role = ''] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, text = '']) => text,
);
const { options } = serveCommand(readEnvironment({}), '0.1.0');

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly secretName?: string;
    readonly dnsNames?: readonly string[];
    readonly duration?: string;
    readonly renewBefore?: string;
    readonly issuerRef?: { readonly name: string };
  };
}

interface Deployment {
  readonly spec: {
    template: {
      spec: {
        containers: [{ name: string; args: string[]; volumeMounts?: [{ name: string; mountPath: string }] }];
        volumes?: [{ name: string; secret: { secretName: string } }];
      };
    };
  };
}

describe('docs/certificates.md', () => {
  const resources = parseAllDocuments(certManager).map((document) => document.toJS() as Resource);
  const [authority, certificate] = resources.filter(({ kind }) => kind === 'Certificate');
  const patch = (parse(deployment) as Deployment).spec.template.spec;

  it('has a certificate made for the name that the API server asks for', () => {
    expect(certificate?.spec.dnsNames).toEqual(dialedNames({ namespace: 'ringfence-system' }).dnsNames);
    for (const { metadata } of resources) expect(metadata.namespace).toBe('ringfence-system');
    const issuers = resources.filter(({ kind }) => kind === 'Issuer').map(({ metadata }) => metadata.name);
    for (const { spec } of [authority, certificate] as Resource[]) expect(issuers).toContain(spec.issuerRef?.name);
  });

  it('renews the authority while it outlives whatever it signs', () => {
    const hours = (text: string | undefined): number => Number(text?.replace('h', ''));
    expect(hours(authority?.spec.renewBefore)).toBeGreaterThan(hours(certificate?.spec.duration));
  });

  it('mounts that Secret where it tells Ringfence to look, into the Deployment that there is', () => {
    const base = (findManifest('Deployment') as unknown as Deployment).spec.template.spec.containers[0];
    const [container] = patch.containers;
    const [mount] = container.volumeMounts ?? [];
    expect([container.name, container.args]).toEqual([base.name, [...base.args, `--tls-dir=${mount?.mountPath}`]]);
    expect(patch.volumes).toEqual([{ name: mount?.name, secret: { secretName: certificate?.spec.secretName } }]);
  });

  it('takes every right on Secrets away, and no other', () => {
    const { rules } = findManifest('Role') as unknown as { rules: { resources: readonly string[] }[] };
    const left = [...rules];
    for (const { op, path } of parse(role) as { op: string; path: string }[]) {
      expect(op).toBe('remove');
      left.splice(Number(path.replace('/rules/', '')), 1);
    }
    expect(left).toEqual(rules.filter(({ resources: named }) => !named.includes('secrets')));
    expect(left.length).toBeLessThan(rules.length);
  });

  it('has the defaults of the options', () => {
    const rows = [...page.matchAll(/^\| `(--[\w-]+)` \| (\d+)/gm)];
    expect(rows).toHaveLength(4);
    for (const [, flag, value] of rows)
      expect([flag, String(options.find(({ long }) => long === flag)?.defaultValue)]).toEqual([flag, value]);
  });
});
