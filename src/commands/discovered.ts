import { ApiError } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/connection.ts';
import { readServed } from '../doctor/discovery.ts';
import type { Served } from '../doctor/facts.ts';

/** Lists a collection, and returns how many objects it has. */
export type Lister = (path: string, type: { readonly apiVersion: string; readonly kind: string }) => Promise<number>;

/** What the API server serves, or why that is not known. */
export type Discovered = Served | { readonly problem: string };

export async function discover(cluster: Pick<Cluster, 'request'>): Promise<Discovered> {
  try {
    return await readServed({ get: (path, accept) => cluster.request('GET', path, { accept }) });
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Says in a clause why a list failed. Throws anything but an answer of the API server. */
export function sayRefusal(error: unknown, resource: string): string {
  if (!(error instanceof ApiError)) throw error;
  return error.code === 403 ? `you may not list ${resource}` : error.message;
}
