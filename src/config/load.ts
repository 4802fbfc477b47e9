import { readFileSync } from 'node:fs';
import type { Path, Place } from '../documents/document.ts';
import type { Problem } from '../documents/problem.ts';
import { findIncoherence } from './coherence.ts';
import type { Config } from './config.ts';
import { readDocument } from './document.ts';
import { type ConfigOrigin, mergeConfig } from './merge.ts';
import { ConfigError } from './problem.ts';
import type { ConfigFile } from './schema.ts';
import { findSchemaProblems } from './schema-problems.ts';

/** What a configuration is judged against, besides its own text. */
export interface ConfigContext extends ConfigOrigin {
  /** The ids of all checks, in the order in which messages list them. */
  readonly checkIds: readonly string[];
  /** The time in milliseconds since 1970, against which the ends of exceptions are held. */
  readonly now?: number;
}

/** The configuration without any file. */
export function defaultConfig(origin: ConfigOrigin): Config {
  return mergeConfig({}, origin);
}

/**
 * Reads a configuration file (YAML, UTF-8). A file with nothing in it gives the defaults.
 * Throws {@link ConfigError} with every problem of the file, or the one why it cannot be read.
 */
export function loadConfigFile(path: string, context: ConfigContext): Config {
  return parseConfig(readConfigText(path), { ...context, file: path });
}

/**
 * Reads a configuration from its text; `file` is what messages call it.
 * Throws {@link ConfigError} with every problem, in the text's order.
 */
export function parseConfig(text: string, context: ConfigContext & { readonly file: string }): Config {
  const { file, checkIds, now = Date.now() } = context;
  if (text.length > sizeLimit) throw refused(file, `is larger than ${sizeLimit} characters`);
  const document = readDocument(text, file);
  if (!document.readable) throw new ConfigError(inOrder(document.problems));
  const empty = document.value === undefined || document.value === null;
  if (empty && document.problems.length === 0) return defaultConfig(context);
  const problems = [
    ...document.problems,
    ...findSchemaProblems(document, file),
    ...findIncoherence(document, file, checkIds, now),
  ];
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  return mergeConfig(document.value as ConfigFile, context);
}

// What a ConfigMap can hold (Kubernetes limits its data to 1 MiB).
const sizeLimit = 1_048_576;

/**
 * A configuration file's text. Throws {@link ConfigError} with the reason why it cannot be read.
 */
export function readConfigText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw refused(path, readErrors[code] ?? `cannot be read (${code})`);
  }
  if (bytes.length > sizeLimit) throw refused(path, `is larger than ${sizeLimit} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(path, 'is not UTF-8 text');
  }
}

const readErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a directory, not a file',
  EACCES: 'may not be read (permission denied)',
};

function refused(file: string, message: string): ConfigError {
  const path: Path = [];
  return new ConfigError([{ file, position: undefined, path, message }]);
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const start: Place = { line: 0, column: 0 };
  const unique = new Map(
    problems.map((problem) => [JSON.stringify([problem.path, problem.message, problem.position]), problem]),
  );
  return [...unique.values()].sort((a, b) => {
    const [left, right] = [a.position ?? start, b.position ?? start];
    return left.line - right.line || left.column - right.column;
  });
}
