import { reachEntryName } from '../admission/reach.ts';
import { desiredConfigurations } from '../admission/webhooks.ts';
import { configVersionAnnotation } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { foreignKeys } from '../installation/foreign-requirements.ts';
import { releaseAnnotation } from '../installation/release.ts';
import { annotationOf, reachedAtAnnotation } from '../installation/webhook-configuration.ts';
import { listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import { agree, countOf } from '../wording/number.ts';
import { examination } from './examination.ts';
import type { Replica, WebhookConfigurations } from './facts.ts';
import { valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';

const looked = 'the webhook configurations ringfence';
const openTheWay =
  'Let the API server reach the webhook port (8443) of the Pods: a firewall rule, or hostNetwork; docs/platforms.md says which for your platform.';

/** Which side of the connection between API server and Ringfence fails. */
export const webhookReach = examination({
  id: 'webhook-reach',
  question: 'Does the API server reach Ringfence?',
  finding: 'it never has, it no longer does, or a replica cannot write the webhook configurations',
  needs: ['webhooks'],
  answer({ webhooks }, facts) {
    const kinds = missingKinds(webhooks);
    if (kinds.length > 0)
      return [
        finding(
          looked,
          `there is no ${kinds.join(' and no ')}`,
          'the API server does not ask Ringfence: nothing is checked and no new namespace is fenced',
          'If Ringfence is installed, its log and /readyz say why it has not made them. Else install it (README.md).',
        ),
      ];
    const replicas = valueIn(facts.replicas) ?? [];
    const told = replicas.flatMap(replicaAnswers);
    const [proved, address] = [annotationOf(webhooks.validating, reachedAtAnnotation), addressIn(webhooks.validating)];
    if (proved !== address)
      return [
        finding(
          `${looked}, annotation ${reachedAtAnnotation}`,
          proved === undefined ? 'there is none' : `${proved}, and the entries name ${address ?? 'no address'}`,
          'the API server has not proved that it reaches Ringfence, so every entry fails open: nothing is enforced',
          openTheWay,
        ),
        ...told,
      ];
    if (told.length > 0) return told;
    const asked = replicas.filter(({ readyz }) => valueAt(valueIn(readyz), 'webhooksReached') === true);
    if (asked.length > 0)
      return [
        clean(
          looked,
          `reached at ${address}, as ${asked.length} of ${countOf(replicas.length, 'replica')} ${agree(asked.length, 'says', 'say')} now`,
        ),
      ];
    const answering = replicas.filter(({ release }) => 'value' in release);
    if (answering.length > 0)
      return [
        clean(`${looked}, annotation ${reachedAtAnnotation}`, `proved at ${address}`),
        clean(
          'webhook ports of the replicas, called through the API server',
          `${answering.length} of ${replicas.length} answer`,
        ),
      ];
    const unread = replicas.flatMap(({ readyz }) => ('value' in readyz ? [] : [readyz]))[0];
    const why = unread?.problem ?? ('value' in facts.replicas ? 'no Pod of Ringfence runs' : facts.replicas.problem);
    return [
      clean(`${looked}, annotation ${reachedAtAnnotation}`, `proved at ${address}`),
      undecided('/readyz of the replicas', `whether it still is reached: ${why}`, unread?.remedy ?? askYourself),
    ];
  },
});

const askYourself =
  'Ask a replica yourself: kubectl port-forward -n ringfence-system deployment/ringfence 8081, then curl localhost:8081/readyz.';

/** What one replica says of the connection, and what a call through the API server shows. */
function replicaAnswers({ name, ready, readyz, release }: Replica): readonly Answer[] {
  const state = valueIn(readyz);
  const notes = listAt(state, 'notes').filter((one) => typeof one === 'string');
  const lost = valueAt(state, 'webhooksReached') === false;
  const blocked = !('value' in release) && ready && [502, 503, 504].includes(release.code ?? -1);
  return [
    ...notes.map((text) =>
      finding(
        `/readyz of ${name}`,
        text,
        text.startsWith('the API server cannot reach')
          ? 'the direction from the API server to Ringfence fails'
          : 'this replica cannot do all of its work',
        text.startsWith('the API server cannot reach')
          ? openTheWay
          : 'Correct what it names; docs/telemetry.md explains each.',
      ),
    ),
    ...(lost && notes.length === 0
      ? [
          finding(
            `/readyz of ${name}`,
            'webhooksReached: false',
            'the direction from the API server to Ringfence fails',
            openTheWay,
          ),
        ]
      : []),
    ...(blocked
      ? [
          finding(
            `webhook port of ${name}, called through the API server`,
            release.problem,
            'the API server cannot open a connection to this Pod, although the Pod is ready',
            openTheWay,
          ),
        ]
      : []),
  ];
}

/** Whether the entries are those of the configuration, and who else writes them. */
export const webhookEntries = examination({
  id: 'webhook-entries',
  question: 'Are the webhook entries those of the configuration?',
  finding:
    'an entry is missing or fails open where it should fail closed, the entries are of an older configuration, or another writer keeps changing them',
  needs: ['webhooks', 'config'],
  answer({ webhooks, config }, { release, replicas }) {
    if (missingKinds(webhooks).length > 0) return [undecided(looked, 'they do not exist', 'See webhook-reach.')];
    const fought = (valueIn(replicas) ?? []).filter(({ readyz }) => valueAt(valueIn(readyz), 'webhooksKept') === false);
    const answers = [
      ...versionAnswers(webhooks, config),
      ...entryAnswers(webhooks, config, release),
      ...(fought.length === 0
        ? []
        : [
            finding(
              `/readyz of ${listed(fought.map(({ name }) => name))}`,
              `webhooksKept: false; entries were written by ${listed(writersOf(webhooks))}`,
              'the configurations are not as Ringfence wants them: it may not write them, or another writer changes them back',
              'Stop the other writer, or give Ringfence the right to write; docs/alerts.md (RingfenceWebhooksNotKept) says how.',
            ),
          ]),
    ];
    return answers.length > 0 ? answers : [clean(looked, 'all entries are there, and fail as the configuration says')];
  },
});

function versionAnswers({ validating, mutating }: WebhookConfigurations, config: Config): readonly Answer[] {
  const live = readResourceVersion(config.version);
  const written = [validating, mutating].map((one) => readResourceVersion(annotationOf(one, configVersionAnnotation)));
  if (live === undefined || live === 0n || written.every((one) => one === undefined || one >= live)) return [];
  return [
    finding(
      `${looked}, annotation ${configVersionAnnotation}`,
      `${written.join(' and ')}; the ConfigMap is at ${config.version}`,
      'the replicas work with an older configuration than that of the cluster',
      'Wait ten seconds and look again. Then /readyz of the replicas says why they do not use it.',
    ),
  ];
}

function entryAnswers(webhooks: WebhookConfigurations, config: Config, release: string): readonly Answer[] {
  const writer = annotationOf(webhooks.validating, releaseAnnotation);
  if (writer !== release)
    return [
      undecided(
        `${looked}, annotation ${releaseAnnotation}`,
        `release ${writer ?? 'unknown'} wrote them, and this command is of ${release}`,
        'Use the command of the release that runs in the cluster.',
      ),
    ];
  const wanted = desiredConfigurations(config, { baseUrl: '' }, '');
  const reached = annotationOf(webhooks.validating, reachedAtAnnotation) !== undefined;
  const answers: Answer[] = [];
  for (const [live, desired] of [
    [webhooks.validating, wanted.validating],
    [webhooks.mutating, wanted.mutating],
  ] as const) {
    const policies = new Map(
      listAt(live, 'webhooks').map((one) => [textAt(one, 'name') ?? '', textAt(one, 'failurePolicy')]),
    );
    const missing = desired.webhooks.filter(({ name }) => !policies.has(name)).map(({ name }) => name);
    const names = new Set(desired.webhooks.map(({ name }) => name));
    const foreign = [...policies.keys()].filter((name) => name !== reachEntryName && !names.has(name));
    const open = desired.webhooks
      .filter(({ name, failurePolicy }) => reached && failurePolicy === 'Fail' && policies.get(name) === 'Ignore')
      .map(({ name }) => name);
    const wrong = [
      ...(missing.length > 0 ? [`without ${listed(missing)}`] : []),
      ...(foreign.length > 0 ? [`with ${listed(foreign)} of somebody else`] : []),
      ...(open.length > 0 ? [`${listed(open)} ${agree(open.length, 'fails', 'fail')} open`] : []),
    ];
    if (wrong.length > 0)
      answers.push(
        finding(
          `${desired.kind} ringfence`,
          wrong.join('; '),
          'requests pass without being asked about, or are asked about by others',
          'Ringfence corrects this within seconds. If it stays, somebody else writes it: look at metadata.managedFields.',
        ),
      );
    const keys = foreignKeys(live, desired);
    if (keys.length > 0)
      answers.push(
        note(
          `${desired.kind} ringfence, namespaceSelector`,
          `others require something of ${listed(keys)}`,
          'Ringfence is not asked about the namespaces that this leaves out',
          'On AKS, the annotation admissions.enforcer/disabled: "true" under webhooks.annotations ends it.',
        ),
      );
  }
  return answers;
}

/** The field managers that wrote entries, as the API server keeps them (meta/v1 managedFields). */
function writersOf({ validating, mutating }: WebhookConfigurations): readonly string[] {
  const entries = [validating, mutating].flatMap((one) => listAt(one, 'metadata', 'managedFields'));
  const writers = entries.filter((entry) => valueAt(entry, 'fieldsV1', 'f:webhooks') !== undefined);
  const names = writers.map((entry) => textAt(entry, 'manager') ?? 'an unnamed manager');
  return names.length === 0 ? ['nobody who is named'] : [...new Set(names)];
}

function missingKinds({ validating, mutating }: WebhookConfigurations): readonly string[] {
  return [
    ...(validating === undefined ? ['ValidatingWebhookConfiguration'] : []),
    ...(mutating === undefined ? ['MutatingWebhookConfiguration'] : []),
  ];
}

/** The base URL that the entries name, as Ringfence writes it into the annotation. */
export function addressIn(configuration: unknown): string | undefined {
  const [entry] = listAt(configuration, 'webhooks');
  const url = textAt(entry, 'clientConfig', 'url');
  if (url !== undefined) {
    // The first entry is one that enforces: its path is taken away.
    return url.replace(/\/validate\/(?:un)?enforced$/, '');
  }
  const service = valueAt(entry, 'clientConfig', 'service');
  const [name, namespace] = [textAt(service, 'name'), textAt(service, 'namespace')];
  if (name === undefined || namespace === undefined) return undefined;
  const port = valueAt(service, 'port');
  return `https://${name}.${namespace}.svc:${typeof port === 'number' ? port : 443}`;
}
