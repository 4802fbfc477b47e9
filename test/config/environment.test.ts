import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';

describe('readEnvironment', () => {
  it('reads what the Deployment says', () => {
    const variables = {
      POD_NAMESPACE: 'ringfence',
      POD_NAME: 'ringfence-0',
      POD_SERVICE_ACCOUNT: 'ringfence',
      HOME: '/',
      KUBECONFIG: 'a:b',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_SERVICE_PORT: '443',
    };
    expect(readEnvironment(variables)).toEqual({
      podNamespace: 'ringfence',
      podName: 'ringfence-0',
      serviceAccount: 'ringfence',
      cluster: {
        kubeconfig: 'a:b',
        httpProxy: undefined,
        httpsProxy: undefined,
        noProxy: undefined,
        serviceHost: '10.96.0.1',
        servicePort: '443',
      },
    });
  });

  it('prefers upper case for proxies, as Go does, unless it is empty', () => {
    const lower = { http_proxy: 'a', https_proxy: 'b', no_proxy: 'c' };
    const upper = { HTTP_PROXY: 'A', HTTPS_PROXY: 'B', NO_PROXY: '' };
    expect(readEnvironment(lower).cluster).toMatchObject({ httpProxy: 'a', httpsProxy: 'b', noProxy: 'c' });
    expect(readEnvironment({ ...lower, ...upper }).cluster).toMatchObject({
      httpProxy: 'A',
      httpsProxy: 'B',
      noProxy: 'c',
    });
  });

  it('takes an empty variable as nothing said', () => {
    expect(readEnvironment({ POD_NAMESPACE: '' }).podNamespace).toBeUndefined();
    expect(readEnvironment({}).podName).toBeUndefined();
  });
});
