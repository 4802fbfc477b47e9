import { desiredBaseline } from '../baseline/desired.ts';
import { isSameSpec } from '../baseline/equality.ts';
import { configVersionAnnotation, managedByLabel } from '../baseline/names.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { isObject, own } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { findObstacle } from './candidate.ts';
import { type Kind, locationOf, nameOf, stepOf } from './locations.ts';
import type { FencingPorts, Objects, Step, StoredObject } from './ports.ts';
import { ask, type Journal, type Report, report, Stop, said } from './report.ts';
import { readExisting } from './scenery.ts';

/**
 * A NetworkPolicy that Calico's data plane evaluates without effect, field for field as in
 * networking.k8s.io/v1, with `stagedAction` beside (projectcalico.org/v3
 * StagedKubernetesNetworkPolicySpec). It decides nothing, so the guard does not ask about it.
 */
export const stagedKind: Kind = {
  kind: 'StagedKubernetesNetworkPolicy',
  api: '/apis/projectcalico.org/v3',
  resource: 'stagedkubernetesnetworkpolicies',
};

export interface StageOptions {
  /** NetworkPolicies that `ringfence plan --write` has written for the namespace. */
  readonly planned: readonly StoredObject[];
  readonly unlabelled: boolean;
  readonly dryRun: boolean;
}

/** Reads and writes whole objects. A dry run is judged and not stored. */
export interface StagePorts extends FencingPorts {
  readonly objects: Objects & {
    create(kind: Kind, object: StoredObject, options: { readonly dryRun: boolean }): Promise<unknown>;
    /** Answers 409 if the object has changed since its resourceVersion. */
    replace(kind: Kind, object: StoredObject, options: { readonly dryRun: boolean }): Promise<unknown>;
  };
  readonly now: () => number;
}

/**
 * Puts the baseline of a namespace, and the policies that were planned for it, beside its traffic
 * as staged policies: Calico's data plane says what they would deny, and denies nothing.
 */
export async function stage(name: string, options: StageOptions, ports: StagePorts, config: Config): Promise<Report> {
  const { dryRun, planned } = options;
  const { objects } = ports;
  return report({ command: 'fence', namespace: name, dryRun }, async (journal) => {
    const namespace = await readExisting(objects, name);
    const obstacle = findObstacle(namespace, options, config);
    if (obstacle !== undefined) throw new Stop('refused', obstacle);
    const view = asOf(readNamespace(namespace), ports.now());
    if (view.fenced) throw new Stop('refused', `namespace ${name} is fenced already: its baseline is in force`);
    const found = await objects.list({ api: stagedKind.api, resource: stagedKind.resource, namespace: name });
    if (found === undefined)
      throw new Stop(
        'failed',
        `nothing was changed: this cluster does not serve ${stagedKind.kind} of projectcalico.org/v3, which is Calico's. To fence for a time instead: ringfence fence ${name} --trial 15m`,
      );
    const { trialUntil: _, ...home } = view;
    const wanted = [...desiredBaseline(home, config), ...planned].map((policy) => toStaged(policy, name, config));
    const changes = changesOf(wanted, found);
    const steps = changes.map(({ step }) => step);
    if (!changes.some(({ write }) => write !== undefined)) {
      for (const step of steps) journal.write(step);
      return { outcome: 'unchanged', messages: [explainStaged(name)] };
    }
    const cautions = ['Nothing is enforced: the data plane only records what these policies would deny.'];
    if (!dryRun) await ask(ports, { title: `stage the fence of namespace ${name}`, steps, cautions });
    for (const { step, write } of changes) {
      await write?.(objects, dryRun);
      journal.write(step);
    }
    return { messages: dryRun ? cautions : [explainStaged(name)] };
  });
}

/** What Ringfence has staged in a namespace. */
export interface FoundStaged {
  readonly staged: readonly StoredObject[];
  /** Why that is not known, as messages for a person. Another person may have staged something. */
  readonly unknown: readonly string[];
}

/**
 * Finds the staged policies that Ringfence has made in a namespace, or in every namespace; none
 * where none are served.
 * They decide nothing, and Calico's API server may be down. So an error of the API server is told,
 * and stops nobody who fences or unfences.
 */
export async function findStaged(
  { objects, progress }: Pick<FencingPorts, 'objects' | 'progress'>,
  namespace?: string,
): Promise<FoundStaged> {
  const home = namespace === undefined ? {} : { namespace };
  try {
    const found = await objects.list({ api: stagedKind.api, resource: stagedKind.resource, ...home });
    return { staged: (found ?? []).filter(isOurs), unknown: [] };
  } catch (error) {
    if (apiCode(error) === undefined) throw error;
    const place = namespace === undefined ? 'the cluster' : `namespace ${namespace}`;
    const line = `whether something is staged in ${place} is not known: ${said(error)}`;
    progress(line);
    const command =
      namespace === undefined
        ? `kubectl get ${pluralName} --all-namespaces`
        : `kubectl get ${pluralName} --namespace ${namespace}`;
    return {
      staged: [],
      unknown: [
        `${line}\nIf so, it stays, and decides nothing. To see it, where Calico serves it: ${command} -l ${managedByLabel}=ringfence`,
      ],
    };
  }
}

