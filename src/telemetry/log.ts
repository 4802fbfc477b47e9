import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** The log as a part is handed it: details first, then a constant message. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The log: one JSON object on one line, with `level`, an ISO `time` and a constant `msg`; what
 * varies is in keys.
 */
export function createLog(options: { readonly level: LogLevel; readonly destination: DestinationStream }): Logger {
  return pino(
    {
      level: options.level,
      // The process id is 1 and the host name the Pod's in every line: what collects the lines
      // knows both.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    options.destination,
  );
}

/**
 * What is logged of an error. pino's own serializer copies every property, and an HTTP client's
 * error carries headers and bodies (tokens, objects); so only these are.
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
