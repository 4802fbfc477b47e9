// The stage of the benchmark: a real control plane with namespaces, on which Ringfence and the
// floor can be started.
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { type ControlPlane, startControlPlane } from '../../test/control-plane/control-plane.ts';
import { openSupervisor } from '../../test/control-plane/process.ts';
import { applyManifests, eventually } from '../../test/e2e/installation.ts';
import type { Server } from '../webhook/measure.ts';
import { startFloor } from './floor.ts';
import { type Population, populate } from './population.ts';
import { build, type Ringfence, type StartOptions, startRingfence } from './ringfence.ts';

export interface Stage {
  readonly controlPlane: ControlPlane;
  /** The API server, called as its administrator. */
  readonly cluster: Cluster;
  startRingfence(options?: StartOptions): Promise<Ringfence>;
  startFloor(): Promise<Server>;
  /** Applies the overlay of a mode, and waits until the running Ringfence uses it. */
  setMode(mode: 'observe' | 'enforce'): Promise<void>;
  end(): Promise<void>;
}

/**
 * Builds the bundle, creates the namespaces, and applies the manifests of mode observe. Nothing
 * judges yet.
 */
export async function setStage(population: Population): Promise<Stage> {
  build();
  // No controllers run and Pods have no ServiceAccount, so that nothing else changes during a
  // measurement.
  const controlPlane = await startControlPlane({ controllers: false, disableAdmissionPlugins: ['ServiceAccount'] });
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  const supervisor = await openSupervisor(controlPlane.folder, 'bench-');
  async function end(): Promise<void> {
    await supervisor.end();
    await cluster.close();
    await controlPlane.stop();
  }
  try {
    await populate(cluster, population);
    await applyManifests(controlPlane, 'observe');
  } catch (error) {
    await end();
    throw error;
  }
  return {
    controlPlane,
    cluster,
    startRingfence: (options = { isPinned: true }) => startRingfence(controlPlane, supervisor, options),
    startFloor: () => startFloor(supervisor),
    async setMode(mode) {
      await applyManifests(controlPlane, mode);
      await eventually(
        `Ringfence to ${mode}`,
        async () => {
          const { exitCode } = await controlPlane.kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
          return (exitCode !== 0) === (mode === 'enforce');
        },
        30_000,
      );
    },
    end,
  };
}

/** Provides a stage while `play` runs. */
export async function onStage<T>(population: Population, play: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await setStage(population);
  try {
    return await play(stage);
  } finally {
    await stage.end();
  }
}
