import { X509Certificate } from 'node:crypto';
import { createAuthority, issueCertificate } from './authority.ts';
import { coversNames, isSame, isValidAt, type KeyPair, type Names, namesOf, renewalOf } from './certificate.ts';
import { type Holding, type Leaf, pairOf, type Signer } from './holding.ts';

/** How long things live, all in milliseconds. */
export interface Lifetimes {
  readonly authorityMs: number;
  readonly certificateMs: number;
  /**
   * How long a step of an authority's change is left standing before the next, so that every
   * replica and API server has taken it.
   */
  readonly overlapMs: number;
}

/** What a step depends on besides the Secret. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly names: Names;
  readonly lifetimes: Lifetimes;
  /**
   * For how long, in milliseconds, this process has seen the bundle and the certificate unchanged.
   */
  readonly standingMs: number;
  /** Whether the bundle is known to be in the webhook configurations. */
  readonly published: boolean;
  /** What this process serves with at the moment: it still works, whatever became of the Secret. */
  readonly serving: Holding | undefined;
}

/** A Secret's next content. */
export interface Step {
  readonly holding: Holding & { readonly newest: Signer; readonly leaf: Leaf };
  /** What it does, in words, for the log. */
  readonly does: string;
}

/**
 * The next step that the Secret needs, or undefined where all is well. Any replica may take it:
 * what is under way is read from the Secret alone.
 *
 * An authority is changed for another in three steps, each left standing for `overlapMs`, so that
 * at every moment what is served by any replica is trusted by every client:
 * 1. the new authority joins the bundle; the old one still signs;
 * 2. the serving certificate is issued by the new one, and the old one's key is destroyed;
 * 3. the old authority leaves the bundle. The time is measured by each process from when it saw the
 * step, not from a timestamp in the Secret: replicas' clocks may disagree.
 */
export async function nextStep(holding: Holding, circumstances: Circumstances): Promise<Step | undefined> {
  const { at } = circumstances;
  const { newest, leaf } = holding;
  if (newest === undefined) return await joinAuthority(holding, circumstances);

  const isChanging = holding.bundle.length > 1;
  const isNewestUsed = leaf !== undefined && isSame(leaf.issuer, newest.certificate);
  const mayAdvance = hasStood(holding, circumstances);
  if (at >= renewalOf(newest.certificate) && (!isChanging || isNewestUsed))
    return await joinAuthority(holding, circumstances);

  const lacks = lacking(leaf, circumstances);
  if (lacks !== undefined) {
    const signer = !isChanging || isNewestUsed || mayAdvance ? newest : holding.previous;
    if (signer !== undefined) return await issueBy(signer, holding, newest, circumstances, lacks);
    // Nobody who is trusted everywhere can sign. A certificate that works waits for the new
    // authority to be known; none at all cannot.
    if (leaf === undefined) return await issueBy(newest, holding, newest, circumstances, lacks);
  }
  if (leaf === undefined || !mayAdvance || !isChanging) return undefined;
  if (!isNewestUsed) return await issueBy(newest, holding, newest, circumstances, 'signed by the new authority');
  return {
    holding: { ...holding, newest, leaf, bundle: [newest.certificate], previous: undefined },
    does: 'the previous authority is no longer trusted',
  };
}

async function joinAuthority(holding: Holding, circumstances: Circumstances): Promise<Step> {
  const { at, lifetimes, serving } = circumstances;
  const made = await createAuthority({ at, lifetimeMs: lifetimes.authorityMs });
  const newest = signerOf(made);
  // A Secret that was deleted or spoilt takes nothing from the clients as long as one replica still
  // holds what they trust.
  const isServed = serving?.leaf !== undefined && isUsable(serving.leaf, at);
  const rescued = holding.leaf === undefined && isServed ? serving : undefined;
  const before = [...holding.bundle, ...(rescued?.bundle ?? [])].filter((authority) => isValidAt(authority, at));
  const previous = holding.newest ?? holding.previous;
  const kept = holding.leaf ?? rescued?.leaf;
  return {
    holding: {
      bundle: [newest.certificate, ...before.filter((one, index) => before.findIndex((b) => isSame(b, one)) === index)],
      newest,
      previous,
      // Webhook configurations that outlived all replicas trust the authority before, if anyone.
      leaf: kept ?? (await leafBy(previous ?? newest, circumstances, circumstances.names)),
      problems: [],
    },
    does:
      holding.newest === undefined
        ? 'a new authority, because none was usable'
        : 'a new authority joins, because the previous one is due',
  };
}

async function issueBy(
  signer: Signer,
  holding: Holding,
  newest: Signer,
  circumstances: Circumstances,
  why: string,
): Promise<Step> {
  const { leaf } = holding;
  // Replicas of two releases may want different names at once: each adds its own to what is there,
  // else they would replace each other's forever.
  const isDue = leaf === undefined || circumstances.at >= renewalOf(leaf.certificate);
  const names = isDue ? circumstances.names : joinNames(circumstances.names, namesOf(leaf.certificate));
  const isNewest = isSame(signer.certificate, newest.certificate);
  return {
    holding: {
      ...holding,
      newest,
      previous: isNewest ? undefined : holding.previous,
      leaf: await leafBy(signer, circumstances, names),
    },
    does: `a new serving certificate: ${why}`,
  };
}

async function leafBy(signer: Signer, { at, lifetimes }: Circumstances, names: Names): Promise<Leaf> {
  const made = await issueCertificate(pairOf(signer), { at, lifetimeMs: lifetimes.certificateMs, names });
  return { ...signerOf(made), issuer: signer.certificate };
}

/**
 * Whether the state stands long enough for the next step. An authority about to expire cannot wait
 * for proof that its successor is known.
 */
function hasStood({ leaf }: Holding, { at, lifetimes, standingMs, published }: Circumstances): boolean {
  const isUrgent = leaf !== undefined && leaf.issuer.validToDate.getTime() - at < 2 * lifetimes.overlapMs;
  return standingMs >= lifetimes.overlapMs && (published || isUrgent);
}

/** Why a serving certificate must be replaced, or undefined. */
function lacking(leaf: Leaf | undefined, { at, names }: Circumstances): string | undefined {
  if (leaf === undefined) return 'none was usable';
  if (at >= renewalOf(leaf.certificate)) return 'the previous one is due';
  return coversNames(leaf.certificate, names) ? undefined : 'the previous one lacks a name';
}

function isUsable(leaf: Leaf, at: number): boolean {
  return isValidAt(leaf.certificate, at) && isValidAt(leaf.issuer, at);
}

function signerOf(pair: KeyPair): Signer {
  return { certificate: new X509Certificate(pair.cert), key: pair.key };
}

function joinNames(a: Names, b: Names): Names {
  return {
    dnsNames: [...new Set([...a.dnsNames, ...b.dnsNames])],
    ipAddresses: [...new Set([...a.ipAddresses, ...b.ipAddresses])],
  };
}
