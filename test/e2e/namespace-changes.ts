// The changes of permission-table.ts, made by kubectl: the state before, the command, and the state
// afterwards.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlOptions, KubectlResult } from '../control-plane/kubectl.ts';
import { type Manifest, namespace } from './objects.ts';
import type { Change, OwnMode, OwnModeChange, TableMode, Way } from './permission-table.ts';

type LabelMap = Readonly<Record<string, string>>;

/** The actions of a person in the terminal. */
export interface Hands {
  kubectl(
    args: readonly string[],
    input?: Manifest,
    options?: Pick<KubectlOptions, 'environment' | 'timeoutMs'>,
  ): Promise<KubectlResult>;
  /** Returns the stored namespace. */
  stored(name: string): Promise<Manifest & { readonly metadata: { readonly labels: LabelMap } }>;
  /** A folder for scripts. */
  readonly folder: string;
}

export const shopInDev = { env: 'dev', tier: 'api', team: 'shop' } as const;

/**
 * A change: the namespace before (none for a creation), and the action. Its audit lines have the
 * name of the namespace.
 */
export interface Act {
  readonly before?: LabelMap;
  act(hands: Hands, name: string): Promise<KubectlResult>;
  /** The labels afterwards; undefined for a label that is removed. */
  readonly after: Readonly<Record<string, string | undefined>>;
}

const web = { tier: 'web' };

/** A namespace is gone when its controllers get to it: a limit for a hang. */
export const deletionMs = 180_000;

export const wayActs: Readonly<Record<Way, Act>> = {
  label: retier(({ kubectl }, name) => kubectl(['label', '--overwrite', 'namespace', name, 'tier=web'])),
  edit: retier(({ kubectl, folder }, name) => {
    const script = join(folder, `retier-${name}.sh`);
    writeFileSync(script, '#!/bin/sh\nexec sed -i "s/tier: api/tier: web/" "$1"\n');
    chmodSync(script, 0o755);
    return kubectl(['edit', 'namespace', name], undefined, { environment: { KUBE_EDITOR: script } });
  }),
  replace: retier(async ({ kubectl, stored }, name) =>
    kubectl(['replace', '-f', '-'], labelled(await stored(name), web)),
  ),
  apply: retier(({ kubectl }, name) => kubectl(['apply', '-f', '-'], namespace(name, { ...shopInDev, ...web }))),
  'server-apply': retier(({ kubectl }, name) =>
    kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], namespace(name, { ...shopInDev, ...web })),
  ),
  'json-patch': retier(({ kubectl }, name) =>
    kubectl([
      ...['patch', 'namespace', name, '--type=json'],
      ...['-p', '[{"op":"replace","path":"/metadata/labels/tier","value":"web"}]'],
    ]),
  ),
  status: retier((hands, name) => put(hands, name, 'status')),
  finalize: retier((hands, name) => put(hands, name, 'finalize')),
  recreate: retier(async ({ kubectl }, name) => {
    const gone = await kubectl(['delete', 'namespace', name], undefined, { timeoutMs: deletionMs });
    return gone.exitCode === 0 ? kubectl(['create', '-f', '-'], namespace(name, { ...shopInDev, ...web })) : gone;
  }),
};

export function changeActs(mode: TableMode): Readonly<Record<Change, Act>> {
  const strict = mode === 'enforce';
  return {
    own: birth(shopInDev),
    prod: birth({ ...shopInDev, env: 'prod' }),
    foreign: birth({ ...shopInDev, team: 'bank' }),
    'mild-birth': birth({ ...shopInDev, [modeLabel]: 'warn' }),
    exempt: birth({}),
    peer: birth(shopInDev),
    sensitivity: relabelling(shopInDev, { sensitivity: 'low' }),
    insensitive: relabelling({ ...shopInDev, sensitivity: 'high' }, { sensitivity: undefined }),
    'mark-on': relabelling(shopInDev, { [fenceMark]: 'true' }),
    'mark-off': relabelling({ ...shopInDev, [fenceMark]: 'true' }, { [fenceMark]: undefined }),
    lowered: strict
      ? relabelling(shopInDev, { [modeLabel]: 'warn' })
      : relabelling({ ...shopInDev, [modeLabel]: 'enforce' }, { [modeLabel]: undefined }),
    raised: strict
      ? relabelling({ ...shopInDev, [modeLabel]: 'observe' }, { [modeLabel]: undefined })
      : relabelling(shopInDev, { [modeLabel]: 'enforce' }),
    colour: relabelling(shopInDev, { colour: 'blue' }),
  };
}

/** The changes of a namespace whose own mode differs from the cluster's. */
export function ownModeActs(mode: OwnMode): Readonly<Record<OwnModeChange, Act>> {
  const before = { ...shopInDev, [modeLabel]: mode === 'observing' ? 'observe' : 'enforce' };
  const withoutMode = relabelling(before, { [modeLabel]: undefined });
  return {
    label: relabelling(before, web),
    sensitivity: relabelling(before, { sensitivity: 'low' }),
    insensitive: relabelling({ ...before, sensitivity: 'high' }, { sensitivity: undefined }),
    'mark-on': relabelling(before, { [fenceMark]: 'true' }),
    'mark-off': relabelling({ ...before, [fenceMark]: 'true' }, { [fenceMark]: undefined }),
    lowered: withoutMode,
    raised: withoutMode,
    colour: relabelling(before, { colour: 'blue' }),
  };
}

function retier(act: Act['act']): Act {
  return { before: shopInDev, act, after: web };
}

function birth(labels: LabelMap): Act {
  return { act: ({ kubectl }, name) => kubectl(['apply', '-f', '-'], namespace(name, labels)), after: labels };
}

function relabelling(before: LabelMap, after: Act['after']): Act {
  const words = Object.entries(after).map(([key, value]) => (value === undefined ? `${key}-` : `${key}=${value}`));
  return {
    before,
    act: ({ kubectl }, name) => kubectl(['label', '--overwrite', 'namespace', name, ...words]),
    after,
  };
}

async function put({ kubectl, stored }: Hands, name: string, subresource: string): Promise<KubectlResult> {
  const args = ['replace', '--raw', `/api/v1/namespaces/${name}/${subresource}`, '-f', '-'];
  return kubectl(args, labelled(await stored(name), web));
}

function labelled(stored: Awaited<ReturnType<Hands['stored']>>, labels: LabelMap): Manifest {
  const { metadata } = stored;
  return { ...stored, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } };
}

/** The kubectl of one person on a control plane. */
export function handsOf(controlPlane: ControlPlane, user: string): Hands {
  async function kubectl(
    args: readonly string[],
    input?: Manifest,
    options: Pick<KubectlOptions, 'environment' | 'timeoutMs'> = {},
  ): Promise<KubectlResult> {
    return controlPlane.kubectl(args, {
      as: user,
      ...options,
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });
  }
  return {
    kubectl,
    folder: controlPlane.folder,
    async stored(name) {
      const { exitCode, stdout, stderr } = await kubectl(['get', 'namespace', name, '-o', 'json']);
      if (exitCode !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as Awaited<ReturnType<Hands['stored']>>;
    },
  };
}
