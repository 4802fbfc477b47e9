import { desiredBaseline } from '../baseline/desired.ts';
import { isSameSpec } from '../baseline/equality.ts';
import type { Config } from '../config/config.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { own } from '../kubernetes/raw-object.ts';
import { readAddress } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import { createInventory } from '../network/inventory.ts';
import { formatPorts } from '../network/port-set.ts';
import { readPolicy } from '../network/read.ts';
import type { Policy, Protocol } from '../network/rules.ts';
import type { Owner } from '../network/workload.ts';
import type { Pod, World } from '../network/world.ts';
import { compareDesks } from '../reach/change.ts';
import type { Desk } from '../reach/desk.ts';
import { shorten } from '../reach/table.ts';
import { deskOf } from './desk.ts';
import { formatEnd, keyOfEnd } from './end.ts';
import { readWritten, withBaselines } from './plan.ts';
import { type PlanRecord, type RecordedWorld, recordName } from './record.ts';
import { byText } from './text-order.ts';

/** A policy that was found in the folder. */
export interface FoundPolicy {
  /** `shop/allow-cart-egress.yaml`, relative to the folder. */
  readonly file: string;
  readonly object: unknown;
}

/**
 * Holds policies to the record of their plan. Returns every difference, a sentence each: a policy
 * that is missing or is not in the plan, a label, a specification, and each flow that is open or
 * closed for that reason. Empty if the policies do exactly what was planned.
 */
export function verifyPolicies(record: PlanRecord, found: readonly FoundPolicy[]): readonly string[] {
  const expected = plannedPolicies(record);
  const read: Policy[] = [];
  const unreadable: string[] = [];
  for (const { file, object } of found) {
    if (!isNetworkPolicy(object)) continue;
    const [namespace = '', name = ''] = nameOf(object).split('/');
    const result = readPolicy(own(object, 'spec'), { namespace, name });
    if ('policy' in result) read.push(result.policy);
    else unreadable.push(`${file}: ${result.problems[0]?.field} ${result.problems[0]?.message}`);
  }
  return [
    ...comparePolicies(expected, found),
    ...unreadable,
    ...flowDifferences(record, expected.map(readWritten), read),
  ];
}

/** The policies of all plans of a record. */
export function plannedPolicies({ plans }: PlanRecord): readonly NetworkPolicy[] {
  return Object.values(plans).flatMap(({ policies }) => policies);
}

/**
 * Says how objects differ from planned policies, a sentence each: one that is missing or is not in
 * the plan, a label, and a specification.
 */
export function comparePolicies(planned: readonly NetworkPolicy[], found: readonly FoundPolicy[]): readonly string[] {
  const expected = new Map(planned.map((policy) => [nameOf(policy), policy]));
  const differences: string[] = [];
  const seen = new Map<string, string>();
  for (const { file, object } of found) {
    const name = nameOf(object);
    if (!isNetworkPolicy(object)) {
      const [kind, apiVersion] = [String(own(object, 'kind')), String(own(object, 'apiVersion'))];
      const what = kind === 'NetworkPolicy' ? `${kind} ${name} of ${apiVersion}` : `${kind} ${name}`;
      differences.push(`${file}: ${what} is not in the plan`);
      continue;
    }
    const first = seen.get(name);
    if (first !== undefined) differences.push(`${file}: ${name} is also in ${first}`);
    seen.set(name, file);
    const policy = expected.get(name);
    if (policy === undefined) differences.push(`${file}: NetworkPolicy ${name} is not in the plan`);
    else differences.push(...differencesOf(file, object, policy));
  }
  for (const name of expected.keys())
    if (!seen.has(name)) differences.push(`NetworkPolicy ${name} of the plan is missing`);
  return differences;
}

/** Calico has a kind of the same name, whose specification means something else. */
function isNetworkPolicy(object: unknown): boolean {
  return own(object, 'kind') === 'NetworkPolicy' && own(object, 'apiVersion') === 'networking.k8s.io/v1';
}

function differencesOf(file: string, object: unknown, policy: NetworkPolicy): readonly string[] {
  const { labels } = readLabels(object);
  const planned = policy.metadata.labels ?? {};
  const ofLabels = [...new Set([...Object.keys(planned), ...labels.keys()])].sort(byText).flatMap((key) => {
    const [is, was] = [labels.get(key), planned[key]];
    return is === was ? [] : [`${file}: label ${key} is ${quote(is)}, and ${quote(was)} in the plan`];
  });
  const isSame = isSameSpec(own(object, 'spec'), policy.spec);
  return isSame ? ofLabels : [...ofLabels, `${file}: spec is not that of the plan`];
}

function quote(text: string | undefined): string {
  return text === undefined ? 'missing' : JSON.stringify(text);
}

