// The engine of Argo CD (gitops-engine) with its own agent: it syncs a folder of a Git repository
// and prunes what is no longer in it, as Argo CD does with `prune: true`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { findFreePorts } from '../control-plane/ports.ts';
import { openSupervisor } from '../control-plane/process.ts';
import { eventually } from './installation.ts';

export interface Gitops {
  /**
   * Commits the manifests in place of those before, and resolves to the lines of the sync that
   * follows, one for each object: `OBJECT  RESULT`.
   */
  sync(manifests: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts the agent, with `namespace` for objects that name none. */
export async function startGitops(controlPlane: ControlPlane, agent: string, namespace: string): Promise<Gitops> {
  const supervisor = await openSupervisor(controlPlane.folder, 'gitops-');
  const repository = join(supervisor.folder, 'repository');
  const logFile = join(supervisor.folder, 'agent.log');
  const [port = 0] = await findFreePorts(1);
  const environment = { PATH: process.env['PATH'] ?? '', HOME: supervisor.folder, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
      cwd: repository,
      env: environment,
      stdio: 'pipe',
    });
  const commit = (manifests: string): void => {
    rmSync(join(repository, 'manifests'), { recursive: true, force: true });
    mkdirSync(join(repository, 'manifests'), { recursive: true });
    if (manifests !== '') writeFileSync(join(repository, 'manifests/all.yaml'), manifests);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'manifests');
  };
  /** The results of the syncs so far, each a list of lines. */
  const results = (): readonly (readonly string[])[] =>
    readFileSync(logFile, 'utf8')
      .split(/^RESOURCE\s+RESULT$/m)
      .slice(1)
      .map((text) => text.split('\n').filter((line) => /^\S*\/\S*\/\S*\/\S+\s{2,}/.test(line)));

  /**
   * Asks for a sync, which the agent takes only when it has told every line of the one before.
   * Until it listens, it is asked again.
   */
  const request = async (): Promise<void> => {
    await eventually('the agent to take a request for a sync', () => {
      const log = readFileSync(logFile, 'utf8');
      if (/"Fail|"Fatal/.test(log)) throw new Error(log.slice(-2000));
      return fetch(`http://127.0.0.1:${port}/api/v1/sync`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    taken += 1;
  };

  mkdirSync(repository);
  git('init', '--quiet');
  let taken = 0;
  return {
    async sync(manifests) {
      commit(manifests);
      if (taken > 0) {
        await request();
      } else {
        await supervisor.start({
          name: 'gitops',
          file: agent,
          arguments: [
            ...[repository, '--path', 'manifests', '--port', String(port), '--default-namespace', namespace],
            ...['--kubeconfig', controlPlane.adminKubeconfig, '--resync-seconds', '3600'],
          ],
          environment,
          logFile,
        });
      }
      const ours = taken;
      // The sync that this one makes changes nothing.
      await request();
      const lines = results()[ours];
      if (lines === undefined) throw new Error(readFileSync(logFile, 'utf8').slice(-2000));
      return lines;
    },
    stop: () => supervisor.end(),
  };
}
