import type { Gate } from '../baseline/gate.ts';
import type { Caches } from './facts.ts';
import type { GuardPorts } from './guard.ts';
import type { Residents } from './residents.ts';
import type { Turns } from './turns.ts';

/** What validation asks of the world. */
export interface ValidatePorts extends GuardPorts {
  readonly gate: Gate;
  readonly caches: Caches;
  /** A Pod in wire form, live; undefined where there is none. Throws where it cannot be told. */
  readonly readPod: (namespace: string, name: string) => Promise<unknown>;
  readonly residents: Residents;
  /** For NetworkPolicies that take long to judge. */
  readonly turns: Turns;
}
