import type { RawObject } from '../kubernetes/object-meta.ts';
import { ApiError } from './api-error.ts';
import type { CallOptions, Cluster } from './connection.ts';

export interface ListOptions {
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal;
  /**
   * Whether all pages must be of one moment, as a watch that begins at the list's resourceVersion
   * needs. If the history expires before the last page, the list then fails with code 410.
   * Otherwise it goes on with the token of that answer: the later pages are of a later moment, and
   * no object is passed on twice (kube-apiserver, etcd3 store handleListError).
   */
  readonly isOneMoment?: boolean;
}

/**
 * Lists a collection page by page and passes each object on. It reads live (without
 * resourceVersion, so the API server answers with committed data). Returns the list's
 * resourceVersion. Throws an ApiError.
 */
export async function listAll(
  cluster: Pick<Cluster, 'request'>,
  path: string,
  options: ListOptions,
  onObject: (raw: RawObject) => void,
): Promise<string> {
  let limit = pageLimit;
  let continueToken: string | undefined;
  for (;;) {
    try {
      const page = await readPage<RawObject>(cluster, path, {
        query: { ...options.query, limit, continue: continueToken },
        timeoutMs: pageTimeoutMs,
        maxBytes: maxPageBytes(limit),
        signal: options.signal,
      });
      if (page.resourceVersion === undefined) throw notAList(path);
      for (const raw of page.items) onObject(raw);
      continueToken = page.continueToken;
      if (continueToken === undefined) return page.resourceVersion;
    } catch (error) {
      if (isExpired(error) && options.isOneMoment !== true && error.continueToken !== continueToken) {
        continueToken = error.continueToken;
        continue;
      }
      // Large objects need smaller pages. One object always fits.
      if (!(error instanceof ApiError) || error.reason !== 'AnswerTooLarge' || limit === 1) throw error;
      limit = Math.max(1, Math.floor(limit / 4));
    }
  }
}

function isExpired(error: unknown): error is ApiError & { readonly continueToken: string } {
  return error instanceof ApiError && error.code === 410 && error.continueToken !== undefined;
}

/** One page of a collection. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string | undefined;
  /** The start of the next page. Undefined on the last page. */
  readonly continueToken: string | undefined;
}

/** Throws an ApiError with code 0 if the answer is not a list. */
export async function readPage<T>(
  cluster: Pick<Cluster, 'request'>,
  path: string,
  options: CallOptions,
): Promise<Page<T>> {
  const page = await cluster.request<RawList<T> | null>('GET', path, options);
  // Go writes an empty list as null in some representations.
  const items = page?.items === null ? [] : page?.items;
  if (!Array.isArray(items)) throw notAList(path);
  const { resourceVersion, continue: next } = page?.metadata ?? {};
  return {
    items,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    continueToken: next === '' ? undefined : next,
  };
}

function notAList(path: string): ApiError {
  return new ApiError(`GET ${path}: the answer is not a list`);
}

interface RawList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

/**
 * The most bytes of a page of so many objects, or undefined for a single one. An object may be 1.5
 * MiB, so anyone who may create objects could make a page of 750 MiB. A page takes five times as
 * much once it is parsed, and the Deployment's heap is 256 MiB. Most pages of 500 objects are
 * smaller; a caller asks for fewer objects if one is too large.
 */
export function maxPageBytes(limit: number): number | undefined {
  return limit === 1 ? undefined : 8 * 1024 * 1024;
}

/** client-go's page size. */
const pageLimit = 500;

/**
 * A page is a hundred times the size of one object. This is half of the API server's own limit of
 * 60 s.
 */
const pageTimeoutMs = 30_000;
