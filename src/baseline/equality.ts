import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { isObject, own } from '../kubernetes/raw-object.ts';

/** An object from the wire or from a file, which may not be a valid NetworkPolicy. */
export interface Unvalidated {
  readonly metadata?: unknown;
  readonly spec?: unknown;
}

/**
 * Whether an object's `spec` means the same as the desired one, after the defaulting of the API
 * server (networking.k8s.io/v1 SetDefaults_NetworkPolicy): a missing list is empty, a missing
 * protocol is TCP, and missing `policyTypes` follow from the rules. The order of `policyTypes` does
 * not matter. Everything else must be equal and in the same order. An unknown field is a
 * difference, because it may allow traffic. Never throws. The size of the desired object bounds the
 * cost.
 */
export function hasDesiredSpec(actual: Unvalidated, desired: NetworkPolicy): boolean {
  return isSameSpec(own(actual, 'spec'), desired.spec);
}

/** Whether two specifications mean the same, as {@link hasDesiredSpec} defines it. */
export function isSameSpec(actual: unknown, desired: unknown): boolean {
  if (!isObject(actual) || !isObject(desired)) return false;
  const wanted = readDirections(desired);
  return wanted !== undefined && readDirections(actual) === wanted && sameSpec(actual, desired);
}

type Same = (actual: unknown, desired: unknown) => boolean;

const value: Same = (actual, desired) => (actual ?? undefined) === (desired ?? undefined);
const protocol: Same = (actual, desired) => (actual ?? 'TCP') === (desired ?? 'TCP');
const labelSelector = struct({
  matchLabels: sameMap,
  matchExpressions: list(struct({ key: value, operator: value, values: list(value) })),
});
// In a peer, a missing selector is not the same as an empty one, which selects everything.
const peers = list(
  struct({
    podSelector: optional(labelSelector),
    namespaceSelector: optional(labelSelector),
    ipBlock: optional(struct({ cidr: value, except: list(value) })),
  }),
);
const ports = list(struct({ protocol, port: value, endPort: value }));
const sameSpec = struct({
  podSelector: (actual, desired) => labelSelector(actual ?? {}, desired ?? {}),
  // readDirections compares these as a set.
  policyTypes: () => true,
  ingress: list(struct({ from: peers, ports })),
  egress: list(struct({ to: peers, ports })),
});

/**
 * Returns the directions that a specification isolates, after defaulting, as bits (1 Ingress, 2
 * Egress); undefined if `policyTypes` is not a list of them.
 */
function readDirections(spec: Readonly<Record<string, unknown>>): number | undefined {
  const types = own(spec, 'policyTypes') ?? [];
  // The API server refuses a list of more than two.
  if (!Array.isArray(types) || types.length > 2) return undefined;
  if (types.length === 0) {
    const egress = own(spec, 'egress');
    return Array.isArray(egress) && egress.length > 0 ? 3 : 1;
  }
  let directions = 0;
  for (const type of types) {
    if (type === 'Ingress') directions |= 1;
    else if (type === 'Egress') directions |= 2;
    else return undefined;
  }
  return directions;
}

function struct(fields: Readonly<Record<string, Same>>): Same {
  const entries = Object.entries(fields);
  return (actual, desired) => {
    if (!isObject(actual) || !isObject(desired)) return false;
    for (const [key, same] of entries) if (!same(own(actual, key), own(desired, key))) return false;
    for (const key in actual) if (!Object.hasOwn(fields, key)) return false;
    return true;
  };
}

function list(same: Same): Same {
  return (actual, desired) => {
    const found = actual ?? [];
    const wanted = desired ?? [];
    if (!Array.isArray(found) || !Array.isArray(wanted) || found.length !== wanted.length) return false;
    return wanted.every((item: unknown, index) => same(found[index], item));
  };
}

function optional(same: Same): Same {
  return (actual, desired) => {
    const absent = desired === undefined || desired === null;
    return actual === undefined || actual === null ? absent : !absent && same(actual, desired);
  };
}

function sameMap(actual: unknown, desired: unknown): boolean {
  const found = actual ?? {};
  const wanted = desired ?? {};
  if (!isObject(found) || !isObject(wanted)) return false;
  for (const key in wanted) if (own(found, key) !== wanted[key]) return false;
  for (const key in found) if (!Object.hasOwn(wanted, key)) return false;
  return true;
}
