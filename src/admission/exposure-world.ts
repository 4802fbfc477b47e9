import { createExposures, type Exposures } from '../exposure/exposure.ts';
import { type Reference, referencesOf } from '../exposure/references.ts';
import { gatewayGroup } from '../kubernetes/exposing-kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import type { ExposedPods } from './exposed-pods.ts';

/** Live reads for the review of an exposure, in wire form. Each throws if there is no answer. */
export interface ExposurePorts {
  /** Undefined if there is no Service of that name. */
  readonly service: (reference: Reference) => Promise<unknown>;
  /** Undefined if there is no Gateway of that name, or if Gateways are not served. */
  readonly gateway: (reference: Reference) => Promise<unknown>;
  /** The ReferenceGrants of a namespace, and whether these are all. */
  readonly grants: (namespace: string) => Promise<{ readonly objects: readonly unknown[]; readonly isWhole: boolean }>;
  readonly pods: (namespace: string) => Promise<ExposedPods>;
}

/** What is known around an exposure. */
export interface ExposureWorld {
  readonly exposures: Exposures;
  readonly podsOf: (namespace: string) => ExposedPods;
}

/** Each reference costs a read of 2 ms, and all are read at once. Routes in use name a few. */
const referenceLimit = 100;

/** All Pods and workloads of each namespace are listed. Routes in use lead to one or two. */
const namespaceLimit = 4;

/**
 * Reads what decides where the objects (an exposure, and its state before an update) lead the
 * outside, and the Pods there. Throws an Error with a clause if not everything could be read.
 */
export async function readExposureWorld(
  objects: readonly unknown[],
  namespace: string,
  labels: Labels | undefined,
  ports: ExposurePorts,
): Promise<ExposureWorld> {
  const { services, gateways, grants } = referencesOf(objects, namespace);
  const count = services.length + gateways.length + grants.length;
  if (count > referenceLimit) throw new Error(`it refers to ${count} objects, and at most ${referenceLimit} are read`);
  const taker = createExposures();
  const add = (object: unknown, type: object, home: string) =>
    void (object !== undefined && taker.add({ ...recordOf(object), ...type }, home));
  await Promise.all([
    ...services.map(async (one) => add(await ports.service(one), serviceType, one.namespace)),
    ...gateways.map(async (one) => add(await ports.gateway(one), gatewayType, one.namespace)),
    ...grants.map(async (home) => {
      const { objects: found, isWhole } = await ports.grants(home);
      if (!isWhole) throw new Error(`namespace ${home} has too many ReferenceGrants`);
      for (const grant of found) add(grant, grantType, home);
    }),
  ]);
  const exposures = taker.take((name) => (name === namespace ? labels : undefined));
  const leads = objects.flatMap((object) => exposures.of(object, namespace)?.leads ?? []);
  const homes = new Set(
    leads.flatMap(({ service, nowhere }) => (nowhere === undefined ? (service ?? []) : [])).map(home),
  );
  if (homes.size > namespaceLimit)
    throw new Error(`it leads to ${homes.size} namespaces, and at most ${namespaceLimit} are read`);
  const read = await Promise.all([...homes].map(async (name) => [name, await ports.pods(name)] as const));
  const pods = new Map(read);
  return { exposures, podsOf: (name) => pods.get(name) ?? nobody };
}

// The items of a list do not contain their apiVersion and kind.
const serviceType = { apiVersion: 'v1', kind: 'Service' };
const gatewayType = { apiVersion: `${gatewayGroup}/v1`, kind: 'Gateway' };
const grantType = { apiVersion: `${gatewayGroup}/v1beta1`, kind: 'ReferenceGrant' };

const nobody: ExposedPods = { pods: [], nameOf: ({ name }) => name };

function home({ namespace }: Reference): string {
  return namespace;
}
