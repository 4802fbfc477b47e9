/** Bounds of one call to the API server. */
export interface CallLimits {
  /**
   * Milliseconds for the whole call, a second attempt over a new connection included. 5,000 by
   * default.
   */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
