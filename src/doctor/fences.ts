import { baselineParts } from '../baseline/desired.ts';
import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { namespacesInDoubt } from './baselines.ts';
import type { DoctorPorts } from './ports.ts';

/** Namespaces, and the NetworkPolicies that have the names of the baseline. */
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

/**
 * Looks again at the namespaces whose baseline seems wrong at a time (milliseconds since 1970). The
 * two lists are not of one moment: a namespace may have been deleted, or fenced again, between
 * them. Now the policies are read first. If the namespace that was seen before is still there
 * afterwards, its baseline is wrong.
 */
export async function lookAgain(
  first: Fences,
  ports: Pick<DoctorPorts, 'list'>,
  config: Config,
  now: number,
): Promise<Fences> {
  let fences = first;
  let names = namespacesInDoubt(fences, config);
  // Twice, because a namespace may be made again between the two reads of a look.
  for (let looks = 0; looks < 2 && names.length > 0; looks += 1) {
    const uids = new Map(fences.namespaces.map(({ name, uid }) => [name, uid]));
    const asked = new Set(names);
    const found =
      names.length > mostSingle ? await readAll(ports, config, now) : await readThese(ports, names, config, now);
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

async function readAll(ports: Pick<DoctorPorts, 'list'>, config: Config, now: number): Promise<Fences> {
  const policies = await readBaselines(ports, namesOf(config));
  return { policies, namespaces: await readNamespaces(ports, {}, now) };
}

/** Lists, so that no other right is needed. */
async function readThese(
  ports: Pick<DoctorPorts, 'list'>,
  names: readonly string[],
  config: Config,
  now: number,
): Promise<Fences> {
  const reserved = new Set(namesOf(config));
  const found = await Promise.all(
    names.map(async (name): Promise<Fences> => {
      const policies: RawObject[] = [];
      await ports.list(`${policiesApi}/namespaces/${name}/networkpolicies`, {}, (raw) => {
        if (reserved.has(raw.metadata.name ?? '')) policies.push(raw);
      });
      return { policies, namespaces: await readNamespaces(ports, { fieldSelector: `metadata.name=${name}` }, now) };
    }),
  );
  return {
    policies: found.flatMap(({ policies }) => policies),
    namespaces: found.flatMap(({ namespaces }) => namespaces),
  };
}

async function readNamespaces(
  { list }: Pick<DoctorPorts, 'list'>,
  query: Readonly<Record<string, string>>,
  now: number,
): Promise<readonly NamespaceView[]> {
  const found: NamespaceView[] = [];
  await list(namespacesPath, query, (raw) => found.push(asOf(readNamespace(raw), now)));
  return found;
}

function namesOf(config: Config): readonly string[] {
  return baselineParts(config).map(({ name }) => name);
}
