import { ApiError } from '../../src/cluster/api-error.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import type { RawNamespace } from '../../src/kubernetes/object-meta.ts';
import { addressOf } from '../api-server/address.ts';
import { lifecycleRefusal, notFound } from '../api-server/object-store.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Changed, Resource, Store } from './store.ts';

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly contentType: string | undefined;
}

/** An answer of the API server: an object, or a meta/v1 Status of a refusal. */
export type ApiAnswer =
  | { readonly body: unknown }
  | { readonly code: number; readonly reason: string; readonly message: string };

/**
 * Answers Ringfence's requests like kube-apiserver: quorum reads, lists in pages, and applies and
 * merge patches with admission.
 */
export interface ApiServer {
  /** Calls `reply` once, in this step or a later one. */
  handle(call: ApiCall, reply: (answer: ApiAnswer) => void): void;
  /**
   * Returns the refusal of the admission plugin NamespaceLifecycle for a creation; undefined if it
   * allows it.
   */
  barCreation(namespace: string): ApiAnswer | undefined;
  /** Returns the namespace in the API server's own informer. */
  view(namespace: string): RawNamespace | undefined;
  /** Must be called for each change, so that the view follows. */
  follow(change: Changed): void;
}

export function createApiServer(parts: {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly owner: Owner;
  /** Whether somebody's webhook changes applies. */
  isInterfered(): boolean;
}): ApiServer {
  const { store, scheduler, random, faults, owner } = parts;
  const views = new Map<string, RawNamespace | undefined>();
  const pages = new Map<string, Page>();
  let viewAt = 0;

  const view = (name: string): RawNamespace | undefined =>
    faults.plan.staleServer ? views.get(name) : store.namespaces.get(name);

  function barCreation(namespace: string): ApiAnswer | undefined {
    // It reads live before it says that a namespace does not exist.
    const seen = view(namespace) ?? store.namespaces.get(namespace);
    const refused = lifecycleRefusal(namespace, seen);
    return refused === undefined ? undefined : answerOf(refused);
  }

  /** A page may be smaller than requested. All pages of one list have one version. */
  function list(resource: Resource, query: ApiCall['query']): ApiAnswer {
    const { continue: token } = query;
    const page = typeof token === 'string' ? pages.get(token) : firstPage(resource);
    if (page === undefined) return { code: 410, reason: 'Expired', message: 'the continue token is too old' };
    const size = random.pick([1, 2, 500]);
    const items = page.items.slice(0, size);
    const rest = page.items.slice(size);
    const metadata = { resourceVersion: page.resourceVersion };
    if (rest.length === 0) return { body: { metadata, items } };
    const next = `${page.resourceVersion}-${pages.size}`;
    pages.set(next, { ...page, items: rest });
    return { body: { metadata: { ...metadata, continue: next }, items } };
  }

  function firstPage(resource: Resource): Page {
    const items = [...(resource === 'namespaces' ? store.namespaces : store.policies).values()];
    return { items, resourceVersion: String(store.version()) };
  }

  function apply(namespace: string, policy: NetworkPolicy, reply: (answer: ApiAnswer) => void): void {
    const isNew = !store.policies.has(`${namespace}/${policy.metadata.name}`);
    const bar = isNew ? barCreation(namespace) : undefined;
    if (bar !== undefined) {
      reply(bar);
      return;
    }
    // The apply changes the object that is stored then, because the API server tries again after a
    // conflict.
    scheduler.after(random.wait(faults.plan.slowStore && !faults.areOver() ? 20 : 0.5), owner, () => {
      if (!parts.isInterfered()) return reply({ body: store.apply(policy, 'replica') });
      const spec = { ...policy.spec, ingress: [{}] } as NetworkPolicySpec;
      reply({ body: store.apply({ ...policy, spec }, 'people') });
    });
  }

  function patch(key: string, change: object): ApiAnswer {
    try {
      return { body: store.patchPolicy(key, change) };
    } catch (error) {
      if (error instanceof ApiError) return answerOf(error);
      throw error;
    }
  }

  return {
    barCreation,
    view,
    handle({ method, path, query, body, contentType }, reply) {
      const { namespace, resource, name, key } = addressOf(path);
      if (method === 'GET' && name === '') return reply(list(resource as Resource, query));
      if (method === 'GET') {
        const found = (resource === 'namespaces' ? store.namespaces : store.policies).get(key);
        return reply(found === undefined ? answerOf(notFound(resource, name)) : { body: found });
      }
      if (contentType === 'application/apply-patch+yaml') return apply(namespace, body as NetworkPolicy, reply);
      if (contentType === 'application/merge-patch+json') return reply(patch(key, body as object));
      throw new Error(`the simulation knows no ${method} ${path}`);
    },
    follow({ resource, namespace }) {
      if (resource !== 'namespaces' || !faults.plan.staleServer) return;
      const seen = store.namespaces.get(namespace);
      viewAt = Math.max(viewAt, scheduler.now() + faults.watchLagMs('namespaces'));
      scheduler.at(viewAt, owner, () => views.set(namespace, seen));
    },
  };
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
}

function answerOf({ code, reason, statusMessage }: ApiError): ApiAnswer {
  return { code, reason, message: statusMessage };
}
