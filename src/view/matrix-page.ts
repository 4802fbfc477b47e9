import { portSpans } from '../network/port-set.ts';
import { drawnKinds, portsText, signs } from './arrow.ts';
import { type Arrow, type Box, type Figure, figureOf, outsideId } from './figure.ts';
import { filterForm, readFilter } from './filter.ts';
import { type Html, html } from './html.ts';
import { kindOf } from './link.ts';
import { logNotice } from './log-notes.ts';
import { captionOf, legend } from './map.ts';
import { link, type Scene } from './scene.ts';

/** More rows than this are folded by environment and tier. */
export const matrixNamespaces = 60;

/** The page with all pairs. */
export function matrixPage(scene: Scene): Html {
  const { say, model, asked } = scene;
  const filter = readFilter(asked);
  const figure = figureOf(model, filter, matrixNamespaces);
  return html`${filterForm(scene, '/matrix', filter)}
${logNotice(scene)}
<p class="hint">${say('matrixHint')}</p>
${figure.isFolded && html`<p class="hint">${say('foldedHint', { count: figure.shown })}</p>`}
${legend(scene, drawnKinds)}
${matrixTable(scene, figure)}`;
}

/** The pairs of a figure as a table: rows call columns. */
export function matrixTable(scene: Scene, { boxes, arrows }: Figure): Html {
  const { say } = scene;
  if (boxes.length === 0) return html`<p class="empty">${say('empty')}</p>`;
  const shown = boxes.slice(0, mostRows);
  const byPair = new Map(arrows.map((arrow) => [`${arrow.from.id} ${arrow.to.id}`, arrow]));
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="${say('matrix')}"><table class="matrix">
<caption class="hidden">${say('matrix')}</caption>
<thead><tr><th scope="col">${say('from')} \\ ${say('to')}</th>${shown.map(
    (box) => html`<th scope="col" class="turned"><span>${boxName(scene, box)}</span></th>`,
  )}</tr></thead>
<tbody>${shown.map(
    (from) => html`<tr><th scope="row">${boxName(scene, from)}</th>${shown.map((to) =>
      cell(scene, byPair.get(`${from.id} ${to.id}`), from, to),
    )}</tr>
`,
  )}</tbody></table></div>${boxes.length > shown.length && html`<p class="hint">${say('moreRows', { count: boxes.length - shown.length })}</p>`}`;
}

/** A browser shows no more cells than the square of this in a moment. */
const mostRows = 120;

function boxName(scene: Scene, box: Box): Html {
  const { title } = captionOf(box, scene);
  const [only] = box.places;
  if (only === undefined) return html`${title}`;
  return box.id.startsWith('@')
    ? link(scene, '/matrix', { env: box.env || '-', tier: box.tier || '-' }, title)
    : link(scene, '/namespace', { name: only.name }, title);
}

function cell(scene: Scene, arrow: Arrow | undefined, from: Box, to: Box): Html {
  const { say } = scene;
  if (arrow === undefined)
    return from.id === outsideId && to.id === outsideId
      ? html`<td></td>`
      : html`<td class="closed"><span aria-hidden="true">·</span><span class="hidden">${say('cellNothing')}</span></td>`;
  const kind = kindOf(arrow.link);
  const text = portsText(kind, arrow.link);
  const name = `${say(kind)}: ${captionOf(from, scene).title} → ${captionOf(to, scene).title}: ${text}`;
  const href = scene.href('/flow', { from: from.id, to: to.id });
  const short = html`<span aria-hidden="true">${signs[kind]} ${shortPorts(arrow)}</span><span class="hidden">${name}</span>`;
  return html`<td class="${kind}" title="${name}">${href === undefined ? short : html`<a href="${href}">${short}</a>`}</td>`;
}

/** One port, or how many ranges there are. */
function shortPorts({ link: { lawful, forbidden, undecided, denied }, kind }: Arrow): string {
  if (kind === 'denied') return String(denied.length);
  const spans = portSpans(kind === 'forbidden' ? forbidden : kind === 'undefined' ? undecided : lawful);
  const [only] = spans;
  if (only === undefined) return '';
  if (spans.every(({ first, last }) => first <= 1 && last >= 65_535)) return '∗';
  if (spans.length > 1) return `${spans.length}`;
  return only.first === only.last ? `${only.first}` : `${only.first}–${only.last}`;
}
