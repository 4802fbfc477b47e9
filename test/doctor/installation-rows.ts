import {
  address,
  type Change,
  configOf,
  dateAfter,
  dayMs,
  type Expected,
  exception,
  leaf,
  namespace,
  now,
  otherAuthority,
  type Row,
  replica,
  unread,
  values,
  webhooksOf,
} from './scene.ts';

const answering = (readyz: object): Change => values({ replicas: [{ ...replica, readyz: { value: readyz } }] });

export const installationRows: readonly Row[] = [
  ...certificateRows(),
  ['replicas', 'none', values({ replicas: [] }), [['finding', 'there is none']]],
  [
    'replicas',
    'one that waits',
    values({
      replicas: [
        replica,
        {
          ...replica,
          name: 'ringfence-2',
          ready: false,
          readyz: { problem: '503 {"status":"not ready","waiting":["waiting for informers"]}', remedy: 'x' },
        },
      ],
    }),
    [['finding', 'not ready: waiting for informers']],
  ],
  [
    'replicas',
    'two images and releases',
    values({
      replicas: [replica, { ...replica, image: 'registry.example/ringfence:0.2.0', release: { value: '0.2.0' } }],
    }),
    [
      ['finding', /^different images/],
      ['finding', 'releases 0.1.0, 0.2.0'],
    ],
  ],
  [
    'replicas',
    'after a rollback',
    values({ webhooks: webhooksOf(configOf(), { by: '0.2.0' }) }),
    [['note', /^release 0\.1\.0; release 0\.2\.0 wrote/]],
  ],
  [
    'replicas',
    'nobody may ask them',
    values({ replicas: [{ ...replica, release: unread }] }),
    [
      ['clean', /^1 ready/],
      ['undecided', /RBAC/],
    ],
  ],
  [
    'configuration',
    'two problems',
    values({ configProblems: ['a:1: mode: x', 'a:2: y'] }),
    [['finding', 'a:1: mode: x, a:2: y']],
  ],
  [
    'references',
    'names of nothing',
    values({
      config: configOf({
        baseline: { dns: [{ namespace: 'dns', podLabels: { app: 'dns' } }] },
        exempt: { namespaces: ['old', 'openshift-*'] },
        peers: [
          { name: 'gateway', role: 'ingress', namespace: 'gateways' },
          { name: 'ingress-nginx', role: 'ingress', namespace: 'ingress-nginx', podLabels: { app: 'x' } },
        ],
      }),
    }),
    [
      ['finding', 'namespace dns: not in the cluster'],
      ['finding', 'namespace gateways: not in the cluster'],
      ['finding', 'no Pod in ingress-nginx with app=x'],
      ['finding', 'namespace old: not in the cluster'],
      ['finding', 'no namespace begins with openshift-'],
    ],
  ],
  [
    'references',
    'a default peer that this cluster does not have',
    values({ namespaces: ['kube-system', 'ingress-nginx', 'shop'].map((name) => namespace(name)) }),
    [['note', 'namespace monitoring: not in the cluster (a default)']],
  ],
  [
    'exceptions',
    'within a week',
    values({ config: configOf({ exceptions: [exception(dateAfter(3))] }) }),
    [['finding', `ends on ${dateAfter(3)}`]],
  ],
  [
    'exceptions',
    'over',
    values({ config: configOf({ exceptions: [exception(dateAfter(-1))] }) }),
    [['finding', `ended on ${dateAfter(-1)}`]],
  ],
  [
    'exceptions',
    'in a month',
    values({ config: configOf({ exceptions: [exception(dateAfter(30))] }) }),
    [['clean', /^1, none/]],
  ],
];

function certificateRows(): readonly Row[] {
  const served = (chain: string, host = 'ringfence.ringfence-system.svc'): Change =>
    values({ certificate: { address, host, chain } });
  const there: Expected = ['clean', /^trusted until/];
  return [
    [
      'certificates',
      'no bundle',
      values({ webhooks: webhooksOf(configOf(), { caBundle: '' }) }),
      [
        ['finding', /of \d+ entries have no authority/],
        ['finding', /^signed by nobody whom \d+ of \d+ entries trust$/],
      ],
    ],
    [
      'certificates',
      'no entry',
      values({ webhooks: { validating: { webhooks: [] }, mutating: undefined } }),
      [['undecided', /they have no entry/]],
    ],
    [
      'certificates',
      'in 80 days, not renewed',
      { at: now + 80 * dayMs },
      [there, ['finding', /has not been renewed$/]],
    ],
    ['certificates', 'in 100 days', { at: now + 100 * dayMs }, [there, ['finding', /^valid from/]]],
    [
      'certificates',
      'another name',
      served(leaf.cert, 'webhook.example'),
      [there, ['finding', 'not for webhook.example, which the API server asks for']],
    ],
    [
      'certificates',
      'another authority',
      values({ webhooks: webhooksOf(configOf(), { caBundle: otherAuthority.cert }) }),
      [there, ['finding', /^signed by nobody/]],
    ],
    [
      'certificates',
      'not reachable from here, and nobody to ask',
      { unread: ['certificate'] },
      [there, ['undecided', /RBAC/]],
    ],
    [
      'certificates',
      'not reachable from here, as the replicas say',
      { ...answering({ expiry: { certificate: new Date(now + dayMs).toISOString() } }), unread: ['certificate'] },
      [there, ['clean', /^the certificate is valid until/]],
    ],
    [
      'certificates',
      'at its end, as the replicas say',
      { ...answering({ expiry: { certificate: new Date(now + 60_000).toISOString() } }), unread: ['certificate'] },
      [there, ['finding', /^the certificate of ringfence-1 ends at/]],
    ],
  ];
}
