// What an error says about retrying, wherever it was made. The errors of src/cluster/ have these
// fields, and other rooms can read them without importing src/cluster/.

/**
 * The HTTP status that an error of a call carries. It is 0 if there was no answer, and undefined if
 * the error is not from a call.
 */
export function apiCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/**
 * How long the API server asks clients to wait (Retry-After, RFC 9110, 10.2.3), in milliseconds; 0
 * if it does not ask. It is capped at half a minute, because baselines wait for it and something
 * else may have answered in place of the API server.
 */
export function askedPauseMs(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? Number(error.retryAfterSeconds) : 0;
  return seconds > 0 ? Math.min(seconds, longestAskedSeconds) * 1000 : 0;
}

const longestAskedSeconds = 30;
