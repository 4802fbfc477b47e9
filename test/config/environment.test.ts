import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';

describe('readEnvironment', () => {
  it('reads what the Deployment says', () => {
    const variables = {
      POD_NAMESPACE: 'ringfence',
      POD_NAME: 'ringfence-0',
      POD_SERVICE_ACCOUNT: 'ringfence',
      HOME: '/',
    };
    expect(readEnvironment(variables)).toEqual({
      podNamespace: 'ringfence',
      podName: 'ringfence-0',
      serviceAccount: 'ringfence',
    });
  });

  it('takes an empty variable as nothing said', () => {
    expect(readEnvironment({ POD_NAMESPACE: '' }).podNamespace).toBeUndefined();
    expect(readEnvironment({}).podName).toBeUndefined();
  });
});
