/**
 * The facts that decide readiness.
 */
export interface Vitals {
  /**
   * Seconds since each informer last received something from the API server. Infinite before the
   * first time.
   */
  readonly informerAgeSeconds: Readonly<Record<string, number>>;
  /**
   * From when the serving certificate counts as expired, and when it expires (milliseconds since
   * 1970). Undefined before the first certificate.
   */
  readonly certificate: { readonly lastCall: number; readonly expiresAt: number } | undefined;
}

/**
 * Why a started process cannot judge correctly, one sentence for each reason. Empty if it can. Only
 * problems that another replica may not have are included: with failurePolicy Fail, a problem of
 * all replicas at once would be an outage.
 *
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
