import { type DestinationStream, type Logger, destination as openDestination, pino, stdTimeFunctions } from 'pino';

/** The log: one JSON object on one line, with `level`, an ISO `time` and a constant `msg`; what varies is in keys. */
export type Log = Logger;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Makes the log; standard output where no destination is given.
 * Lines are written synchronously: it costs no more than the asynchronous way, and a killed process loses nothing it has answered for.
 */
export function createLog(options: { readonly level: LogLevel; readonly destination?: DestinationStream }): Log {
  return pino(
    {
      level: options.level,
      // The process id is 1 and the host name the Pod's in every line: what collects the lines knows both.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    options.destination ?? openDestination({ dest: 1, sync: true }),
  );
}

/** The same log for audit lines: they are written whatever the log's level, because a quiet log must not lose decisions. */
export function createAuditLog(log: Log): Log {
  return log.child({}, { level: 'info' });
}

/**
 * What is logged of an error. pino's own serializer copies every property, and an HTTP client's error carries headers and bodies
 * (tokens, objects); so only these are.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'number' || typeof code === 'string' ? { code } : {}),
    ...(typeof reason === 'string' && reason !== '' ? { reason } : {}),
    stack: error.stack,
    ...(error.cause === undefined
      ? {}
      : { cause: error.cause instanceof Error ? error.cause.message : String(error.cause) }),
  };
}
