import { isIP } from 'node:net';
import type { Endpoint } from '../admission/endpoint.ts';

/** Where a process is to be found: by the Service of its namespace, or by a URL it is told. */
export interface Whereabouts {
  /** Ringfence's own namespace. */
  readonly namespace: string;
  /**
   * The base URL under which the API server finds this process; the Service where it is undefined.
   */
  readonly webhookUrl?: string;
}

/** The Service of `manifests/base`. */
const service = { name: 'ringfence', port: 443 } as const;

/** Answered by the webhook server over TLS, for whoever wants to know that the address works. */
export const reachablePath = '/reachable';

/** What the webhook configurations name. */
export function endpointOf({ namespace, webhookUrl }: Whereabouts): Endpoint {
  return webhookUrl === undefined ? { service: { namespace, ...service } } : { baseUrl: webhookUrl };
}

/** What the API server dials, for ourselves to try. */
export function reachableUrl(whereabouts: Whereabouts): string {
  return `${dialedUrl(whereabouts)}${reachablePath}`;
}

/** The base URL that the API server dials, whether it is a Service or a URL. */
export function dialedUrl({ namespace, webhookUrl }: Whereabouts): string {
  return webhookUrl?.replace(/\/$/, '') ?? `https://${service.name}.${namespace}.svc:${service.port}`;
}

/**
 * The name or address that the API server asks for when it calls us: a certificate must carry at
 * least this one.
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
 * The names of a certificate of our own: the Service's in every form, and the URL's where one is
 * given.
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
