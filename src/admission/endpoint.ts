/** The address of Ringfence for the API server: the Service in the cluster, or a base URL. */
export type Endpoint =
  | { readonly baseUrl: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

/** admissionregistration.k8s.io/v1 WebhookClientConfig without caBundle, which the keeper adds. */
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

/** Returns the client configuration for a path of Ringfence. */
export function clientConfig(endpoint: Endpoint, path: string): ClientConfig {
  return 'baseUrl' in endpoint
    ? { url: `${endpoint.baseUrl.replace(/\/$/, '')}${path}` }
    : { service: { ...endpoint.service, path } };
}
