import { count } from '../documents/count.ts';
import { formatDocumentProblem, type LoadedDocument } from '../documents/document.ts';
import { parseManifest } from '../documents/parse.ts';
import { takeInventory } from '../judgement/inventory.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { judgeDocuments } from '../judgement/judgement.ts';
import { textAt, valueAt } from '../kubernetes/raw-object.ts';
import { readPolicy } from '../network/read.ts';
import type { Policy } from '../network/rules.ts';
import { createChangeLaw } from '../plan/change-law.ts';
import { withBaselines } from '../plan/plan.ts';
import { type Change, compareDesks } from '../reach/change.ts';
import { createDesk } from '../reach/desk.ts';
import type { Model } from './model.ts';

/** What would become of a cluster with other NetworkPolicies. Nothing is applied. */
export interface Trial {
  /** What cannot be read, with its place. If there is any, nothing else is said. */
  readonly problems: readonly string[];
  /** How many documents are no NetworkPolicies, by kind. */
  readonly passedOver: ReadonlyMap<string, number>;
  readonly policies: readonly { readonly name: string; readonly isNew: boolean }[];
  readonly changes: readonly Change[];
  readonly judged: readonly JudgedObject[];
}

/** The name of pasted text in messages. */
const file = 'pasted';

/**
 * Tries NetworkPolicies: the flows that they would open and close, by the engine of `diff`, and
 * what `check` says of them in this cluster.
 */
export async function tryPolicies(text: string, model: Model): Promise<Trial> {
  const parsed = parseManifest(text, file);
  const problems = parsed.problems.map(formatDocumentProblem);
  const passedOver = new Map<string, number>();
  const documents: LoadedDocument[] = [];
  const policies: Policy[] = [];
  for (const document of parsed.documents) {
    const { object, line } = document;
    const [kind, name, namespace] = [
      textAt(object, 'kind'),
      textAt(object, 'metadata', 'name') ?? '',
      textAt(object, 'metadata', 'namespace') ?? '',
    ];
    if (kind !== 'NetworkPolicy' || textAt(object, 'apiVersion') !== 'networking.k8s.io/v1') {
      count(passedOver, kind === undefined ? 'no Kubernetes object' : `${textAt(object, 'apiVersion') ?? ''} ${kind}`);
      continue;
    }
    documents.push(document);
    const place = `${file}:${line}`;
    if (name === '') problems.push(`${place}: metadata.name is missing`);
    if (namespace === '') problems.push(`${place}: metadata.namespace is missing: say where ${name} belongs`);
    else if (!model.places.has(namespace)) problems.push(`${place}: there is no namespace ${namespace} here`);
    const read = readPolicy(valueAt(object, 'spec'), { namespace, name });
    if ('problems' in read)
      for (const { field, message } of read.problems) problems.push(`${place}: ${name}: ${field} ${message}`);
    else policies.push(read.policy);
  }
  if (parsed.isCommentedJson || (documents.length === 0 && problems.length === 0 && passedOver.size === 0))
    problems.push(`${file}: there is no NetworkPolicy in it`);
  if (problems.length > 0 || policies.length === 0)
    return { problems, passedOver, policies: [], changes: [], judged: [] };
  return {
    problems,
    passedOver,
    policies: policies.map(({ namespace, name }) => ({
      name: `${namespace}/${name}`,
      isNew: !model.policies.has(`${namespace}/${name}`),
    })),
    changes: changesBy(policies, model),
    judged: await judge(documents, model),
  };
}

/** The flows with an end in a namespace of these policies that they change, each once. */
function changesBy(policies: readonly Policy[], { desk, report }: Model): readonly Change[] {
  const { inventory } = desk;
  const world = { ...inventory.world, policies: withBaselines(inventory.world.policies, policies) };
  const after = createDesk({ ...inventory, world });
  const law = createChangeLaw(after, report.config);
  const found = new Map<string, Change>();
  for (const namespace of new Set(policies.map((one) => one.namespace)))
    for (const change of compareDesks(desk, after, namespace)) {
      const key = JSON.stringify([change.kind, change.from.names, change.to.names, change.ports]);
      if (!found.has(key)) found.set(key, { ...change, forbidden: law.judge(change) });
    }
  return [...found.values()];
}

/** What admission would say of the policies in the cluster as it is. */
async function judge(documents: readonly LoadedDocument[], { report }: Model): Promise<readonly JudgedObject[]> {
  const { collection, config } = report;
  const names = new Set(documents.map(({ object }) => keyOf(object)));
  const standing = collection.documents.filter(
    ({ object }) =>
      textAt(object, 'kind') === 'Namespace' ||
      (textAt(object, 'kind') === 'NetworkPolicy' && !names.has(keyOf(object))),
  );
  const inventory = takeInventory(
    documents,
    { cluster: standing, defaultNamespace: undefined, now: Date.parse(report.at), isWhole: true },
    config,
  );
  return (await judgeDocuments(documents, inventory, config)).objects;
}

function keyOf(object: unknown): string {
  return `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;
}
