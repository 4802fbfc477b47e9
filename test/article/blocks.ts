// The YAML blocks of the article that Ringfence automates, by position. The repository does not
// contain the text of the article; the test reads it from its place.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Wire } from '../admission/scene.ts';

/**
 * Returns the path of the article, beside a checkout or in the environment variable; undefined if
 * it does not exist.
 */
export function findArticle(): string | undefined {
  const path = resolve(process.env['RINGFENCE_SHARED'] ?? '../shared', 'reference/seed-networkpolicy-isolation.md');
  return existsSync(path) ? path : undefined;
}

/** The content of a block, after parsing. */
export type Block =
  | { readonly shape: 'object'; readonly value: Wire }
  /** Rules without a NetworkPolicy around them. */
  | { readonly shape: 'list'; readonly value: readonly Wire[] }
  /** A part of a specification. */
  | { readonly shape: 'mapping'; readonly value: Wire }
  /** Shell commands, which YAML reads as one long text. */
  | { readonly shape: 'text'; readonly value: string }
  /** Not YAML. A parser stops at `line`, which counts from 0. */
  | { readonly shape: 'broken'; readonly value: string; readonly line: number };

/** Returns every block that is marked as YAML, in order. */
export function readBlocks(path: string): readonly Block[] {
  const texts = [...readFileSync(path, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  return texts.map(readBlock);
}

function readBlock(text: string): Block {
  // kubectl reads YAML 1.1.
  const [document, ...more] = parseAllDocuments(text, { version: '1.1' });
  if (document === undefined || more.length > 0) throw new Error('a block holds one document');
  const [error] = document.errors;
  if (error !== undefined) return { shape: 'broken', value: text, line: (error.linePos?.[0].line ?? 1) - 1 };
  const value = document.toJS() as unknown;
  if (typeof value === 'string') return { shape: 'text', value: text };
  if (Array.isArray(value)) return { shape: 'list', value: value as readonly Wire[] };
  const mapping = value as Wire;
  return { shape: 'kind' in mapping ? 'object' : 'mapping', value: mapping };
}

/**
 * Returns the objects that the block is meant to be. Their labels come from the answers of
 * Ringfence.
 */
export function repair(block: Block): readonly Wire[] {
  switch (block.shape) {
    case 'text':
      return readCommands(block.value);
    case 'broken':
      return repair(readBlock(outdent(block.value, block.line)));
    case 'object':
      return [nameNamespaces(block.value)];
    case 'list': {
      const egress = block.value.every((rule) => 'to' in rule);
      return [wrap(egress ? { egress: block.value } : { ingress: block.value })];
    }
    case 'mapping':
      return [wrap(block.value)];
  }
}

/** Converts `kubectl label namespace NAME KEY=VALUE…` to the Namespace after the command. */
function readCommands(text: string): readonly Wire[] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const [command, verb, kind, name, ...pairs] = line.trim().split(/\s+/);
    if (command !== 'kubectl' || verb !== 'label' || kind !== 'namespace') return [];
    const labels = Object.fromEntries(pairs.map((pair) => pair.split('=')));
    return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }];
  });
}

/**
 * Returns the text with the mapping at `line` one level further left. It was indented into the list
 * before it.
 */
function outdent(text: string, line: number): string {
  const lines = text.split('\n');
  const width = (one: string | undefined) => one?.search(/\S/) ?? -1;
  const end = lines.findIndex((one, index) => index > line && width(one) < width(lines[line]));
  return lines.map((one, index) => (index >= line && (end === -1 || index < end) ? one.slice(2) : one)).join('\n');
}

/** Selects a namespace that is meant by its name by the label that contains the name. */
function nameNamespaces(object: Wire): Wire {
  const rename = (key: string, value: unknown): unknown =>
    key === 'namespaceSelector'
      ? JSON.parse(JSON.stringify(value).replace('"name":', '"kubernetes.io/metadata.name":'))
      : value;
  return JSON.parse(JSON.stringify(object, rename)) as Wire;
}

/**
 * Puts a fragment into a NetworkPolicy of the API tier, which the other rules of the article
 * concern.
 */
function wrap(rules: Wire): Wire {
  const policyTypes = 'egress' in rules ? ['Egress'] : ['Ingress'];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'fragment', namespace: 'backend' },
    spec: { podSelector: {}, policyTypes, ...rules },
  };
}
