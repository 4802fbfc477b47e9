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

/** The facts, besides its text, that are needed to judge a configuration. */
export interface ConfigContext extends ConfigOrigin {
  /** The ids of all checks, in the order in which messages list them. */
  readonly checkIds: readonly string[];
  /** The time of loading, in milliseconds since 1970, which limits the ends of exceptions. */
  readonly now?: number;
}

/** Returns the configuration that holds without any file. */
export function defaultConfig(origin: ConfigOrigin): Config {
  return mergeConfig({}, origin);
}

/**
 * Reads a configuration file (YAML, UTF-8). An empty file gives the defaults. Throws
 * {@link ConfigError} with every problem of the file, or with the reason why it cannot be read.
 */
export function loadConfigFile(path: string, context: ConfigContext): Config {
  return parseConfig(readConfigText(path), { ...context, file: path });
}

/**
 * Reads a configuration from its text. Messages name it `file`. Throws {@link ConfigError} with
 * every problem, in the order of the text.
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

// Kubernetes limits the data of a ConfigMap to 1 MiB.
const sizeLimit = 1_048_576;

/** Reads the text of a configuration file. Throws {@link ConfigError} if it cannot be read. */
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
