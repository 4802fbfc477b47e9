import { isIP } from 'node:net';
import type { Endpoint } from '../admission/webhooks.ts';

/** Where a process is to be found: by the Service of its namespace, or by a URL it is told. */
export interface Whereabouts {
  /** Ringfence's own namespace. */
  readonly namespace: string;
  /** The base URL under which the API server finds this process; the Service where it is undefined. */
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
export function reachableUrl({ namespace, webhookUrl }: Whereabouts): string {
  const base = webhookUrl?.replace(/\/$/, '') ?? `https://${service.name}.${namespace}.svc:${service.port}`;
  return `${base}${reachablePath}`;
}

/** The names that the certificate must carry: the Service's, and the URL's where one is given. */
export function certificateNames({ namespace, webhookUrl }: Whereabouts): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  const name = `${service.name}.${namespace}`;
  const dnsNames = [`${name}.svc`, `${name}.svc.cluster.local`, name];
  if (webhookUrl === undefined) return { dnsNames, ipAddresses: [] };
  const host = new URL(webhookUrl).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? { dnsNames: [...dnsNames, host], ipAddresses: [] } : { dnsNames, ipAddresses: [host] };
}
