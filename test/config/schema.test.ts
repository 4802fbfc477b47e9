import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { defaultFile } from '../../src/config/defaults.ts';
import { defaultConfig, parseConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { modes } from '../../src/policy/mode.ts';

const context = { version: '0', ownNamespace: 'ringfence', checkIds: [] };

describe('configSchema', () => {
  it('is a JSON Schema: the process compiles it without asking', () => {
    const ajv = new Ajv2020();
    expect(ajv.validateSchema(configSchema), ajv.errorsText()).toBe(true);
  });

  it('knows the modes that the policy knows', () => {
    expect(configSchema.properties.mode.enum).toEqual(modes);
  });

  it('takes the defaults as a file, and they change nothing', () => {
    const parsed = parseConfig(stringify(defaultFile), { ...context, file: 'defaults' });
    const plain = (config: unknown) =>
      JSON.stringify(config, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    expect(plain(parsed)).toBe(plain(defaultConfig(context)));
  });

  it('describes every setting, because the documentation is made from it', () => {
    expect(findUndescribed(configSchema, [])).toEqual([]);
  });
});

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

function findUndescribed(schema: Schema, path: readonly string[]): readonly string[] {
  const free =
    typeof schema.additionalProperties === 'object' ? findUndescribed(schema.additionalProperties, path) : [];
  const listed = schema.items === undefined ? [] : findUndescribed(schema.items, path);
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    ...(property.description === undefined ? [[...path, name].join('.')] : []),
    ...findUndescribed(property, [...path, name]),
  ]);
  return [...named, ...free, ...listed];
}
