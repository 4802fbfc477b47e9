import type { Gate } from '../baseline/gate.ts';
import type { ExposurePorts } from './exposure-world.ts';
import type { Caches } from './facts.ts';
import type { GuardPorts } from './guard.ts';
import type { Residents } from './residents.ts';
import type { Turns } from './turns.ts';

/** The ports of validation. */
export interface ValidatePorts extends GuardPorts {
  readonly gate: Gate;
  readonly caches: Caches;
  /** Reads a Pod live, in wire form; undefined if it does not exist. Throws if the read fails. */
  readonly readPod: (namespace: string, name: string) => Promise<unknown>;
  readonly residents: Residents;
  /** What the review of an exposure reads, live. */
  readonly exposure: ExposurePorts;
  /** For NetworkPolicies that take long to judge. */
  readonly turns: Turns;
  /** The time of the API server, in milliseconds since 1970. It decides when a trial is over. */
  readonly now: () => number;
}
