import { fenceText, namespaceTable } from './fences-page.ts';
import { figureOf } from './figure.ts';
import { causeTable } from './findings-page.ts';
import { type Html, html } from './html.ts';
import { logNotice } from './log-notes.ts';
import { drawFigure, flowTable } from './map-page.ts';
import { policyText } from './policy-text.ts';
import { type Scene, words } from './scene.ts';

/** How many causes and policies the page shows. */
const most = 100;
/** More namespaces than this are folded on the small map. */
const near = 12;

/** One namespace: its state, its neighbours, its findings and its policies. */
export function namespacePage(scene: Scene, name: string): Html {
  const { say, model } = scene;
  const place = model.places.get(name);
  if (place === undefined) return html`<p class="notice">${say('empty')}</p>`;
  const figure = figureOf(model, { team: '', env: '', tier: '', namespace: name, exempt: false }, near);
  const causes = model.report.causes.filter(({ namespace }) => namespace === name);
  const policies = [...model.policies].filter(([key]) => key.startsWith(`${name}/`));
  const labels = [...(place.audited?.labels ?? [])];
  return html`<p>${place.audited !== undefined && fenceText(scene, place.audited.fence)} ${labels.map(([key, value]) => html`<code class="label">${key}=${value}</code> `)}</p>
${place.audited !== undefined && namespaceTable(scene, [place.audited])}
<h2>${say('map')}</h2>${logNotice(scene)}${drawFigure(scene, figure)}
<h2 id="flows">${say('flowTable')}</h2>${flowTable(scene, figure.arrows)}
<h2>${say('correct')}</h2>${causeTable(scene, causes.slice(0, most))}
${causes.length > most && html`<p class="hint">${say('moreRows', { count: causes.length - most })}</p>`}
<h2>${say('policies')}</h2>${policies
    .slice(0, most)
    .map(
      ([key, policy]) => html`<details><summary>${words(scene, key)}</summary>${policyText(policy, [], key)}</details>`,
    )}`;
}
