import type { Way } from './source.ts';

/** A value of the chart. */
export interface Value {
  /** The keys that lead to it, joined with dots. */
  readonly key: string;
  readonly description: string;
  /** A JSON Schema. */
  readonly schema: object;
  /** Its default: itself, or the place in a manifest that has it. */
  readonly default: unknown;
}

/** A default that a manifest has. */
export class FromManifest {
  readonly file: string;
  readonly way: Way;
  constructor(file: string, ...way: Way) {
    this.file = file;
    this.way = way;
  }
}

export const row = (key: string, value: unknown, schema: object, description: string): Value => ({
  key,
  description,
  schema,
  default: value,
});
