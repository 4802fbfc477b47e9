// The common parts of the drills on a faulty API server: one Ringfence behind the fault proxy, the
// truth from the API server, and writers.
import { connect } from '../../src/cluster/connection.ts';
import type { Mode } from '../../src/policy/mode.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { createNamespace } from '../e2e/burst.ts';
import { eventually, install, ownNamespace, type Replica } from '../e2e/installation.ts';
import { developerRole, inNamespace, pod } from '../e2e/objects.ts';
import { openTerminal } from '../e2e/terminal.ts';
import { recordWalls, type WallHistory } from '../e2e/wall-history.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import type { Writers } from './misdeeds.ts';

export interface Stage {
  readonly controlPlane: ControlPlane;
  readonly proxy: FaultProxy;
  readonly replica: Replica;
  readonly history: WallHistory;
  /** Writers that do not use the proxy: for them the API server works. */
  readonly writers: Writers;
  end(): Promise<void>;
}

/** Installs Ringfence through the proxy, and waits until it is in force. */
export async function openStage(controlPlane: ControlPlane, mode: Mode, given: readonly string[] = []): Promise<Stage> {
  const any = connect({ kubeconfig: controlPlane.adminKubeconfig });
  const developer = connect({ kubeconfig: controlPlane.kubeconfigFor('dev') });
  // Where DNS is missing, Ringfence says so, which is no fault of the drill.
  const dns = inNamespace('kube-system', pod('dns', { 'k8s-app': 'kube-dns' }));
  await openTerminal(controlPlane, 'admin').run('apply -f -', ...developerRole, dns);
  const installation = await install(controlPlane, mode);
  const history = await recordWalls(controlPlane.adminKubeconfig);
  const proxy = await startFaultProxy(controlPlane);
  const account = await controlPlane.kubeconfigForServiceAccount(ownNamespace, 'ringfence');
  const replica = await installation.start({
    arguments: ['--kubeconfig', proxy.kubeconfigFrom(account), '--config-seconds', '0.5', ...given],
  });
  await replica.untilReady();
  for (const name of [standing, ...breached]) {
    await createNamespace(any, name);
    if (mode === 'enforce')
      await eventually('a namespace to be fenced', () => history.changesOf(name, 'allow-dns-egress').length > 0);
  }
  return {
    controlPlane,
    proxy,
    replica,
    history,
    writers: { any, developer },
    async end() {
      await installation.end();
      await proxy.close();
      await history.stop();
      await Promise.all([any.close(), developer.close()]);
    },
  };
}

/** A namespace that exists and is fenced during the whole drill. */
export const standing = 'standing';
/** Namespaces whose walls are deleted again and again. */
export const breached: readonly string[] = ['breached-0', 'breached-1', 'breached-2'];
