import { X509Certificate } from 'node:crypto';
import { createAuthority, issueCertificate } from './authority.ts';
import { coversNames, isSame, isValidAt, type KeyPair, type Names, namesOf, renewalOf } from './certificate.ts';
import { type Holding, type Leaf, pairOf, type Signer } from './holding.ts';
import { settleMs } from './trust.ts';

/** How long certificates and steps last, all in milliseconds. */
export interface Lifetimes {
  readonly authorityMs: number;
  readonly certificateMs: number;
  /**
   * How long each step of a change of authority stays in place before the next, so that every
   * replica and API server has applied it.
   */
  readonly overlapMs: number;
}

/** The facts besides the Secret that a step depends on. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly names: Names;
  readonly lifetimes: Lifetimes;
  /** How long this process has seen the bundle and the certificate unchanged, in milliseconds. */
  readonly standingMs: number;
  /**
   * How long the bundle has been known to be in the webhook configurations, in milliseconds.
   * Undefined if it is not known to be there.
   */
  readonly publishedMs: number | undefined;
  /**
   * What this process serves with at the moment. It still works, whatever has happened to the
   * Secret.
   */
  readonly serving: Holding | undefined;
}

/** The next content of the Secret. */
export interface Step {
  readonly holding: Holding & { readonly newest: Signer; readonly leaf: Leaf };
  /** What the step does, in words, for the log. */
  readonly does: string;
}

/**
 * The next step that the Secret needs, or undefined if nothing needs to change. Any replica may
 * take it, because the Secret alone shows which step is under way.
 *
 * One authority replaces another in three steps. Each step stays in place for `overlapMs`, so that
 * every client always trusts what any replica serves:
 * 1. the new authority joins the bundle; the old one still signs;
 * 2. the new authority issues the serving certificate, and the old one's key is destroyed;
 * 3. the old authority leaves the bundle.
 *
 * Each process measures the time from the moment when it saw the step, not from a timestamp in the
 * Secret, because the clocks of replicas may differ.
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
    // No signer is trusted everywhere. A working certificate stays until the new authority is
    // known. If there is no working certificate, one is issued at once.
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
  // If the Secret was deleted or damaged, clients lose nothing as long as one replica still holds
  // a certificate that they trust.
  const isServed = serving?.leaf !== undefined && isUsable(serving.leaf, at);
  const rescued = holding.leaf === undefined && isServed ? serving : undefined;
  const previous = holding.newest ?? holding.previous;
  const kept = holding.leaf ?? rescued?.leaf;
  // In an orderly change, all authorities stay until its last step. A Secret without a signer may
  // lose the next one before that step too, again and again. So it keeps only the authorities that
  // its certificate and its previous signer need.
  const orderly = holding.newest === undefined ? [] : holding.bundle;
  const before = [...orderly, previous?.certificate, kept?.issuer].filter((one) => one !== undefined);
  return {
    holding: {
      bundle: [newest.certificate, ...before.filter((one, index) => before.findIndex((b) => isSame(b, one)) === index)],
      newest,
      previous,
      // Webhook configurations that outlived all replicas can only trust the previous authority.
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
  // Replicas of two releases may want different names at the same time. Each adds its own names to
  // the existing ones; otherwise they would replace each other's certificate forever.
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
 * Whether the state has lasted long enough for the next step. If an authority is about to expire,
 * the step does not wait for proof that its successor is known.
 */
function hasStood({ leaf }: Holding, { at, lifetimes, standingMs, publishedMs = 0 }: Circumstances): boolean {
  const isUrgent = leaf !== undefined && leaf.issuer.validToDate.getTime() - at < 2 * lifetimes.overlapMs;
  return standingMs >= lifetimes.overlapMs && (publishedMs >= settleMs || isUrgent);
}

/** Why a serving certificate must be replaced. Undefined if it need not be. */
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
