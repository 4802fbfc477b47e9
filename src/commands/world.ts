import type { ClusterSource } from '../cluster/kubeconfig.ts';
import { createServerClock } from '../cluster/server-clock.ts';
import { createFencedInventory } from '../library/fenced-inventory.ts';
import { addBaselines, addFiles, type FilesSource, type ReadWorld } from '../library/world.ts';
import type { Note } from '../reach/note.ts';
import { systemFiles } from './files.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** The source of a world, and what to assume about it. Without paths it is the live cluster. */
export interface WorldSource extends FilesSource {
  readonly live: ClusterSource;
}

/**
 * Reads a whole world. Throws an Error with one line for each object that cannot be read, unless
 * these are ignored: then each is a note.
 */
export async function readWorld(source: WorldSource): Promise<ReadWorld> {
  limitYoungGeneration();
  // For files, it is the clock of this machine.
  const clock = createServerClock();
  const taker = createFencedInventory(source.config, clock.now);
  const notes: Note[] = [];
  if (source.paths.length > 0) notes.push(...(await addFiles(taker, source, systemFiles)));
  else {
    // Only a live cluster needs the Kubernetes client, so it is not loaded for files.
    const { addCluster } = await import('./live.ts');
    notes.push(...(await addCluster(taker, { ...source, clock })));
  }
  notes.push(...addBaselines(taker, source));
  return { inventory: taker.take(), fenced: taker.fenced(), notes };
}
