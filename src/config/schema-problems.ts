import { isIP } from 'node:net';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Path } from '../documents/document.ts';
import { type Problem, quote } from '../documents/problem.ts';
import type { ConfigDocument } from './document.ts';
import { isDate } from './exceptions.ts';
import { suggestKnown } from './problem.ts';
import { configSchema } from './schema.ts';

/** Returns every problem that the JSON Schema finds, in words, with its place in the file. */
export function findSchemaProblems(document: ConfigDocument, file: string): readonly Problem[] {
  const validate = validator();
  if (validate(document.value)) return [];
  return (validate.errors ?? []).flatMap((error) =>
    explain(error, document).map(({ path, message, part = 'value' }) => ({
      file,
      position: document.positionOf(path, part),
      path,
      message,
    })),
  );
}

interface Explained {
  readonly path: Path;
  readonly message: string;
  readonly part?: 'key' | 'value';
}

let compiled: ValidateFunction | undefined;

/**
 * Compiles the schema at the first use, because many commands read no configuration. A test, not
 * this process, validates the schema against its meta-schema.
 */
function validator(): ValidateFunction {
  compiled ??= new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
    meta: false,
    validateSchema: false,
    formats: { cidr: isCidr, date: isDate },
  }).compile(configSchema);
  return compiled;
}

function explain(error: ErrorObject, document: ConfigDocument): readonly Explained[] {
  const path = readPointer(error.instancePath, document.value);
  const schema = (error.parentSchema ?? {}) as { title?: string; properties?: object };
  const found = quote(error.data);
  // Ajv reports an error of `propertyNames` twice: for the name (with `propertyName`), and for the
  // mapping.
  if (error.propertyName !== undefined)
    return [
      { path: [...path, error.propertyName], part: 'key', message: `the key is not ${schema.title ?? 'allowed'}` },
    ];
  switch (error.keyword) {
    case 'propertyNames':
      return [];
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      const message = `unknown key; ${suggestKnown(key, Object.keys(schema.properties ?? {}))}`;
      return [{ path: [...path, key], part: 'key', message }];
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      const wanted = (schema.properties as Readonly<Record<string, { readonly const?: string }>> | undefined)?.[key];
      // `apiVersion` and `kind` have only one value each, so the message contains the line to copy.
      const all = (error.schema as readonly string[]).join(', ');
      const message =
        wanted?.const === undefined ? `missing; needed here: ${all}` : `missing; write "${key}: ${wanted.const}"`;
      return [{ path: [...path, key], message }];
    }
    case 'type':
      return [{ path, message: explainType(error, document.sourceOf(path)) }];
    case 'const':
      return [{ path, message: `${found} is not ${quote(error.params['allowedValue'])}` }];
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly string[]).map(String);
      // `type` reports a value of another type.
      if (typeof error.data !== 'string') return [];
      const suggestion = suggestKnown(error.data, allowed);
      const near = suggestion.startsWith('did') ? `; ${suggestion}` : '';
      return [{ path, message: `${found} is not one of ${allowed.join(', ')}${near}` }];
    }
    case 'uniqueItems':
      return findRepeats(error.data as readonly unknown[]).map((index) => ({
        path: [...path, index],
        message: `${quote((error.data as readonly unknown[])[index])} is already in the list`,
      }));
    case 'minItems':
    case 'minProperties':
      return [{ path, message: 'is empty; it needs at least one entry' }];
    default:
      return [{ path, message: `${found} is not ${schema.title ?? error.message ?? 'allowed'}` }];
  }
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
};

function explainType(error: ErrorObject, source: string | undefined): string {
  const wanted = [error.params['type'] as string | readonly string[]].flat();
  const data: unknown = error.data;
  const allowed = (error.parentSchema as { readonly enum?: readonly string[] } | undefined)?.enum;
  const words = (allowed ?? wanted.map((type) => typeWords[type] ?? type)).join(' or ');
  if (data === null) return `is empty; write ${words}, or leave the key out`;
  // If a number is allowed too, quotes do not help.
  if (wanted.includes('string') && !wanted.includes('integer') && typeof data !== 'object')
    return `${source ?? String(data)} is read as a ${typeof data}; quote it: ${quote(source ?? String(data))}`;
  const found = Array.isArray(data) ? 'a list' : typeof data === 'object' ? 'a mapping' : quote(data);
  return `${found} is not ${words}`;
}

function findRepeats(list: readonly unknown[]): number[] {
  return [...list.keys()].filter((index) => list.indexOf(list[index]) < index);
}

/** Splits a JSON pointer into steps. An index becomes a number only where the data has a list. */
function readPointer(pointer: string, data: unknown): Path {
  const path: (string | number)[] = [];
  let value = data;
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(step) : step);
    value = (value as Record<string, unknown> | undefined)?.[step];
  }
  return path;
}

/** Whether a text is an IPv4 or IPv6 network in the CIDR form of an ipBlock: `169.254.20.10/32`. */
export function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const family = isIP(address);
  // A NetworkPolicy does not allow a zone (fe80::1%eth0).
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return /^(?:0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
