import type { RawObject } from '../kubernetes/object-meta.ts';
import { ApiError, unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { listAll } from './list.ts';
import { type ResourceLocation, resourcePath } from './resource-path.ts';

export interface ObjectLocation extends ResourceLocation {
  readonly name: string;
}

/**
 * Any object of the API, by its location, with the rights of the kubeconfig's user. Only the
 * commands use it. The process never does (a test checks that), because its ServiceAccount has no
 * right to these calls.
 */
export interface Objects {
  /** Reads live. */
  get(location: ObjectLocation): Promise<RawObject | undefined>;
  /**
   * Reads a whole collection live, page by page. Undefined if the API server does not serve the
   * resource.
   */
  list(
    location: ResourceLocation,
    selectors?: Readonly<Record<string, string>>,
  ): Promise<readonly RawObject[] | undefined>;
  /**
   * Applies a merge patch (RFC 7386) to the metadata as field manager "ringfence-cli". A uid or
   * resourceVersion in it is a precondition (409).
   */
  patchMetadata(
    location: ObjectLocation,
    metadata: Readonly<Record<string, unknown>>,
    options: WriteOptions,
  ): Promise<RawObject>;
  /** Creates an object as field manager "ringfence-cli". */
  create(collection: Omit<ResourceLocation, 'namespace'>, object: RawObject, options: WriteOptions): Promise<RawObject>;
  /**
   * Replaces an object as field manager "ringfence-cli" (409 if it has another resourceVersion).
   */
  replace(
    collection: Omit<ResourceLocation, 'namespace'>,
    object: RawObject,
    options: WriteOptions,
  ): Promise<RawObject>;
  /**
   * Deletes an object if it is still the one that was read (otherwise 409). If the object is gone
   * already, that is no error.
   */
  remove(location: ObjectLocation, preconditions: Preconditions): Promise<void>;
}

/** meta/v1 Preconditions. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface WriteOptions {
  /** Admission judges the call, but nothing is stored. */
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
          await listAll(cluster, resourcePath(location), { query: selectors, isOneMoment: true }, (raw) =>
            found.push(raw),
          );
          return found;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (error.code === 404) return undefined;
          // The history expired before the last page, so the list starts again.
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
    async create({ api, resource }, object, { dryRun, onWarning }) {
      const { namespace } = object.metadata;
      return cluster.request<RawObject>('POST', resourcePath({ api, resource, ...inNamespace(namespace) }), {
        query: { fieldManager: 'ringfence-cli', dryRun: dryRun ? 'All' : undefined },
        body: object,
        timeoutMs: writeTimeoutMs,
        onWarning,
      });
    },
    async replace({ api, resource }, object, { dryRun, onWarning }) {
      const { namespace, name = '' } = object.metadata;
      return cluster.request<RawObject>('PUT', resourcePath({ api, resource, ...inNamespace(namespace), name }), {
        query: { fieldManager: 'ringfence-cli', dryRun: dryRun ? 'All' : undefined },
        body: object,
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

function inNamespace(namespace: string | undefined): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

/** A person can wait longer than a webhook. */
const readTimeoutMs = 10_000;

/**
 * Longer than the limit of one webhook (admissionregistration.k8s.io/v1: 30 s). So the API server
 * reports a webhook's failure before this timeout.
 */
const writeTimeoutMs = 35_000;

/**
 * The history is kept for five minutes. A list that exceeds it three times will not succeed later.
 */
const listAttempts = 3;
