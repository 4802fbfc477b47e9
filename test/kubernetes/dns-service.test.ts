import { describe, expect, it } from 'vitest';
import { dnsPodPorts } from '../../src/kubernetes/dns-service.ts';

const service = (...ports: readonly object[]) => ({ spec: { ports } });
const slice = (...ports: readonly object[]) => ({ ports });

describe('the ports of the Pods behind a Service of DNS', () => {
  it.each<[string, object, readonly object[], readonly number[]]>([
    [
      'are the numbers of kubeadm, and not that of metrics',
      service(
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ),
      [],
      [53],
    ],
    [
      'are those that the endpoints give to the names of OpenShift',
      service(
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 'dns-tcp' },
        { name: 'metrics', port: 9154, protocol: 'TCP', targetPort: 'metrics' },
      ),
      [
        slice(
          { name: 'dns', port: 5353, protocol: 'UDP' },
          { name: 'dns-tcp', port: 5353, protocol: 'TCP' },
          { name: 'metrics', port: 9154, protocol: 'TCP' },
        ),
      ],
      [5353],
    ],
    ['are 53 where no targetPort is written', service({ port: 53, protocol: 'UDP' }), [], [53]],
    [
      'are both while a rollout changes them',
      service({ name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' }),
      [slice({ name: 'dns', port: 53, protocol: 'UDP' }), slice({ name: 'dns', port: 1053, protocol: 'UDP' })],
      [53, 1053],
    ],
    [
      'are not those of another protocol under the same name',
      service({ name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' }),
      [slice({ name: 'dns', port: 8053 })],
      [],
    ],
    ['are none without a port 53', service({ port: 5353, targetPort: 53 }), [], []],
    ['are none of something that is no Service', { spec: { ports: 'x' } }, [{ ports: 7 }], []],
  ])('%s', (_, one, slices, expected) => {
    expect(dnsPodPorts(one, slices)).toEqual(expected);
  });
});
