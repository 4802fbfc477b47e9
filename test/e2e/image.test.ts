// The content of the image, run as the manifests run it: an unprivileged user, a root that is
// read-only, and the memory limit.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { findFreePorts } from '../control-plane/ports.ts';
import { openSupervisor } from '../control-plane/process.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { type Content, layOut } from '../image/content.ts';
import { makeMemoryGroup } from '../image/memory-cgroup.ts';
import { applyManifests, eventually, openInstallation, ownNamespace } from './installation.ts';

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly limits: { readonly memory: string } };
}

const deployment = parse(readFileSync('manifests/base/deployment.yaml', 'utf8')) as {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
};
const [container] = deployment.spec.template.spec.containers;
const limitBytes = Number(/^(\d+)Mi$/.exec(container.resources.limits.memory)?.[1]) * 2 ** 20;

/**
 * Enters the group that limits the memory, if there is one, and the root: the paths of the kernel
 * are mounted, and the rest becomes read-only. The process can no longer gain rights.
 */
const enter = `
set -e
[ -z "$MEMORY_GROUP" ] || echo $$ > "$MEMORY_GROUP"
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -o remount,bind,ro "$ROOT"
exec setpriv --no-new-privs chroot --userspec="$AS" --groups= "$ROOT" "$@"`;
const unshared = ['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh'];

const canEnter = spawnSync('unshare', ['--mount', 'true']).status === 0 && process.platform === 'linux';
if (!canEnter) process.stderr.write('\nskipped: the image, because no file system may be mounted here\n\n');

it.skipIf(canEnter)('the image is not run here: a test of it needs root and mount namespaces', () => undefined);

if (canEnter)
  describeWithSharedControlPlane('the content of the image', (controlPlane) => {
    it('serves as an unprivileged user, on a read-only root, within the memory limit', {
      timeout: 180_000,
    }, async () => {
      await applyManifests(controlPlane(), 'enforce');
      const installation = await openInstallation(controlPlane());
      onTestFinished(() => installation.end());
      const memory = makeMemoryGroup(limitBytes);
      if (memory === undefined) process.stderr.write('\nnot limited, only measured: the memory of the image\n\n');
      else onTestFinished(memory.remove);
      const supervisor = await openSupervisor(controlPlane().folder, 'image-');
      onTestFinished(() => supervisor.end());
      const content = layOut(process.cwd(), supervisor.folder);
      const account = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
      for (const path of ['proc', 'dev']) mkdirSync(join(content.root, path), { recursive: true });
      // In a Pod, the ServiceAccount is mounted.
      writeFileSync(join(content.root, 'kubeconfig'), whole(account), { mode: 0o444 });

      const [port = 0, adminPort = 0] = await findFreePorts(2);
      const local = [
        '--kubeconfig',
        '/kubeconfig',
        '--webhook-url',
        `https://127.0.0.1:${port}`,
        '--host',
        '127.0.0.1',
      ];
      expect(container.args).toEqual(content.command);
      const logFile = join(supervisor.folder, 'image.log');
      const running = await supervisor.start({
        name: 'image',
        file: 'unshare',
        arguments: [
          ...unshared,
          ...[...content.entrypoint, ...container.args, ...local],
          ...['--port', String(port), '--admin-port', String(adminPort), '--drain-seconds', '0.5'],
        ],
        environment: { ...environmentOf(content), MEMORY_GROUP: memory?.procs ?? '' },
        logFile,
      });
      let isEnded = false;
      void running.ended.then(() => {
        isEnded = true;
      });
      const answers = async (path: string) => {
        if (isEnded) throw new Error(readFileSync(logFile, 'utf8').slice(-2_000));
        return (await fetch(`http://127.0.0.1:${adminPort}${path}`).catch(() => undefined))?.ok === true;
      };
      await eventually('/healthz of the image', () => answers('/healthz'));
      await eventually('/readyz of the image', () => answers('/readyz'));

      const status = readFileSync(`/proc/${running.pid}/status`, 'utf8');
      expect(/^Uid:\t(.*)$/m.exec(status)?.[1]).toBe('65532\t65532\t65532\t65532');
      expect(/^Groups:[ \t]*(.*)$/m.exec(status)?.[1]?.trim()).toBe('');
      expect(/^CapEff:\t(.*)$/m.exec(status)?.[1]).toBe('0'.repeat(16));
      expect(/^NoNewPrivs:\t(.*)$/m.exec(status)?.[1]).toBe('1');
      const peakBytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
      expect(peakBytes).toBeGreaterThan(2 ** 20);
      expect(peakBytes).toBeLessThan(limitBytes);
      if (memory !== undefined) {
        expect(readFileSync(memory.procs, 'utf8').split('\n')).toContain(String(running.pid));
        expect(memory.kills()).toBe(0);
      }

      // The same room, asked whether anything in it can be written.
      const write = `for (const path of ['/x', '/ringfence/x', '/ringfence/dist/ringfence.mjs', '/nodejs/x'])
        try { fs.writeFileSync(path, ''); console.log('written', path); } catch ({ code }) { console.log(code); }`;
      const node = content.entrypoint[0] ?? '';
      const tried = spawnSync('unshare', [...unshared, node, '-e', write], {
        env: environmentOf(content),
        encoding: 'utf8',
      });
      expect(tried).toMatchObject({ stderr: '', stdout: 'EROFS\n'.repeat(4) });
    });
  });

/** A kubeconfig that holds the authority itself, whose file is outside the root. */
function whole(path: string): string {
  return readFileSync(path, 'utf8').replace(
    /"certificate-authority":\s*"([^"]+)"/,
    (_, file: string) => `"certificate-authority-data": "${readFileSync(file).toString('base64')}"`,
  );
}

function environmentOf({ root, user, environment }: Content): Readonly<Record<string, string>> {
  const fixed = container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const own = { POD_NAMESPACE: ownNamespace, POD_NAME: 'image', POD_SERVICE_ACCOUNT: 'ringfence' };
  return {
    PATH: process.env['PATH'] ?? '',
    ROOT: root,
    AS: user,
    ...environment,
    ...own,
    ...Object.fromEntries(fixed),
  };
}
