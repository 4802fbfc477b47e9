import type { RawObject } from '../kubernetes/object-meta.ts';
import { ApiError, unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { listAll } from './list.ts';
import { type ResourceLocation, resourcePath } from './resource-path.ts';

/** One object. */
export interface ObjectLocation extends ResourceLocation {
  readonly name: string;
}

/**
 * Any object of the API, by where it is served, with the rights of the person whose kubeconfig it
 * is: the commands use it, the process never does (a test holds that), for nothing here is granted
 * to its ServiceAccount.
 */
export interface Objects {
  /** Live. */
  get(location: ObjectLocation): Promise<RawObject | undefined>;
  /**
   * A whole collection, live, page by page; undefined where the API server does not serve the
   * resource.
   */
  list(
    location: ResourceLocation,
    selectors?: Readonly<Record<string, string>>,
  ): Promise<readonly RawObject[] | undefined>;
  /**
   * Merge patch (RFC 7386) of the metadata as field manager "ringfence-cli"; a uid or
   * resourceVersion among it is a precondition (409).
   */
  patchMetadata(
    location: ObjectLocation,
    metadata: Readonly<Record<string, unknown>>,
    options: WriteOptions,
  ): Promise<RawObject>;
  /**
   * Deletes an object that is still the one that was read (409 where it has changed); one that is
   * gone is no error.
   */
  remove(location: ObjectLocation, preconditions: Preconditions): Promise<void>;
}

/** meta/v1 Preconditions. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface WriteOptions {
  /** Admission judges it, and nothing is stored. */
  readonly dryRun: boolean;
  readonly onWarning?: (text: string) => void;
}

export function objects(cluster: Pick<Cluster, 'request'>): Objects {
  return {
    async get(location) {
      return unlessNotFound(cluster.request<RawObject>('GET', resourcePath(location), { timeoutMs: readTimeoutMs }));
    },
    async list(location, selectors = {}) {
      for (let attempt = 1; ; attempt += 1) {
        const found: RawObject[] = [];
        try {
          await listAll(cluster, resourcePath(location), { query: selectors }, (raw) => found.push(raw));
          return found;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (error.code === 404) return undefined;
          // The pages outlived the history: from the beginning.
          if (error.code !== 410 || attempt === listAttempts) throw error;
        }
      }
    },
    async patchMetadata(location, metadata, { dryRun, onWarning }) {
      return cluster.request<RawObject>('PATCH', resourcePath(location), {
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'ringfence-cli', dryRun: dryRun ? 'All' : undefined },
        body: { metadata },
        timeoutMs: writeTimeoutMs,
        onWarning,
      });
    },
    async remove(location, preconditions) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const options = { body, timeoutMs: writeTimeoutMs, repeatable: true };
      await unlessNotFound(cluster.request('DELETE', resourcePath(location), options));
    },
  };
}

/** A person waits longer than a webhook may. */
const readTimeoutMs = 10_000;

/**
 * As long as one webhook may take (admissionregistration.k8s.io/v1: 30 s): its failure is then told
 * by the API server, not by our silence.
 */
const writeTimeoutMs = 35_000;

/**
 * A history is kept for five minutes: who needs longer for a list three times over will not get it.
 */
const listAttempts = 3;
