import { type Html, html } from './html.ts';
import { type Scene, words } from './scene.ts';

/** That the flow logs have overlooked something, where the pages show what they have seen. */
export function logNotice({ say, model, href }: Scene): Html | undefined {
  const count = model.logNotes.filter(({ overlooked }) => overlooked).length;
  if (count === 0) return undefined;
  return html`<p class="notice">${say('logLacks')} <a href="${href('/doctor') ?? ''}#flow-logs">${say('whatLacks', { count })}</a></p>`;
}

/** What the flow logs say about themselves. */
export function logPart(scene: Scene): Html | undefined {
  const { say, model } = scene;
  if (model.logNotes.length === 0) return undefined;
  return html`<h2 id="flow-logs">${say('flowLogs')}</h2><ul>${model.logNotes.map(
    ({ message, overlooked }) => html`<li>${words(scene, overlooked ? `overlooked: ${message}` : message)}</li>`,
  )}</ul>`;
}
