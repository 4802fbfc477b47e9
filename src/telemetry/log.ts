import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** The log that a part receives: details first, then a constant message. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The log: one JSON object on one line, with `level`, an ISO `time` and a constant `msg`. Variable
 * facts have their own keys.
 */
export function createLog(options: { readonly level: LogLevel; readonly destination: DestinationStream }): Logger {
  return pino(
    {
      level: options.level,
      // The process id is always 1 and the host name is the Pod's. The log collector knows both.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    options.destination,
  );
}

/**
 * The logged part of an error. pino's own serializer copies every property, and the error of an
 * HTTP client carries headers and bodies (tokens, objects).
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
