// The YAML blocks of the article that Ringfence automates, by position. Nothing of its text is kept
// in this repository: it is read where it lies.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Wire } from '../admission/scene.ts';

/**
 * Where the article lies, beside a checkout or where the variable says; undefined where it does
 * not.
 */
export function findArticle(): string | undefined {
  const path = resolve(process.env['RINGFENCE_SHARED'] ?? '../shared', 'reference/seed-networkpolicy-isolation.md');
  return existsSync(path) ? path : undefined;
}

/** What a block holds, once parsed. */
export type Block =
  | { readonly shape: 'object'; readonly value: Wire }
  /** Rules without a NetworkPolicy around them. */
  | { readonly shape: 'list'; readonly value: readonly Wire[] }
  /** A part of a specification. */
  | { readonly shape: 'mapping'; readonly value: Wire }
  /** Shell commands, which YAML reads as one long text. */
  | { readonly shape: 'text'; readonly value: string }
  /** No YAML; `line`, counted from 0, is where a parser stops. */
  | { readonly shape: 'broken'; readonly value: string; readonly line: number };

/** Every block marked as YAML, in order. */
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
 * What the block evidently means, as objects that can be applied; their labels are left to the
 * answers that they get.
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

/** `kubectl label namespace NAME KEY=VALUE…` as the Namespace it leaves behind. */
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
 * The same with the mapping at `line` one step further left: it was indented into the list before
 * it.
 */
function outdent(text: string, line: number): string {
  const lines = text.split('\n');
  const width = (one: string | undefined) => one?.search(/\S/) ?? -1;
  const end = lines.findIndex((one, index) => index > line && width(one) < width(lines[line]));
  return lines.map((one, index) => (index >= line && (end === -1 || index < end) ? one.slice(2) : one)).join('\n');
}

/** A namespace that is meant by its name, by the label that holds it. */
function nameNamespaces(object: Wire): Wire {
  const rename = (key: string, value: unknown): unknown =>
    key === 'namespaceSelector'
      ? JSON.parse(JSON.stringify(value).replace('"name":', '"kubernetes.io/metadata.name":'))
      : value;
  return JSON.parse(JSON.stringify(object, rename)) as Wire;
}

/** A fragment says nothing of its place: the API tier, which the article's other rules surround. */
function wrap(rules: Wire): Wire {
  const policyTypes = 'egress' in rules ? ['Egress'] : ['Ingress'];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'fragment', namespace: 'backend' },
    spec: { podSelector: {}, policyTypes, ...rules },
  };
}
