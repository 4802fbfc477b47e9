// What an error says of trying again, whoever made it: the errors of src/cluster/ have these
// fields, and no room needs to know that one for them.

/**
 * The HTTP status that an error of a call carries: 0 where there was no answer; undefined where it
 * is no error of a call.
 */
export function apiCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/**
 * How long the API server asks to be left alone (Retry-After, RFC 9110, 10.2.3), in milliseconds; 0
 * where it does not ask. No longer than half a minute, whoever answered in its place: baselines
 * wait for it.
 */
export function askedPauseMs(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? Number(error.retryAfterSeconds) : 0;
  return seconds > 0 ? Math.min(seconds, longestAskedSeconds) * 1000 : 0;
}

const longestAskedSeconds = 30;
