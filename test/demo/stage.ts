import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { startControlPlane } from '../control-plane/control-plane.ts';
import type { Installation, Replica } from '../e2e/installation.ts';
import { eventually, openInstallation } from '../e2e/installation.ts';
import type { Stage } from './play.ts';
import { play, type Tally } from './play.ts';
import { installation } from './scenes.ts';

/** A control plane on which Ringfence is installed, with one replica serving. */
export interface Theatre {
  readonly controlPlane: ControlPlane;
  readonly replica: Replica;
  readonly stage: Stage;
  /** The tally of the installation. */
  readonly tally: Tally;
  /** Ends every process and removes every file. */
  close(): Promise<void>;
}

/**
 * Starts a control plane from `binaries`, installs Ringfence by its manifests, and starts one
 * process with its own ServiceAccount.
 */
export async function openTheatre(binaries: string, write: (text: string) => void): Promise<Theatre> {
  write('starting etcd, kube-apiserver and kube-controller-manager');
  const controlPlane = await startControlPlane({ binaries, users: [{ name: 'developer', groups: ['developers'] }] });
  const opened: Installation[] = [];
  async function close(): Promise<void> {
    for (const installed of opened) await installed.end();
    await controlPlane.stop();
  }
  try {
    const stage: Stage = {
      run: ({ as, kubectl, input }) => controlPlane.kubectl(kubectl, { as, ...(input === undefined ? {} : { input }) }),
      write,
      pause: (milliseconds) => delay(milliseconds),
    };
    const tally = await play([installation], stage);
    write('\nThere is no node for its Pods, so one process runs here, under the ServiceAccount of the manifests:');
    const installed = await openInstallation(controlPlane);
    opened.push(installed);
    const replica = await installed.start();
    write(`ringfence serve --kubeconfig FILE --webhook-url ${replica.url}`);
    await replica.untilReady();
    await eventually('the API server to ask Ringfence', () => isAsked(controlPlane));
    return { controlPlane, replica, stage, tally, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Whether the API server calls the webhooks. A new configuration reaches its cache a moment after
 * it is stored.
 */
async function isAsked(controlPlane: ControlPlane): Promise<boolean> {
  const { exitCode } = await controlPlane.kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
  return exitCode !== 0;
}
