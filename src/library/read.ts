import type { Config } from '../config/config.ts';
import { createExposures } from '../exposure/exposure.ts';
import { type Range, readCidr } from '../network/address.ts';
import { type ConfigurationOptions, readConfiguration } from './configuration.ts';
import { type BothDesks, bothDesks } from './desks.ts';
import { createFencedInventory } from './fenced-inventory.ts';
import { filesOf, type Manifest } from './manifests.ts';
import { addBaselines, addFiles, type DeclarationReading, type ExposureReading, type ReadWorld } from './world.ts';

/** What a world is, beside its manifests. */
export interface WorldOptions extends ConfigurationOptions {
  /** The namespace of ends that name none. */
  readonly namespace?: string | undefined;
  /** The networks of Pods whose address is not known. The default is the private networks. */
  readonly podCidrs?: readonly string[] | undefined;
  /** Whether every namespace counts as fenced, as a cluster that enforces would mark it. */
  readonly fenced?: boolean | undefined;
  /** Whether what cannot be read is a note of the answer, and not an error. */
  readonly ignoreUnreadable?: boolean | undefined;
}

/** Reads manifests for questions about reach. `argument` names them in errors. */
export async function readDesks(
  manifests: readonly Manifest[],
  options: WorldOptions,
  argument: string,
): Promise<BothDesks> {
  const podNetworks = readNetworks(options);
  const config = await readConfiguration(options);
  const exposures: ExposureReading = { taker: createExposures(), notes: [] };
  const read = await readManifests(manifests, options, argument, { config, exposures });
  return bothDesks(read, exposures, config, { namespace: options.namespace, podNetworks });
}

/** Reads manifests into what the engine knows of a world. */
export async function readManifests(
  manifests: readonly Manifest[],
  options: Pick<WorldOptions, 'fenced' | 'ignoreUnreadable' | 'now'>,
  argument: string,
  readings: {
    readonly config: Config;
    readonly exposures: ExposureReading;
    readonly declarations?: DeclarationReading;
  },
): Promise<ReadWorld> {
  const { paths, files } = filesOf(manifests, argument);
  const now = options.now ?? Date.now();
  const taker = createFencedInventory(readings.config, () => now);
  const source = {
    ...readings,
    paths,
    fenced: options.fenced === true,
    ignoreUnreadable: options.ignoreUnreadable === true,
  };
  const notes = [...(await addFiles(taker, source, files)), ...addBaselines(taker, source)];
  return { inventory: taker.take(), fenced: taker.fenced(), notes };
}

/** The networks of an option. Throws a TypeError for the first that is none. */
export function readNetworks({ podCidrs }: Pick<WorldOptions, 'podCidrs'>): readonly Range[] | undefined {
  return podCidrs?.map((text, index) => {
    const range = readCidr(text);
    if (range === undefined) throw new TypeError(`podCidrs[${index}]: ${text} is no CIDR such as 10.244.0.0/16`);
    return range;
  });
}
