// The chart on a control plane: Helm as a person runs it, and what every way of removal must leave.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually, type Installation, openInstallation, type Replica } from './installation.ts';
import { openApi } from './raw-api.ts';

export const chart = 'manifests/helm/ringfence';

const execute = promisify(execFile);

/**
 * Runs a program with the variables of a person who uses this control plane. Throws if it fails.
 */
export function runAsPerson(controlPlane: ControlPlane, file: string, args: readonly string[], folder = '.') {
  const { folder: home, adminKubeconfig } = controlPlane;
  // Helm keeps its files in HOME.
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: adminKubeconfig };
  return execute(file, args, { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 });
}

/** Starts a process as the Deployment in this namespace does. */
export async function startIn(
  controlPlane: ControlPlane,
  home: string,
): Promise<{ readonly installation: Installation; readonly replica: Replica }> {
  const installation = await openInstallation(controlPlane, home);
  onTestFinished(() => installation.end());
  const replica = await installation.start({ environment: { POD_NAMESPACE: home } });
  await replica.untilReady();
  return { installation, replica };
}

export async function untilWebhooksAreGone(controlPlane: ControlPlane): Promise<void> {
  const api = openApi(controlPlane, 'admin');
  const group = '/apis/admissionregistration.k8s.io/v1';
  try {
    for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'])
      await eventually(
        `the ${kind} to be gone`,
        async () => (await api.send('GET', `${group}/${kind}/ringfence`)).code === 404,
      );
  } finally {
    api.close();
  }
}
