import { releaseAnnotation } from '../installation/release.ts';
import { annotationOf } from '../installation/webhook-configuration.ts';
import { countOf } from '../wording/number.ts';
import { examination } from './examination.ts';
import type { Replica } from './facts.ts';
import { valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';

/** Whether the replicas answer, and are of one release. */
export const replicas = examination({
  id: 'replicas',
  question: 'Do the replicas run, in one version?',
  finding: 'there is none, one is not ready, or two have different images or versions',
  needs: ['replicas'],
  answer({ replicas: found }, facts) {
    const place = `Pods of Ringfence in ${facts.ownNamespace}`;
    if (found.length === 0)
      return [
        finding(
          place,
          'there is none',
          'nobody answers the API server: enforce refuses what it covers, and nothing else is checked',
          `Look at the Deployment: kubectl describe deployment ringfence -n ${facts.ownNamespace}`,
        ),
      ];
    const down = found.filter(({ ready }) => !ready);
    const images = [...new Set(found.map(({ image }) => image))];
    const releases = [...new Set(found.flatMap(({ release }) => valueIn(release) ?? []))];
    const written = annotationOf(valueIn(facts.webhooks)?.validating, releaseAnnotation);
    const answers: Answer[] = [
      ...down.map((replica) => downAnswer(replica, down.length === found.length)),
      ...(images.length > 1
        ? [
            finding(
              place,
              `different images: ${listed(images)}`,
              'a rollout has not ended: two releases answer, each by its own rules',
              `kubectl rollout status deployment/ringfence -n ${facts.ownNamespace}`,
            ),
          ]
        : []),
      ...(releases.length > 1
        ? [
            finding(
              place,
              `releases ${listed(releases)}`,
              'two releases answer, each by its own rules',
              'End the rollout.',
            ),
          ]
        : []),
      ...releases
        .filter((release) => releases.length === 1 && written !== undefined && release !== written)
        .map((release) =>
          note(
            place,
            `release ${release}; release ${written} wrote the webhook configurations`,
            'during a rollback the older release takes them over after half a minute',
          ),
        ),
    ];
    if (answers.length > 0) return answers;
    const unread = found.flatMap(({ release }) => ('value' in release ? [] : [release]));
    const state = clean(
      place,
      `${found.length} ready, image ${images[0] ?? ''}${releases.length === 1 ? `, release ${releases[0]}` : ''}`,
    );
    const [first] = unread;
    if (first === undefined) return [state];
    return [state, undecided(`release of ${countOf(unread.length, 'Pod')} of Ringfence`, first.problem, first.remedy)];
  },
});

function downAnswer({ name, readyz }: Replica, all: boolean): Answer {
  const why = 'value' in readyz ? '' : waitingIn(readyz.problem);
  return finding(
    `Pod ${name}`,
    `not ready${why === '' ? '' : `: ${why}`}`,
    all ? 'nobody answers the API server: enforce refuses what it covers' : 'the other replicas answer alone',
    'Look at its log, its Events and its /readyz (docs/telemetry.md).',
  );
}

/** What a replica waits for, in the text of its refusal at /readyz. */
function waitingIn(problem: string): string {
  return /"waiting":\[([^\]]*)\]/.exec(problem)?.[1]?.replaceAll('"', '') ?? '';
}
