import { type BaselineNamespace, desiredBaseline, isInForce } from '../baseline/desired.ts';
import { type Drift, driftOf } from '../baseline/drift.ts';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { isObject } from '../kubernetes/raw-object.ts';
import type { Direction, Policy, Rule } from '../network/rules.ts';
import { selects } from '../network/selector.ts';
import type { Pod } from '../network/world.ts';
import type { RuleFinding } from './finding.ts';

/** A policy of a namespace's baseline, and what is wrong with it; nothing if it is in order. */
export interface BaselinePolicy {
  readonly name: string;
  readonly drift: readonly Drift[];
}

/**
 * Compares the baseline of a fenced namespace with what it must be. `policies` are the
 * NetworkPolicies there, by name.
 */
export function baselineOf(
  namespace: BaselineNamespace,
  policies: ReadonlyMap<string, LoadedDocument>,
  config: Config,
): readonly BaselinePolicy[] {
  return desiredBaseline(namespace, config).map((desired) => {
    const { name = '' } = desired.metadata;
    const object = policies.get(name)?.object;
    return { name, drift: driftOf(isObject(object) ? object : undefined, desired, config.taxonomy) };
  });
}

/** What a drift means for the fence. */
const words: Readonly<Record<Drift, readonly ['error' | 'warning', string]>> = {
  missing: ['error', 'is missing: the mark promises a fence that is not there'],
  spec: ['error', 'has another specification than the baseline: what it denies is not known'],
  trial: ['warning', 'says something else about the trial than its namespace'],
  labels: ['warning', 'has other identity labels than its namespace'],
  'owner-references': ['warning', 'has an owner, and is deleted with it'],
  terminating: ['error', 'is being deleted'],
};

export function driftFindings(
  namespace: string,
  baseline: readonly BaselinePolicy[],
  policies: ReadonlyMap<string, LoadedDocument>,
): readonly RuleFinding[] {
  return baseline.flatMap(({ name, drift }) =>
    drift.map((one): RuleFinding => {
      const [severity, text] = words[one];
      const document = policies.get(name);
      const subject = { kind: 'NetworkPolicy', namespace, name };
      const field = one === 'spec' ? 'spec' : 'metadata';
      return { rule: 'baseline-state', severity, subject, document, field, message: text };
    }),
  );
}

/** A policy that allows everything in a direction, and how many Pods it selects. */
export interface VoidingPolicy {
  readonly name: string;
  readonly direction: Direction;
  readonly field: string;
  /** Whom the rule allows. */
  readonly peers: 'everyone' | 'every Pod';
  readonly pods: number;
  readonly of: number;
}

/**
 * The policies of a namespace that allow every port to everyone, or to every Pod, in a direction:
 * for the Pods that they select, the baseline then denies nothing there.
 */
export function voidingPolicies(
  policies: readonly Policy[],
  pods: readonly Pod[],
  config: Config,
): readonly VoidingPolicy[] {
  return policies
    .filter(({ name }) => !isInForce(name, config))
    .flatMap((policy) => {
      const selected = pods.filter(({ labels }) => selects(policy.podSelector, labels)).length;
      return (['ingress', 'egress'] as const).flatMap((direction) => {
        const rules = policy[direction].flatMap((rule) => {
          const peers = rule.ports === undefined ? breadthOf(rule) : undefined;
          return peers === undefined ? [] : [{ field: rule.field, peers }];
        });
        const [widest] = rules.sort((a, b) => Number(b.peers === 'everyone') - Number(a.peers === 'everyone'));
        return widest === undefined
          ? []
          : [{ name: policy.name, direction, ...widest, pods: selected, of: pods.length }];
      });
    });
}

function breadthOf({ peers }: Rule): VoidingPolicy['peers'] | undefined {
  if (peers === undefined) return 'everyone';
  const isEveryPod = peers.some(
    (peer) =>
      peer.kind === 'pods' &&
      peer.namespaceSelector?.requirements.length === 0 &&
      peer.podSelector.requirements.length === 0,
  );
  return isEveryPod ? 'every Pod' : undefined;
}

export function voidFindings(
  namespace: string,
  voiding: readonly VoidingPolicy[],
  policies: ReadonlyMap<string, LoadedDocument>,
): readonly RuleFinding[] {
  return voiding.map(({ name, direction, field, peers, pods, of }) => ({
    rule: 'baseline-void',
    severity: 'warning',
    subject: { kind: 'NetworkPolicy', namespace, name },
    document: policies.get(name),
    field,
    message: `${field} allows all ${direction} ${direction === 'ingress' ? 'from' : 'to'} ${peers}, so the baseline denies none of it for ${pods} of ${of} Pods`,
  }));
}
