/** Where the API server finds Ringfence: the Service in the cluster, or a base URL outside. */
export type Endpoint =
  | { readonly baseUrl: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

/**
 * admissionregistration.k8s.io/v1 WebhookClientConfig without its caBundle, which the keeper fills
 * in.
 */
export type ClientConfig =
  | { readonly url: string }
  | {
      readonly service: {
        readonly namespace: string;
        readonly name: string;
        readonly path: string;
        readonly port: number;
      };
    };

/** How the API server calls a path of Ringfence. */
export function clientConfig(endpoint: Endpoint, path: string): ClientConfig {
  return 'baseUrl' in endpoint
    ? { url: `${endpoint.baseUrl.replace(/\/$/, '')}${path}` }
    : { service: { ...endpoint.service, path } };
}
