/**
 * Limits of one call to the API server.
 */
export interface CallLimits {
  /**
   * Milliseconds for the whole call, including a second attempt over a new connection. The default
   * is 5,000.
   */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
