// The kustomizations of docs/platforms.md on a real API server, as a person applies them.
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually } from './installation.ts';
import { openTerminal } from './terminal.ts';

describeWithSharedControlPlane('the kustomizations for platforms', (controlPlane) => {
  it('run Ringfence on the network of the nodes, where its namespace admits that, and without user ids', async () => {
    const admin = openTerminal(controlPlane(), 'admin');
    const pod = async () => {
      const { spec } = await admin.get<{ spec: { template: { metadata: object; spec: object } } }>(
        'deployment ringfence -n ringfence-system',
      );
      const { template } = spec;
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        ...template,
        metadata: { ...template.metadata, name: 'try', namespace: 'ringfence-system' },
      };
    };
    const attempt = async () => admin.run('create --dry-run=server -f -', await pod());

    await admin.run(`apply -k ${folderOf('openshift', controlPlane().folder)}`);
    const plain = await pod();
    expect(plain.spec).toMatchObject({ securityContext: { runAsNonRoot: true } });
    expect(plain.spec).not.toHaveProperty('securityContext.runAsUser');
    const { spec } = await admin.get<{ spec: { egress: readonly object[] } }>(
      'networkpolicy ringfence -n ringfence-system',
    );
    expect(spec.egress).toHaveLength(4);
    expect(JSON.stringify(spec.egress[3])).toContain('openshift-dns');
    await attempt();

    await admin.run(`apply -k ${folderOf('host-network', controlPlane().folder)}`);
    expect((await pod()).spec).toMatchObject({
      hostNetwork: true,
      containers: [
        {
          args: ['serve', '--port=10443', '--admin-port=10081'],
          ports: [{ containerPort: 10443 }, { containerPort: 10081 }],
        },
      ],
    });
    await attempt();

    // What the patch of the Namespace is for.
    await admin.run('label namespace ringfence-system pod-security.kubernetes.io/enforce=restricted --overwrite');
    const refusal = await eventually('the API server to know the label', () =>
      attempt().then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    );
    expect(refusal).toContain('violates PodSecurity "restricted:latest": host namespaces');
  });
});

/** A folder with a kustomization of the page, beside one in which Ringfence's manifests are. */
function folderOf(name: string, parent: string): string {
  const page = readFileSync('docs/platforms.md', 'utf8');
  const [, text = ''] = new RegExp(`\`\`\`yaml\\n# kustomization\\.yaml, ${name}\\n([^\`]+)\`\`\``).exec(page) ?? [];
  const folder = mkdtempSync(join(parent, 'platform-'));
  mkdirSync(join(folder, 'ringfence'));
  symlinkSync(resolve('manifests'), join(folder, 'ringfence/manifests'));
  mkdirSync(join(folder, 'overlay'));
  writeFileSync(join(folder, 'overlay/kustomization.yaml'), text);
  return join(folder, 'overlay');
}
