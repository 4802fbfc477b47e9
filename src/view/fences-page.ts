import type { AuditedNamespace, FenceState } from '../audit/namespaces.ts';
import { noteLines, remarksOn } from '../audit/text.ts';
import type { TextKey } from './english.ts';
import { type Content, type Html, html } from './html.ts';
import { logPart } from './log-notes.ts';
import { link, type Scene, table, words } from './scene.ts';

/** How many namespaces a page shows. */
const most = 1_000;

/** The state of every namespace: mode, fence, baseline, and what opens it again. */
export function fencesPage(scene: Scene): Html {
  const { say, model } = scene;
  const { namespaces } = model.report;
  const voided = namespaces.flatMap((one) => one.voided.map((policy) => ({ namespace: one.name, ...policy })));
  return html`${namespaceTable(scene, namespaces.slice(0, most))}
${namespaces.length > most && html`<p class="hint">${say('moreRows', { count: namespaces.length - most })}</p>`}
${
  voided.length > 0 &&
  html`<h2>${say('opensAgain')}</h2><ul>${voided.map(
    ({ namespace, name, field, direction, peers, pods, of }) =>
      html`<li>${words(scene, `${namespace}/${name} (${field}) ${direction}: ${peers}, ${pods}/${of} Pods`)}</li>`,
  )}</ul>`
}`;
}

export function namespaceTable(scene: Scene, namespaces: readonly AuditedNamespace[]): Html {
  const { say } = scene;
  return table(
    scene,
    say('byNamespace'),
    [
      say('namespace'),
      say('team'),
      say('mode'),
      say('fence'),
      say('baseline'),
      say('pods'),
      say('errors'),
      say('warnings'),
      say('remarks'),
    ],
    namespaces.map((one) => [
      link(scene, '/namespace', { name: one.name }, one.name),
      one.team,
      one.isExempt ? say('exempt') : one.mode,
      fenceText(scene, one.fence),
      baselineText(scene, one),
      one.pods.all,
      one.findings.error,
      one.findings.warning,
      words(scene, remarksOn(one).join('; ')),
    ]),
  );
}

const fenceTexts: Readonly<Record<FenceState, readonly [sign: string, key: TextKey]>> = {
  fenced: ['▣', 'fenced'],
  broken: ['◩', 'brokenFence'],
  'not-fenced': ['▢', 'notFenced'],
};

export function fenceText({ say }: Pick<Scene, 'say'>, state: FenceState): Html {
  const [sign, key] = fenceTexts[state];
  return html`<span class="fence ${state}"><span aria-hidden="true">${sign}</span> ${say(key)}</span>`;
}

function baselineText(scene: Scene, { baseline }: AuditedNamespace): Content {
  const drifted = baseline.filter(({ drift }) => drift.length > 0);
  if (baseline.length === 0) return '';
  return drifted.length === 0
    ? scene.say('inOrder')
    : words(scene, drifted.map(({ name, drift }) => `${name}: ${drift.join(', ')}`).join('; '));
}

/** The exceptions of the configuration, and when they end. */
export function exceptionsPage(scene: Scene): Html {
  const { say, model } = scene;
  const { exceptions } = model.report;
  if (exceptions.length === 0) return html`<p class="empty">${say('noExceptions')}</p>`;
  return table(
    scene,
    say('exceptions'),
    [say('exception'), say('namespace'), say('checks'), say('until'), say('state'), say('reason')],
    exceptions
      .toSorted((a, b) => (a.until < b.until ? -1 : 1))
      .map(({ name, namespace, checks, until, state, reason }) => [
        name,
        namespace,
        html`${checks.map((check) => html`<code>${check}</code> `)}`,
        html`<time datetime="${until}">${until}</time>`,
        html`<span class="exception ${state}">${say(state)}</span>`,
        reason,
      ]),
  );
}

/** What the doctor says, the worst first, and what was overlooked. */
export function doctorPage(scene: Scene): Html {
  const { say, model } = scene;
  const { doctor } = model.report;
  const order = ['finding', 'undecided', 'note', 'clean'] as const;
  const notes = noteLines(model.report);
  return html`${
    doctor === undefined
      ? html`<p class="empty">${say('noDoctor')}</p>`
      : table(
          scene,
          say('doctor'),
          [say('state'), say('looked'), say('found'), say('means'), say('remedy')],
          doctor
            .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
            .map(({ status, looked, found, means, remedy }) => [
              html`<span class="status ${status}">${say(status)}</span>`,
              ...[looked, found, means, remedy].map((text) => words(scene, text)),
            ]),
        )
  }
${notes.length > 0 && html`<h2>${say('notes')}</h2><ul>${notes.map((line) => html`<li>${words(scene, line)}</li>`)}</ul>`}
${logPart(scene)}`;
}