/**
 * Deletes staged policies. They decide nothing, so their order does not matter, and an error of the
 * API server does not fail what else the command has done: the returned message names what stays.
 * Returns none if all are gone.
 */
export async function removeStaged(
  staged: readonly StoredObject[],
  { objects, progress }: Pick<FencingPorts, 'objects' | 'progress'>,
  journal: Pick<Journal, 'write'>,
): Promise<readonly string[]> {
  for (const [index, object] of staged.entries())
    try {
      await remove(object, objects);
      journal.write(stagedStep('delete', object));
    } catch (error) {
      if (apiCode(error) === undefined) throw error;
      const line = `what is staged stays, and decides nothing: ${said(error)}`;
      progress(line);
      const names = staged.slice(index).map(({ metadata }) => metadata.name ?? '');
      const { namespace = '' } = object.metadata;
      return [`${line}\nTo remove it: kubectl delete ${pluralName} ${names.join(' ')} --namespace ${namespace}`];
    }
  return [];
}

/** The kind as kubectl takes it where several groups have the plural. */
const pluralName = `${stagedKind.resource}.projectcalico.org`;

async function remove(object: StoredObject, objects: Objects): Promise<void> {
  const { uid = '', resourceVersion = '' } = object.metadata;
  await objects.remove(locationOf({ kind: stagedKind, object }), { uid, resourceVersion });
}

/** The step for a staged policy. */
export function stagedStep(action: Step['action'], object: StoredObject): Step {
  return stepOf(action, { kind: stagedKind, object }, 'decides nothing');
}

interface Change {
  readonly step: Step;
  /** Undefined if nothing has to be written. */
  readonly write: ((objects: StagePorts['objects'], dryRun: boolean) => Promise<unknown>) | undefined;
}

/** Returns what to do for each staged policy. Throws {@link Stop} for a name that is taken. */
function changesOf(wanted: readonly StoredObject[], found: readonly StoredObject[]): readonly Change[] {
  const byName = new Map(found.map((object) => [nameOf({ kind: stagedKind, object }), object]));
  const taken = wanted.filter(({ metadata }) => {
    const there = byName.get(metadata.name ?? '');
    return there !== undefined && !isOurs(there);
  });
  if (taken.length > 0)
    throw new Stop(
      'refused',
      `nothing was changed: somebody else has staged ${taken.map(({ metadata }) => metadata.name).join(', ')} there`,
    );
  const changes = wanted.map((object): Change => {
    const there = byName.get(object.metadata.name ?? '');
    if (there === undefined)
      return {
        step: stagedStep('stage', object),
        write: (objects, dryRun) => objects.create(stagedKind, object, { dryRun }),
      };
    if (isSameSpec(ruleSpec(there), ruleSpec(object))) return { step: stagedStep('leave', object), write: undefined };
    const metadata = { ...object.metadata, resourceVersion: there.metadata.resourceVersion ?? '' };
    return {
      step: stagedStep('stage', object),
      write: (objects, dryRun) => objects.replace(stagedKind, { ...object, metadata }, { dryRun }),
    };
  });
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const old = found.filter((object) => isOurs(object) && !names.has(object.metadata.name));
  return [
    ...changes,
    ...old.map((object) => ({
      step: stagedStep('delete', object),
      write: async (objects: StagePorts['objects'], dryRun: boolean) => (dryRun ? undefined : remove(object, objects)),
    })),
  ];
}

function toStaged(policy: StoredObject, namespace: string, { version }: Config): StoredObject {
  const { name = '', labels } = policy.metadata;
  const spec = own(policy, 'spec');
  const staged = {
    apiVersion: 'projectcalico.org/v3',
    kind: stagedKind.kind,
    metadata: {
      name,
      namespace,
      labels: { [managedByLabel]: 'ringfence', ...labels },
      annotations: { [configVersionAnnotation]: version },
    },
    spec: { stagedAction: 'Set', ...(isObject(spec) ? spec : {}) },
  };
  return staged;
}

/** The specification without `stagedAction`, whose other values would remove a policy. */
export function ruleSpec(object: StoredObject): unknown {
  const spec = own(object, 'spec');
  if (!isObject(spec) || (own(spec, 'stagedAction') ?? 'Set') !== 'Set') return undefined;
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'stagedAction'));
}

function isOurs({ metadata }: StoredObject): boolean {
  return own(metadata.annotations, configVersionAnnotation) !== undefined;
}

function explainStaged(name: string): string {
  return [
    `the fence of namespace ${name} is staged, and nothing is enforced. What it would deny is in the flow logs:`,
    `  ringfence plan ${name} --observed FILE`,
    `To fence: ringfence fence ${name}. To remove what is staged: ringfence unfence ${name}`,
  ].join('\n');
}
