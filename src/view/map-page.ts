import { summarize } from '../audit/report.ts';
import { arrowsOf, drawnKinds, portsText, signs } from './arrow.ts';
import type { Arrow, Figure } from './figure.ts';
import { figureOf, outsideId } from './figure.ts';
import { filterForm, readFilter } from './filter.ts';
import { type Content, type Html, html } from './html.ts';
import { drawnAlways } from './hub.ts';
import type { Kind } from './link.ts';
import { logNotice } from './log-notes.ts';
import { captionOf, drawMap, legend } from './map.ts';
import { link, type Scene, table, words } from './scene.ts';

/** More namespaces than this are folded on the map by environment and tier. */
export const mapNamespaces = 20;
/** A map of more boxes than this cannot be read. */
const mapBoxes = 60;
/** How many flows the table below the map shows. */
const rows = 200;

/** The page with the map: who may call whom, worst first. */
export function mapPage(scene: Scene): Html {
  const { say, model, asked } = scene;
  const filter = readFilter(asked);
  const figure = figureOf(model, filter, mapNamespaces);
  return html`<p class="summary">${words(scene, `${summarize(model.report)}.`)}</p>
${filterForm(scene, '/', filter)}
${logNotice(scene)}
${drawFigure(scene, figure)}
${sayAround(scene, figure)}
<h2 id="flows">${say('flowTable')}</h2>
${flowTable(scene, figure.arrows)}`;
}

/** The map of a figure with its legend, or a sentence where it has too many boxes. */
export function drawFigure(scene: Scene, figure: Figure): Html {
  const { say } = scene;
  const { boxes, isFolded, shown } = figure;
  if (boxes.length > mapBoxes) return html`<p class="notice">${say('tooMany', { count: boxes.length })}</p>`;
  if (boxes.length === 0) return html`<p class="empty">${say('empty')}</p>`;
  const arrows = arrowsOf(figure);
  const forbidden = arrows.filter(({ kind }) => kind === 'forbidden').length;
  const description = say('mapText', { boxes: boxes.length, arrows: arrows.length, forbidden });
  return html`${isFolded && html`<p class="hint">${say('foldedHint', { count: shown })}</p>`}
<a class="skip" href="#flows">${say('skipMap')}</a>
${legend(scene, drawnKinds)}
<div class="scroll" tabindex="0" role="region" aria-label="${say('map')}">${drawMap(scene, boxes, arrows, description)}</div>`;
}

/** What a reader of the map should know. */
export function sayAround({ say, model }: Scene, figure: Figure): Html {
  const { hidden } = figure;
  return html`<ul class="hints">
<li>${say('arrowsOut')}</li>
${figure.arrows.length >= drawnAlways && html`<li>${say('hubHint')}</li>`}
${!model.isObserved && html`<li>${say('notObserved')}</li>`}
${hidden > 0 && html`<li>${say('hiddenExempt', { count: hidden })}</li>`}
</ul>`;
}

/** Arrows as a table, worst first. */
export function flowTable(scene: Scene, arrows: readonly Arrow[]): Html {
  const { say } = scene;
  const shown = arrows.slice(0, rows);
  return html`${table(
    scene,
    say('flowTable'),
    [say('state'), say('from'), say('to'), say('ports'), say('links')],
    shown.map(({ from, to, kind, count, link: joined }) => [
      link(scene, '/flow', { from: from.id, to: to.id }, kindText(scene, kind)),
      nameOf(scene, from),
      nameOf(scene, to),
      words(scene, portsText(kind, joined)),
      count,
    ]),
  )}${arrows.length > rows && html`<p class="hint">${say('moreRows', { count: arrows.length - rows })}</p>`}`;
}

export function kindText({ say }: Pick<Scene, 'say'>, kind: Kind): Html {
  return html`<span class="kind ${kind}">${signs[kind]} ${say(kind)}</span>`;
}

function nameOf(scene: Scene, box: Arrow['from']): Content {
  const { title } = captionOf(box, scene);
  return box.id.startsWith('@') || box.id === outsideId ? title : link(scene, '/namespace', { name: box.id }, title);
}