/** What the engine says of the policies that were found, against those of the plan. */
function flowDifferences(record: PlanRecord, expected: readonly Policy[], found: readonly Policy[]): readonly string[] {
  const { world, ownerOf } = openWorld(record.world);
  const baselines = Object.keys(record.plans).flatMap((name) => baselineOf(name, record.world));
  const standing = withBaselines(world.policies, baselines);
  const [planned, now] = [expected, found].map((policies) =>
    deskOf({ ...world, policies: [...standing, ...policies] }, ownerOf),
  );
  if (planned === undefined || now === undefined) return [];
  const changes: string[] = [];
  for (const { kind, from, to, ports } of compareDesks(planned, now)) {
    const flow = `${shorten(from.names)} -> ${shorten(to.names)} ${formatPorts(ports)}`;
    changes.push(kind === 'undefined' ? `no verdict any more: ${flow}` : `${kind} beyond the plan: ${flow}`);
  }
  return [...new Set([...changes, ...closedFlows(record, now, ownerOf)])];
}

/** The flows that must be open, and are not. */
function closedFlows(record: PlanRecord, desk: Desk, ownerOf: (pod: Pod) => Owner | undefined): readonly string[] {
  const podsByEnd = Map.groupBy(desk.inventory.world.pods, (pod) => {
    const { namespace } = pod;
    const owner = ownerOf(pod);
    return keyOfEnd(
      owner === undefined
        ? { kind: 'namespace', namespace }
        : { kind: 'workload', namespace, workload: `${owner.kind}/${owner.name}` },
    );
  });
  return Object.values(record.plans).flatMap(({ open }) =>
    open.flatMap(({ from, to, protocol, port }) => {
      const sources = podsByEnd.get(keyOfEnd(from)) ?? [];
      const destinations = podsByEnd.get(keyOfEnd(to)) ?? [];
      const isOpen = sources.some((source) =>
        destinations.some(
          (destination) =>
            desk.evaluator.answer({
              from: { pod: source },
              to: { pod: destination },
              protocol: protocol as Protocol,
              port,
            }).verdict !== 'denied',
        ),
      );
      if (isOpen || sources.length === 0 || destinations.length === 0) return [];
      return [`closed, and the plan needs it: ${formatEnd(from)} -> ${formatEnd(to)} ${protocol}/${port}`];
    }),
  );
}

/** The baselines of the namespaces that have one in a record, as a configuration makes them. */
export function baselinesBy({ namespaces, baselines }: RecordedWorld, config: Config): readonly NetworkPolicy[] {
  const names = new Set(baselines.map(({ metadata }) => metadata.namespace ?? ''));
  return [...names].flatMap((name) => {
    const labels = new Map(Object.entries(namespaces[name] ?? {}));
    return desiredBaseline({ name, labels }, config);
  });
}

/** Says what is another baseline than that with which a plan was made, a sentence each. */
export function compareBaselines(planned: readonly NetworkPolicy[], now: readonly NetworkPolicy[]): readonly string[] {
  const [before, after] = [planned, now].map((policies) => new Map(policies.map((one) => [nameOf(one), one])));
  return [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].flatMap((name) => {
    const [was, is] = [before?.get(name), after?.get(name)];
    if (was === undefined) return [`NetworkPolicy ${name}: a part of the baseline that the plan did not know`];
    if (is === undefined) return [`NetworkPolicy ${name}: the configuration no longer makes this part of the baseline`];
    return isSameSpec(was.spec, is.spec) ? [] : [`NetworkPolicy ${name}: the configuration makes another baseline`];
  });
}

function baselineOf(name: string, { baselines }: RecordedWorld): readonly Policy[] {
  return baselines.filter(({ metadata }) => metadata.namespace === name).map(readWritten);
}

function openWorld(recorded: RecordedWorld): {
  readonly world: World;
  readonly ownerOf: (pod: Pod) => Owner | undefined;
} {
  const { namespaces, pods, policies } = recorded;
  // The record has the owner of each Pod, so no kind of workload need be known.
  const taker = createInventory([]);
  const add = (field: string, object: unknown): void => {
    const [problem] = taker.add(object, recordName);
    if (problem !== undefined) throw new Error(`${recordName}: world.${field}: ${problem.field} ${problem.message}`);
  };
  for (const [name, labels] of Object.entries(namespaces))
    add(`namespaces.${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  for (const [index, policy] of policies.entries()) add(`policies[${index}]`, policy);
  const { world } = taker.take();
  const owners = new Map<Pod, Owner>();
  const read = pods.map(({ namespace, name, labels, ports, hostNetwork, addresses, owner }): Pod => {
    const pod = {
      namespace,
      name,
      labels: new Map(Object.entries(labels)),
      ports,
      hostNetwork,
      addresses: addresses.flatMap((text) => readAddress(text) ?? []),
      nodeAddresses: [],
    };
    if (owner !== undefined) owners.set(pod, owner);
    return pod;
  });
  const missing = recorded.baselines
    .map(readWritten)
    .filter(
      (one) => !world.policies.some(({ namespace, name: taken }) => namespace === one.namespace && taken === one.name),
    );
  return {
    world: { ...world, pods: read, policies: [...world.policies, ...missing], podNetworks: privateNetworks },
    ownerOf: (pod) => owners.get(pod),
  };
}

function nameOf(object: unknown): string {
  const metadata = own(object, 'metadata');
  return `${String(own(metadata, 'namespace') ?? 'default')}/${String(own(metadata, 'name') ?? '')}`;
}
