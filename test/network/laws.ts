import { classLaws } from './laws/classes.ts';
import { addressLaws, protocolLaws, selectorLaws, verdictLaws } from './laws/functions.ts';
import { peerLaws } from './laws/peers.ts';
import { policyLaws } from './laws/policies.ts';
import { portLaws } from './laws/ports.ts';
import { problemLaws } from './laws/read.ts';
import { reasonLaws } from './laws/reasons.ts';
import { tierPeerLaws } from './laws/tier-peers.ts';
import { tieredReadLaws } from './laws/tiered-read.ts';
import { tierLaws } from './laws/tiers.ts';
import { undefinedLaws } from './laws/undefined.ts';

/** Every law of NetworkPolicy for the engine, by its file. */
export const laws = {
  address: addressLaws,
  classes: classLaws,
  peers: peerLaws,
  policies: policyLaws,
  ports: portLaws,
  protocols: protocolLaws,
  read: problemLaws,
  reasons: reasonLaws,
  selector: selectorLaws,
  tieredRead: tieredReadLaws,
  tierPeers: tierPeerLaws,
  tiers: tierLaws,
  undefined: undefinedLaws,
  verdicts: verdictLaws,
} as const;
