import { createHash } from 'node:crypto';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import { identityOf } from '../judgement/known.ts';

/** What names a finding from run to run. */
export interface Fingerprint {
  /** SHA-256, hexadecimal, of what stays the same while lines move: {@link identityOf}. */
  readonly hash: string;
  /** 1 for the first finding of a run with this hash, 2 for the next. */
  readonly occurrence: number;
}

/** Fingerprints of one run, which are unique if each finding is asked about once. */
export interface Fingerprints {
  of(object: JudgedObject, finding: LocatedFinding): Fingerprint;
  /** The fingerprint of something else that a report names, by a text that identifies it. */
  ofText(identity: string): Fingerprint;
}

export function createFingerprints(): Fingerprints {
  const seen = new Map<string, number>();
  const ofText = (identity: string): Fingerprint => {
    const occurrence = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, occurrence);
    return { hash: createHash('sha256').update(identity).digest('hex'), occurrence };
  };
  return { of: (object, finding) => ofText(identityOf(object, finding)), ofText };
}
