import { desiredBaseline } from '../baseline/desired.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { isObject, listAt, own, recordOf } from '../kubernetes/raw-object.ts';
import { formatAddress } from '../network/range-text.ts';
import type { Pod } from '../network/world.ts';
import type { End } from './end.ts';
import type { Plan, Planner } from './plan.ts';
import type { Proof } from './proof.ts';
import { byKey } from './text-order.ts';

/** The content of `plan.json`: what the files of a folder must do, and in which world. */
export interface PlanRecord {
  readonly version: 1;
  /** By namespace. */
  readonly plans: Readonly<Record<string, PlannedNamespace>>;
  readonly world: RecordedWorld;
}

/** What was planned for one namespace. */
export interface PlannedNamespace {
  /** The paths of the files, relative to the folder, in the order of the policies. */
  readonly files: readonly string[];
  readonly policies: readonly NetworkPolicy[];
  /** The flows that must be open behind the baseline: those that it keeps, and those written. */
  readonly open: readonly RecordedFlow[];
  /**
   * What the engine said about the change. Of what is closed only the number is kept: in a large
   * cluster it is nearly everything.
   */
  readonly proof: Omit<Proof, 'closed'> & { readonly closed: number };
}

export interface RecordedFlow {
  readonly from: End;
  readonly to: End;
  readonly protocol: string;
  readonly port: number;
}

/** The world of a plan: one Pod for each kind of Pod of a workload. */
export interface RecordedWorld {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly RecordedPod[];
  /** The policies that stood, as they were written. */
  readonly policies: readonly unknown[];
  /** The baselines of the namespaces that are planned, or fenced already. */
  readonly baselines: readonly NetworkPolicy[];
}

export interface RecordedPod {
  readonly namespace: string;
  readonly name: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: Pod['ports'];
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
}

/** The name of the file in the folder of a plan. */
export const recordName = 'plan.json';

/** The path of a policy's file in the folder. */
export function pathOf({ metadata }: NetworkPolicy): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}.yaml`;
}

/** Adds plans to a record; those of other namespaces stay. */
export function recordPlans(
  before: PlanRecord | undefined,
  plans: readonly { readonly plan: Plan; readonly proof: Proof }[],
  planner: Planner,
): PlanRecord {
  const added = plans.map(({ plan, proof }) => [plan.namespace, recordPlan(plan, proof)] as const);
  const all = new Map([...Object.entries(before?.plans ?? {}), ...added]);
  const sorted = [...all].sort(byKey);
  return { version: 1, plans: Object.fromEntries(sorted), world: recordWorld(planner, [...all.keys()]) };
}

function recordPlan(plan: Plan, proof: Proof): PlannedNamespace {
  const policies = plan.policies.map(({ policy }) => policy);
  const open = plan.flows.filter(
    (flow) => flow.fate.fate === 'kept' || (flow.fate.fate === 'cut' && !plan.unwritten.has(flow)),
  );
  return {
    files: policies.map(pathOf),
    policies,
    open: open.map(({ candidate: { from, to, protocol, port } }) => ({ from, to, protocol, port })),
    proof: { ...proof, closed: proof.closed.length },
  };
}

function recordWorld({ world, fenced, standing, ownerOf, config }: Planner, planned: readonly string[]): RecordedWorld {
  // Without blocks, the address of a Pod decides nothing, and it changes at each start.
  const hasBlocks = world.tiered !== undefined || JSON.stringify(standing).includes('"ipBlock"');
  const kinds = new Map<string, number>();
  const titles = new Map<string, number>();
  const pods: RecordedPod[] = [];
  for (const pod of world.pods) {
    const { namespace, name, labels, ports, hostNetwork, addresses } = pod;
    const owner = ownerOf(pod);
    const recorded = {
      namespace,
      labels: toRecord([...labels]),
      ports,
      hostNetwork,
      addresses: hasBlocks ? addresses.map(formatAddress) : [],
    };
    const kind = JSON.stringify([owner ?? name, recorded]);
    const copies = kinds.get(kind) ?? 0;
    // Two Pods of each kind are enough. One is not, because a Pod always reaches itself.
    if (copies === 2) continue;
    kinds.set(kind, copies + 1);
    if (owner === undefined) {
      pods.push({ ...recorded, name });
      continue;
    }
    const title = `${owner.kind}/${owner.name}`;
    const number = (titles.get(`${namespace}/${title}`) ?? 0) + 1;
    titles.set(`${namespace}/${title}`, number);
    pods.push({ ...recorded, name: `${title}#${number}`, owner });
  }
  const namespaces = [...world.namespaces].map(([name, labels]) => [name, toRecord([...labels])] as const);
  return {
    namespaces: Object.fromEntries(namespaces.sort(byKey)),
    pods: pods.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1)),
    policies: standing,
    baselines: [...world.namespaces]
      .filter(([name]) => planned.includes(name) || fenced.has(name))
      .sort(byKey)
      .flatMap(([name, labels]) => desiredBaseline({ name, labels }, config)),
  };
}

function toRecord(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.toSorted(byKey));
}

/** Reads `plan.json`. Throws an Error that says what is wrong with it. */
export function readRecord(text: string, file: string): PlanRecord {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${file}: is not JSON (${error instanceof Error ? error.message : error}); restore it, or remove it and run ringfence plan --write for each namespace again`,
    );
  }
  if (!isObject(read) || read['version'] !== 1)
    throw new Error(
      `${file}: version is ${JSON.stringify(isObject(read) ? read['version'] : undefined)}, and must be 1`,
    );
  const require = (at: string, holder: unknown, fields: readonly string[], is: Form): void => {
    for (const field of fields)
      if (!forms[is](own(holder, field)))
        throw new Error(`${file}: ${at}${field} must be ${is}; ringfence plan --write writes it`);
  };
  const requireEach = (at: string, holder: unknown, list: string, fields: Partial<Record<Form, string[]>>): void => {
    for (const [index, one] of listAt(holder, list).entries())
      for (const [is, names] of Object.entries(fields)) require(`${at}${list}[${index}].`, one, names, is as Form);
  };
  require('', read, ['plans', 'world'], 'an object');
  const { plans, world } = read;
  for (const [name, plan] of Object.entries(recordOf(plans))) {
    require(`plans.${name}.`, plan, ['files', 'policies', 'open'], 'a list');
    requireEach(`plans.${name}.`, plan, 'policies', { 'an object': ['metadata', 'spec'] });
    requireEach(`plans.${name}.`, plan, 'open', { 'an object': ['from', 'to'] });
  }
  require('world.', world, ['namespaces'], 'an object');
  require('world.', world, ['pods', 'policies', 'baselines'], 'a list');
  requireEach('world.', world, 'pods', { 'an object': ['labels'], 'a list': ['ports', 'addresses'] });
  requireEach('world.', world, 'baselines', { 'an object': ['metadata', 'spec'] });
  return read as unknown as PlanRecord;
}

const forms = { 'an object': isObject, 'a list': Array.isArray } as const;
type Form = keyof typeof forms;
