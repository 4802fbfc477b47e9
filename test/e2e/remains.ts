import { expect } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { openApi, type RawApi } from './raw-api.ts';

const applied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Returns every object in the cluster, of every kind that can be listed, that contains Ringfence's
 * name, as `KIND NAME`. It asks the API server itself: kubectl takes seconds for the same lists,
 * because it limits its own rate.
 */
export async function remainsOf(controlPlane: ControlPlane): Promise<readonly string[]> {
  const api = openApi(controlPlane, 'admin');
  try {
    const collections = await listCollections(api);
    expect(collections.size).toBeGreaterThan(40);
    const found = await Promise.all(
      [...collections.values()].map(async ({ path, kind }) => {
        const { items } = await read<{ readonly items: readonly Found[] }>(api, path);
        return items.map(({ metadata }) => ({ kind, metadata }));
      }),
    );
    const objects = found.flat();
    expect(objects.length).toBeGreaterThan(100);
    return objects
      .filter(({ metadata: { name, namespace, labels, annotations, ownerReferences } }) => {
        // kubectl's copy of a manifest repeats the object. A person's role may name Ringfence's
        // resources.
        const { [applied]: _, ...others } = annotations ?? {};
        return /ringfence/.test(JSON.stringify({ name, namespace, labels, others, ownerReferences }));
      })
      .map(({ kind, metadata: { name } }) => `${kind} ${name}`);
  } finally {
    api.close();
  }
}

interface Found {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
}

interface Collection {
  readonly path: string;
  readonly kind: string;
}

/** What can be listed, by resource and group, each in one version: the API server converts. */
async function listCollections(api: RawApi): Promise<ReadonlyMap<string, Collection>> {
  const { groups } = await read<{
    readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
  }>(api, '/apis');
  const paths = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`));
  const served = await Promise.all(
    ['/api/v1', ...paths].map(async (path) => {
      const { resources } = await read<{
        readonly resources: readonly {
          readonly name: string;
          readonly kind: string;
          readonly verbs: readonly string[];
        }[];
      }>(api, path);
      const group = path.split('/').slice(2, -1).join('/');
      return resources
        .filter(({ name, verbs }) => verbs.includes('list') && !name.includes('/'))
        .map(({ name, kind }) => [`${name}.${group}`, { path: `${path}/${name}`, kind }] as const);
    }),
  );
  // Events are about the past and expire.
  return new Map(
    served
      .flat()
      .filter(([name]) => !name.startsWith('events.'))
      .reverse(),
  );
}

async function read<T>(api: RawApi, path: string): Promise<T> {
  const { code, body, message } = await api.send('GET', path);
  if (code !== 200) throw new Error(`GET ${path}: ${code} ${message}`);
  return body as T;
}
