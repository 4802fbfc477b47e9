// The verdict of the webhook on a request, by its own code, without a webhook.

import type { NamespaceView } from '../../src/admission/facts.ts';
import { createTurns } from '../../src/admission/turns.ts';
import { validate } from '../../src/admission/validate.ts';
import type { Config } from '../../src/config/config.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import type { Finding } from '../../src/policy/check.ts';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import { exposureOf } from '../admission/exposure-double.ts';
import type { Manifest } from './objects.ts';

/** One request on an object of a judged kind. */
export interface EngineRequest {
  readonly object: Manifest;
  /** Undefined for a creation. */
  readonly oldObject?: Manifest | undefined;
  /** The labels of the object's namespace; not used for a Namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Whether the user has every permission of Ringfence, or none. */
  readonly isPermitted: boolean;
}

/** Returns every finding of the webhook, with its action. */
export async function judgeByEngine(request: EngineRequest, config: Config): Promise<readonly Finding[]> {
  const { object, oldObject, namespaceLabels } = request;
  const { name, namespace = '' } = object['metadata'] as { readonly name: string; readonly namespace?: string };
  const judged = kinds.find(({ kind }) => kind === object.kind);
  if (judged === undefined) throw new Error(`${object.kind} is judged by no one`);
  const { group, version, kind, resource } = judged;
  const view: NamespaceView = {
    labels: new Map(Object.entries(namespaceLabels)),
    fenced: Object.hasOwn(namespaceLabels, fenceMark),
    terminating: false,
  };
  const labels = kind === 'Namespace' ? labelsOf(object) : namespaceLabels;
  const verdict = await validate(
    {
      uid: 'e2e',
      kind: { group, version, kind },
      resource: { group, version, resource },
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      name,
      namespace: kind === 'Namespace' ? name : namespace,
      userInfo: { username: 'dev' },
      object: kind === 'Namespace' && oldObject === undefined ? mark(object, labels, config) : object,
      oldObject: oldObject ?? null,
    },
    {
      gate: { facts: async () => ({ exists: true, labels: view.labels, fenced: view.fenced, wall: 'there' }) },
      caches: {
        namespace: () => view,
        networkPolicies: () => [],
        policiesNaming: () => [],
        isWalled: () => true,
      },
      readNamespace: async () => view,
      now: () => Date.now(),
      readPod: async () => undefined,
      anyPod: async () => true,
      readNetworkPolicy: async () => undefined,
      turns: createTurns(),
      exposure: exposureOf([]),
      residents: { list: async () => ({ objects: [], isWhole: true }) },
      isAllowed: async () => request.isPermitted,
    },
    config,
  );
  return verdict.findings;
}

/** Returns a new namespace as validation sees it, after the mutating phase. */
function mark(object: Manifest, labels: Readonly<Record<string, string>>, config: Config): Manifest {
  if (config.mode !== 'enforce' && labels[modeLabel] !== 'enforce') return object;
  return { ...object, metadata: { ...(object['metadata'] as object), labels: { [fenceMark]: 'true', ...labels } } };
}

export function labelsOf(object: Manifest): Readonly<Record<string, string>> {
  return (object['metadata'] as { readonly labels?: Readonly<Record<string, string>> }).labels ?? {};
}
