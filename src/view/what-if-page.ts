import { formatPorts, noPorts, type PortSet, unite } from '../network/port-set.ts';
import type { Change } from '../reach/change.ts';
import { shorten } from '../reach/table.ts';
import { linesOf } from '../report/lines.ts';
import { fixOf, messageOf, severityOf, titleOf } from '../report/report.ts';
import { type DrawnArrow, signs } from './arrow.ts';
import { type Box, outsideId } from './figure.ts';
import { type Html, html } from './html.ts';
import { drawMap, legend } from './map.ts';
import { outside } from './place.ts';
import { type Scene, table, words } from './scene.ts';
import type { Trial } from './trial.ts';

/** How many changes the table shows. */
const most = 300;
/** More boxes than this make no map. */
const mapBoxes = 60;

/** The page where NetworkPolicies are tried. */
export function whatIfPage(scene: Scene, text: string, trial: Trial | undefined): Html {
  const { say, href } = scene;
  return html`<p>${say('whatIfHint')}</p>
<form class="what-if" method="post" action="${href('/what-if')}" data-drop>
<label for="manifests">${say('manifests')}</label>
<textarea id="manifests" name="manifests" rows="14" spellcheck="false" autocomplete="off" required>${text}</textarea>
<p class="files" hidden><label>${say('files')} <input type="file" multiple accept=".yaml,.yml,.json"></label> <label>${say('folder')} <input type="file" webkitdirectory></label></p>
<button>${say('tryIt')}</button>
</form>
${trial !== undefined && html`<div id="effect">${result(scene, trial)}</div>`}`;
}

function result(scene: Scene, { problems, passedOver, policies, changes, judged }: Trial): Html {
  const { say } = scene;
  const left = [...passedOver].map(([what, count]) => `${count} ${what}`).join(', ');
  const skipped = passedOver.size > 0 && html`<p class="notice">${say('passedOver', { what: left })}</p>`;
  if (problems.length > 0)
    return html`<h2>${say('cannotRead')}</h2><div class="notice bad" role="alert"><ul>${problems.map((one) => html`<li>${words(scene, one)}</li>`)}</ul></div>${skipped}`;
  return html`${skipped}<h2>${say('effect')}</h2>
<ul>${policies.map(({ name, isNew }) => html`<li>${name}: ${say(isNew ? 'adds' : 'replaces')}</li>`)}</ul>
${changes.length === 0 ? html`<p>${say('sameAsNow')}</p>` : html`${changeMap(scene, changes)}${changeTable(scene, changes)}`}
<h2>${say('checkSays')}</h2>
${judged.every(({ findings }) => findings.length === 0) && html`<p>${say('checkClean')}</p>`}
${judged
  .filter(({ findings }) => findings.length > 0)
  .map((object) => {
    const fix = fixOf(object, scene.model.report.config);
    return html`<section class="way"><h3>${words(scene, titleOf(object))}</h3><ul>${linesOf(object).map((line) => {
      const [finding] = line.findings;
      const severity = severityOf(finding);
      return html`<li><span class="severity ${severity}">${say(severity)}</span> ${words(scene, messageOf(line))} <code>${line.checks.join(', ')}</code></li>`;
    })}</ul>${fix.length > 0 && html`<pre>${fix.join('\n')}</pre>`}</section>`;
  })}`;
}

const drawnAs = { opened: 'opened', closed: 'closed', undefined: 'undefined' } as const;

/** The changes, those first that the rules forbid. */
function changeTable(scene: Scene, changes: readonly Change[]): Html {
  const { say } = scene;
  const sorted = changes.toSorted((a, b) => Number(b.forbidden !== undefined) - Number(a.forbidden !== undefined));
  return html`${table(
    scene,
    say('effect'),
    [say('state'), say('from'), say('to'), say('ports'), say('notAllowed')],
    sorted
      .slice(0, most)
      .map(({ kind, from, to, ports, forbidden }) => [
        html`<span class="kind ${kind}">${signs[drawnAs[kind]]} ${say(kind)}</span>`,
        words(scene, shorten(from.names)),
        words(scene, shorten(to.names)),
        words(scene, formatPorts(ports)),
        forbidden === undefined ? '' : words(scene, html`<span class="kind forbidden">✕</span> ${forbidden.reason}`),
      ]),
  )}${changes.length > most && html`<p class="hint">${say('moreRows', { count: changes.length - most })}</p>`}`;
}

/** The changes as arrows between namespaces. */
function changeMap(scene: Scene, changes: readonly Change[]): Html | undefined {
  const { say, model } = scene;
  const boxes = new Map<string, Box>();
  const boxOf = (namespace: string | undefined): Box => {
    const id = namespace ?? outsideId;
    const place = model.places.get(namespace ?? outside);
    const box = boxes.get(id) ?? {
      id,
      places: place === undefined ? [] : [place],
      env: place?.env ?? '',
      tier: place?.tier ?? '',
    };
    boxes.set(id, box);
    return box;
  };
  const groups = Map.groupBy(changes, ({ kind, from, to }) => JSON.stringify([from.namespace, to.namespace, kind]));
  const arrows = [...groups.values()].flatMap((own): readonly DrawnArrow[] => {
    const [first] = own;
    if (first === undefined) return [];
    const ports = own.reduce<PortSet>((sum, one) => unite(sum, one.ports), noPorts);
    const ends = { from: boxOf(first.from.namespace), to: boxOf(first.to.namespace) };
    return [{ ...ends, kind: drawnAs[first.kind], count: own.length, ports: formatPorts(ports) }];
  });
  if (boxes.size > mapBoxes) return html`<p class="notice">${say('tooMany', { count: boxes.size })}</p>`;
  const description = say('mapText', { boxes: boxes.size, arrows: arrows.length, forbidden: 0 });
  return html`${legend(scene, ['opened', 'closed', 'undefined'])}<div class="scroll" tabindex="0" role="region" aria-label="${say('map')}">${drawMap(scene, [...boxes.values()], arrows, description)}</div>`;
}
