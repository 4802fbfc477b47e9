import type { FactValues } from '../../src/doctor/facts.ts';
import { address, type Change, configOf, type Row, replica, unread, values, webhooksOf } from './scene.ts';

const answering = (readyz: object): Change => values({ replicas: [{ ...replica, readyz: { value: readyz } }] });

export const webhookRows: readonly Row[] = [
  [
    'webhook-reach',
    'no configurations',
    values({ webhooks: { validating: undefined, mutating: undefined } }),
    [['finding', 'there is no ValidatingWebhookConfiguration and no MutatingWebhookConfiguration']],
  ],
  [
    'webhook-reach',
    'never reached',
    values({ webhooks: webhooksOf(configOf(), { isReached: false }) }),
    [['finding', 'there is none']],
  ],
  [
    'webhook-reach',
    'lost again, as a replica says',
    answering({
      webhooksReached: false,
      notes: ['the API server cannot reach the webhooks: i/o timeout; entries that fail closed stay so'],
    }),
    [['finding', /^the API server cannot reach the webhooks: i\/o timeout/]],
  ],
  [
    'webhook-reach',
    'lost again, without a note',
    answering({ webhooksReached: false }),
    [['finding', 'webhooksReached: false']],
  ],
  [
    'webhook-reach',
    'the other direction',
    answering({ webhooksReached: true, notes: ['this process cannot keep the webhook configurations: 403'] }),
    [['finding', /^this process cannot keep/]],
  ],
  [
    'webhook-reach',
    'a port that the API server cannot open',
    values({
      replicas: [
        { ...replica, release: { problem: '503 error trying to reach service: i/o timeout', remedy: 'x', code: 503 } },
      ],
    }),
    [['finding', /error trying to reach service/]],
  ],
  [
    'webhook-reach',
    'replicas of which only the webhook port answers',
    values({ replicas: [{ ...replica, readyz: unread }] }),
    [
      ['clean', `proved at ${address}`],
      ['clean', '1 of 1 answer'],
    ],
  ],
  [
    'webhook-reach',
    'replicas that nobody may ask',
    values({ replicas: [{ ...replica, readyz: unread, release: unread }] }),
    [
      ['clean', `proved at ${address}`],
      ['undecided', /whether it still is reached: RBAC/],
    ],
  ],
  [
    'webhook-entries',
    'an entry away, another there, one open',
    values({
      webhooks: changedEntries((entries) => [
        ...entries
          .slice(1)
          .map((entry) => (entry.name === 'pods.ringfence.dev' ? { ...entry, failurePolicy: 'Ignore' } : entry)),
        { name: 'mine.example.com' },
      ]),
    }),
    [
      [
        'finding',
        'without namespaces.ringfence.dev; with mine.example.com of somebody else; pods.ringfence.dev fails open',
      ],
    ],
  ],
  [
    'webhook-entries',
    "AKS' requirements",
    values({
      webhooks: changedEntries((entries) =>
        entries.map((entry) => ({
          ...entry,
          namespaceSelector: { matchExpressions: [{ key: 'control-plane', operator: 'DoesNotExist' }] },
        })),
      ),
    }),
    [['note', 'others require something of control-plane']],
  ],
  [
    'webhook-entries',
    'an older configuration',
    values({ config: { ...configOf(), version: '9' } }),
    [['finding', '7 and 7; the ConfigMap is at 9']],
  ],
  [
    'webhook-entries',
    'another release',
    values({ webhooks: webhooksOf(configOf(), { by: '0.2.0' }) }),
    [['undecided', /release 0\.2\.0 wrote them/]],
  ],
  [
    'webhook-entries',
    'somebody who changes them back',
    values({
      replicas: [{ ...replica, readyz: { value: { webhooksKept: false } } }],
      webhooks: writtenBy('ringfence', 'policy-operator'),
    }),
    [['finding', 'webhooksKept: false; entries were written by ringfence, policy-operator']],
  ],
];

function changedEntries(change: (entries: readonly Entry[]) => readonly object[]): FactValues['webhooks'] {
  const { validating, mutating } = webhooksOf();
  const { webhooks } = validating as { readonly webhooks: readonly Entry[] };
  return { validating: { ...(validating as object), webhooks: change(webhooks) }, mutating };
}

interface Entry {
  readonly name: string;
}

function writtenBy(...managers: readonly string[]): FactValues['webhooks'] {
  const managedFields = [
    ...managers.map((manager) => ({ manager, fieldsV1: { 'f:webhooks': {} } })),
    { manager: 'kubectl-annotate', fieldsV1: { 'f:metadata': {} } },
  ];
  const { validating, mutating } = webhooksOf();
  const { metadata, ...rest } = validating as { readonly metadata: object };
  return { validating: { ...rest, metadata: { ...metadata, managedFields } }, mutating };
}
