import { dirname, resolve, sep } from 'node:path';
import type { LoadedDocument, Path } from '../documents/document.ts';
import { parseManifest } from '../documents/parse.ts';
import { FileError, type Problem } from '../documents/problem.ts';
import { isObject, own, textAt } from '../kubernetes/raw-object.ts';

/** A cluster, user or context by the field names of the file. Its paths are absolute. */
export type Entry = Readonly<Record<string, unknown>>;

/** The entries of kubeconfig files by their names. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
}

/**
 * Reads the text of one kubeconfig (client-go, tools/clientcmd/api/v1). Relative paths start at the
 * folder of the file. Unknown fields are ignored, as in kubectl. An empty text has no entries.
 * Throws a FileError with every field that has not its type, and every name that appears twice.
 */
export function readKubeconfigFile(text: string, file: string): Kubeconfig {
  const { documents, problems: unreadable } = parseManifest(text, file);
  const problems: Problem[] = unreadable.map(({ line, column, message }) => {
    const position = line === undefined ? undefined : { line, column: column ?? 1 };
    return { file, position, path: [], message };
  });
  // Like kubectl, which reads the first document.
  const [document] = documents;
  const wrong = (path: Path, message: string): void => {
    problems.push({ file, position: document?.placeOf(path), path, message });
  };
  const read = readEntries(document, dirname(file), wrong);
  if (problems.length > 0) throw new FileError(problems);
  return read;
}

type Fault = (path: Path, message: string) => void;

function readEntries(document: LoadedDocument | undefined, folder: string, wrong: Fault): Kubeconfig {
  const root = document?.object ?? {};
  if (!isObject(root)) wrong([], 'a kubeconfig is a mapping with clusters, users and contexts');
  const kind = own(root, 'kind') ?? 'Config';
  if (kind !== 'Config') wrong(['kind'], `must be Config, not ${JSON.stringify(kind)}: this is no kubeconfig`);
  const current = own(root, 'current-context') ?? '';
  if (typeof current !== 'string') wrong(['current-context'], 'must be a text');
  return {
    currentContext: textAt(root, 'current-context'),
    clusters: readList(root, 'clusters', 'cluster', folder, wrong),
    users: readList(root, 'users', 'user', folder, wrong),
    contexts: readList(root, 'contexts', 'context', folder, wrong),
  };
}

function readList(
  root: unknown,
  list: string,
  kind: keyof typeof fields,
  folder: string,
  wrong: Fault,
): ReadonlyMap<string, Entry> {
  const items = own(root, list) ?? [];
  const entries = new Map<string, Entry>();
  if (!Array.isArray(items)) wrong([list], 'must be a list');
  else
    for (const [index, item] of items.entries()) {
      const name = own(item, 'name');
      if (typeof name !== 'string') wrong([list, index], 'must have a name, which is a text');
      else if (entries.has(name)) wrong([list, index, 'name'], `${JSON.stringify(name)} appears twice in this list`);
      else entries.set(name, readEntry(own(item, kind) ?? {}, kind, [list, index, kind], folder, wrong));
    }
  return entries;
}

function readEntry(value: unknown, kind: keyof typeof fields, path: Path, folder: string, wrong: Fault): Entry {
  if (!isObject(value)) {
    wrong(path, 'must be a mapping');
    return {};
  }
  const entry: Record<string, unknown> = {};
  for (const [field, type] of Object.entries(fields[kind])) {
    const found = own(value, field);
    // Go reads null and an absent field alike.
    if (found === undefined || found === null) continue;
    if (!types[type].has(found)) wrong([...path, field], `must be ${types[type].name}`);
    else entry[field] = type === 'path' && found !== '' ? resolve(folder, String(found)) : found;
  }
  // A command without a separator is looked for in the PATH.
  const command = textAt(entry, 'exec', 'command');
  if (isObject(entry['exec']) && command?.includes(sep) === true)
    entry['exec'] = { ...entry['exec'], command: resolve(folder, command) };
  return entry;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const types = {
  text: { name: 'a text', has: isText },
  path: { name: 'a text', has: isText },
  texts: { name: 'a list of texts', has: isTexts },
  textLists: {
    name: 'a mapping of lists of texts',
    has: (value: unknown) => isObject(value) && Object.values(value).every(isTexts),
  },
  flag: { name: 'true or false', has: (value: unknown) => typeof value === 'boolean' },
  base64: { name: 'base64', has: (value: unknown) => isText(value) && isBase64(value.replaceAll(/[\r\n]/gu, '')) },
  mapping: { name: 'a mapping', has: isObject },
} as const;

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/u.test(text);
}

/** The fields that decide how a cluster is reached, and who reaches it. */
const fields = {
  cluster: {
    server: 'text',
    'certificate-authority': 'path',
    'certificate-authority-data': 'base64',
    'insecure-skip-tls-verify': 'flag',
    'tls-server-name': 'text',
    'proxy-url': 'text',
  },
  user: {
    'client-certificate': 'path',
    'client-certificate-data': 'base64',
    'client-key': 'path',
    'client-key-data': 'base64',
    token: 'text',
    tokenFile: 'path',
    username: 'text',
    password: 'text',
    as: 'text',
    'as-uid': 'text',
    'as-groups': 'texts',
    'as-user-extra': 'textLists',
    exec: 'mapping',
    'auth-provider': 'mapping',
  },
  context: { cluster: 'text', user: 'text', namespace: 'text' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, keyof typeof types>>>>;
