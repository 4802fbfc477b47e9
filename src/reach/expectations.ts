import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { readDocument } from '../config/document.ts';
import type { Path } from '../documents/document.ts';
import { FileError, type Problem, quote } from '../documents/problem.ts';
import type { Protocol } from '../network/rules.ts';
import { portNamePattern } from './port-text.ts';

/** One flow that must be allowed, or must be denied. */
export interface Expectation {
  readonly expected: 'allow' | 'deny';
  /** Any form that `reach` accepts. */
  readonly from: string;
  readonly to: string;
  /** Undefined means every protocol if the flow is denied, or if no port is named; else TCP. */
  readonly protocol: Protocol | undefined;
  /** Undefined means every port. A text is the name of a port. */
  readonly port: number | string | undefined;
  /** Whether policies of other kinds, which are not evaluated, do not matter. */
  readonly ignoresOthers: boolean;
  readonly line: number;
}

/** JSON Schema of an expectations file. */
const flow = {
  type: 'object',
  properties: {
    from: { type: 'string', minLength: 1 },
    to: { type: 'string', minLength: 1 },
    port: { type: ['integer', 'string'], minimum: 1, maximum: 65_535, pattern: portNamePattern },
    protocol: { type: 'string', pattern: '^([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp])$' },
  },
  required: ['from', 'to'],
  additionalProperties: false,
};
export const expectationsSchema = {
  type: 'object',
  properties: {
    allow: { type: 'array', items: flow },
    deny: { type: 'array', items: flow },
    'other-policies': { enum: ['ignored'] },
  },
  additionalProperties: false,
};

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  verbose: true,
  meta: false,
  validateSchema: false,
});

/**
 * Reads an expectations file: lists `allow` and `deny` of `{from, to, port, protocol}`, and
 * `other-policies: ignored`. A flow without a port is one of every port. Throws FileError with
 * every problem and its position.
 */
export function readExpectations(text: string, file: string): readonly Expectation[] {
  const document = readDocument(text, file);
  if (!document.readable) throw new FileError(document.problems);
  const problems: Problem[] = [...document.problems];
  const { value } = document;
  const validate = ajv.compile<ExpectationsFile>(expectationsSchema);
  if (!validate(value)) {
    for (const error of validate.errors ?? []) {
      const path = [...readPointer(error.instancePath), ...extraStep(error)];
      problems.push({ file, position: document.positionOf(path, 'key'), path, message: sayError(error) });
    }
    throw new FileError(problems);
  }
  if (problems.length > 0) throw new FileError(problems);
  const expectations = (['allow', 'deny'] as const).flatMap((expected) =>
    (value[expected] ?? []).map(({ from, to, port, protocol }, index): Expectation => {
      const { line } = document.positionOf([expected, index], 'value');
      const asked = { port, protocol: protocol?.toUpperCase() as Expectation['protocol'] };
      return { expected, from, to, ...asked, ignoresOthers: value['other-policies'] === 'ignored', line };
    }),
  );
  if (expectations.length > 0) return expectations;
  // A file without expectations would always pass.
  const message = 'expects nothing: it needs entries under "allow" or "deny"';
  throw new FileError([{ file, position: undefined, path: [], message }]);
}

interface FlowEntry {
  readonly from: string;
  readonly to: string;
  readonly port?: number | string;
  readonly protocol?: string;
}

interface ExpectationsFile {
  readonly allow?: readonly FlowEntry[];
  readonly deny?: readonly FlowEntry[];
  /** Whether policies that are not evaluated leave an expectation undefined. */
  readonly 'other-policies'?: 'ignored';
}

function extraStep({ keyword, params }: ErrorObject): Path {
  return keyword === 'additionalProperties' ? [String(params['additionalProperty'])] : [];
}

function sayError({ keyword, params, data, message, instancePath }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'unknown key';
    case 'required':
      return `"${String(params['missingProperty'])}" is missing`;
    case 'enum':
      return `${quote(data)} is not ignored`;
    case 'pattern':
      return instancePath.endsWith('/protocol')
        ? `${quote(data)} is not TCP, UDP or SCTP`
        : `${quote(data)} is not the name of a port, and a number is not quoted`;
    case 'minimum':
    case 'maximum':
      return `${quote(data)} is not a port from 1 to 65535`;
    case 'type':
      return `${quote(data)} is not ${typeWords[String(params['type'])] ?? String(params['type'])}`;
    default:
      return message ?? 'is not allowed';
  }
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  'integer,string': 'a number or the name of a port',
};

function readPointer(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}
