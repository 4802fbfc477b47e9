import { isIP } from 'node:net';
import type { Endpoint } from '../admission/endpoint.ts';

/** The address of a process: the Service of its namespace, or a given URL. */
export interface Whereabouts {
  /** Ringfence's own namespace. */
  readonly namespace: string;
  /** The base URL at which the API server reaches this process. If undefined, it is the Service. */
  readonly webhookUrl?: string;
}

/** The Service of `manifests/base`. */
const service = { name: 'ringfence', port: 443 } as const;

/** A path of the webhook server that answers over TLS, to test whether the address works. */
export const reachablePath = '/reachable';

/** Returns the endpoint for the webhook configurations. */
export function endpointOf({ namespace, webhookUrl }: Whereabouts): Endpoint {
  return webhookUrl === undefined ? { service: { namespace, ...service } } : { baseUrl: webhookUrl };
}

/** Returns the URL with which this process tests the address that the API server dials. */
export function reachableUrl(whereabouts: Whereabouts): string {
  return `${dialedUrl(whereabouts)}${reachablePath}`;
}

/** Returns the base URL that the API server dials, for a Service as well as for a URL. */
export function dialedUrl({ namespace, webhookUrl }: Whereabouts): string {
  return webhookUrl?.replace(/\/$/, '') ?? `https://${service.name}.${namespace}.svc:${service.port}`;
}

/**
 * Returns the name or address that the API server expects when it calls the webhook. A certificate
 * must contain at least this one.
 */
export function dialedNames({ namespace, webhookUrl }: Whereabouts): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  if (webhookUrl === undefined) return { dnsNames: [`${service.name}.${namespace}.svc`], ipAddresses: [] };
  const host = new URL(webhookUrl).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? { dnsNames: [host], ipAddresses: [] } : { dnsNames: [], ipAddresses: [host] };
}

/**
 * Returns the names of a certificate that Ringfence makes: every form of the Service's name, and
 * the host of the URL if there is one.
 */
export function certificateNames(whereabouts: Whereabouts): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  const name = `${service.name}.${whereabouts.namespace}`;
  const { dnsNames, ipAddresses } = dialedNames(whereabouts);
  return {
    dnsNames: [...new Set([`${name}.svc`, `${name}.svc.cluster.local`, name, ...dnsNames])],
    ipAddresses,
  };
}
