/** What readiness is judged by. */
export interface Vitals {
  /** Seconds since each informer last heard of the API server; infinite before the first time. */
  readonly informerAgeSeconds: Readonly<Record<string, number>>;
  /**
   * From when the serving certificate is as good as expired (milliseconds since 1970), and when it
   * is; undefined before the first.
   */
  readonly certificate: { readonly lastCall: number; readonly expiresAt: number } | undefined;
}

/**
 * Why a process that has started cannot judge rightly, one sentence each; empty where it can. Only
 * what another replica may do better is here: with failurePolicy Fail a reason that all replicas
 * have at once is an outage.
 * @param at milliseconds since 1970
 */
export function findUnfit(vitals: Vitals, silenceSeconds: number, at: number): readonly string[] {
  const reasons = Object.entries(vitals.informerAgeSeconds)
    .filter(([, age]) => Number.isFinite(age) && age > silenceSeconds)
    .map(
      ([informer, age]) =>
        `nothing received about ${informer} for ${Math.floor(age)} seconds (at most ${silenceSeconds} are allowed)`,
    );
  const { certificate } = vitals;
  if (certificate !== undefined && at >= certificate.lastCall)
    reasons.push(
      `the certificate, or the authority that signed it, ${at >= certificate.expiresAt ? 'expired' : 'expires'} at ${new Date(certificate.expiresAt).toISOString()}`,
    );
  return reasons;
}
