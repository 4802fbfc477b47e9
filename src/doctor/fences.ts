import { baselineParts } from '../baseline/desired.ts';
import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { namespacesInDoubt } from './baselines.ts';
import type { Facts, Reading } from './facts.ts';
import type { DoctorPorts } from './ports.ts';
import type { Reads } from './reads.ts';

/** Namespaces and NetworkPolicies: at least those that have the names of the baseline. */
export interface Fences {
  readonly namespaces: readonly NamespaceView[];
  readonly policies: readonly RawObject[];
}

/** Reads the NetworkPolicies of all namespaces that have one of the names. */
export async function readBaselines(
  { list }: Pick<DoctorPorts, 'list'>,
  names: readonly string[],
): Promise<readonly RawObject[]> {
  const found: RawObject[] = [];
  await Promise.all(
    names.map((name) => list(policiesPath, { fieldSelector: `metadata.name=${name}` }, (raw) => found.push(raw))),
  );
  return found;
}

/** Whatever seems wrong is read once more, because the two lists are not of one moment. */
export async function lookTwice(
  namespaces: Reading<readonly NamespaceView[]>,
  baselines: Reading<readonly RawObject[]>,
  config: Config | undefined,
  { ports, reading, now }: { readonly ports: DoctorPorts; readonly reading: Reads['reading']; readonly now: number },
): Promise<Pick<Facts, 'baselines'> & { readonly namespaces: typeof namespaces }> {
  if (!('value' in namespaces) || !('value' in baselines) || config === undefined) return { namespaces, baselines };
  const first = { namespaces: namespaces.value, policies: baselines.value };
  const policies = () =>
    readBaselines(
      ports,
      baselineParts(config).map(({ name }) => name),
    );
  const again = await reading('baselines', () => lookAgain(first, { config, now, list: ports.list, policies }));
  if (!('value' in again)) return { namespaces, baselines: again };
  return { namespaces: { value: again.value.namespaces }, baselines: { value: again.value.policies } };
}

/** How a second look reads. */
export interface LookOptions {
  readonly config: Config;
  /** Milliseconds since 1970, when a trial may be over. */
  readonly now: number;
  readonly list: DoctorPorts['list'];
  /** Reads the policies of all namespaces, as the first look did. */
  readonly policies: () => Promise<readonly RawObject[]>;
}

/**
 * Looks again at the namespaces whose baseline seems wrong. The two lists are not of one moment: a
 * namespace may have been deleted, or fenced again, between them. Now the policies are read first.
 * If the namespace that was seen before is still there afterwards, its baseline is wrong. Returns
 * the first look itself if nothing seems wrong.
 */
export async function lookAgain(first: Fences, options: LookOptions): Promise<Fences> {
  const { config } = options;
  let fences = first;
  let names = namespacesInDoubt(fences, config);
  // Twice, because a namespace may be made again between the two reads of a look.
  for (let looks = 0; looks < 2 && names.length > 0; looks += 1) {
    const uids = new Map(fences.namespaces.map(({ name, uid }) => [name, uid]));
    const asked = new Set(names);
    const found = names.length > mostSingle ? await readAll(options) : await readThese(names, options);
    fences = {
      namespaces: [
        ...fences.namespaces.filter(({ name }) => !asked.has(name)),
        ...found.namespaces.filter(({ name }) => asked.has(name)),
      ],
      policies: [
        ...fences.policies.filter(({ metadata }) => !asked.has(metadata.namespace ?? '')),
        ...found.policies.filter(({ metadata }) => asked.has(metadata.namespace ?? '')),
      ],
    };
    const doubted = new Set(namespacesInDoubt(fences, config));
    names = fences.namespaces
      .filter(({ name, uid }) => doubted.has(name) && uids.get(name) !== uid)
      .map(({ name }) => name);
  }
  return fences;
}

/** Each takes two calls, and the lists of all take some seconds in a large cluster. */
const mostSingle = 10;

const namespacesPath = '/api/v1/namespaces';
const policiesApi = '/apis/networking.k8s.io/v1';
const policiesPath = `${policiesApi}/networkpolicies`;

async function readAll(options: LookOptions): Promise<Fences> {
  const policies = await options.policies();
  return { policies, namespaces: await readNamespaces({}, options) };
}

/** Lists, so that no other right is needed. */
async function readThese(names: readonly string[], options: LookOptions): Promise<Fences> {
  const found = await Promise.all(
    names.map(async (name): Promise<Fences> => {
      const policies: RawObject[] = [];
      await options.list(`${policiesApi}/namespaces/${name}/networkpolicies`, {}, (raw) => policies.push(raw));
      return { policies, namespaces: await readNamespaces({ fieldSelector: `metadata.name=${name}` }, options) };
    }),
  );
  return {
    policies: found.flatMap(({ policies }) => policies),
    namespaces: found.flatMap(({ namespaces }) => namespaces),
  };
}

async function readNamespaces(
  query: Readonly<Record<string, string>>,
  { list, now }: LookOptions,
): Promise<readonly NamespaceView[]> {
  const found: NamespaceView[] = [];
  await list(namespacesPath, query, (raw) => found.push(asOf(readNamespace(raw), now)));
  return found;
}
