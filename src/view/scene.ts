import { type Content, type Html, html } from './html.ts';
import type { Language, Say } from './language.ts';
import type { Model } from './model.ts';

/** Addresses of pages. */
export type Path =
  | '/'
  | '/matrix'
  | '/flow'
  | '/namespace'
  | '/findings'
  | '/fences'
  | '/exceptions'
  | '/doctor'
  | '/what-if';
export type Parameters = Readonly<Record<string, string>>;

/** What a page is made from. */
export interface Scene {
  readonly model: Model;
  readonly language: Language;
  readonly say: Say;
  /** The parameters of the address. */
  readonly asked: URLSearchParams;
  /** The address of a page; undefined where there is no such page. */
  readonly href: (path: Path, parameters?: Parameters) => string | undefined;
}

/** A link to a page, or only its content where there is no such page. */
export function link(scene: Scene, path: Path, parameters: Parameters, content: Content): Html {
  const href = scene.href(path, parameters);
  return href === undefined ? html`${content}` : html`<a href="${href}">${content}</a>`;
}

/** Words of the engine, which are English on every page. */
export function words({ language }: Scene, text: Content): Html {
  return language === 'en' ? html`${text}` : html`<span lang="en">${text}</span>`;
}

/** A table in a part that scrolls by itself. The first cell of each row is its heading. */
export function table(
  { say }: Scene,
  caption: string,
  heads: readonly Content[],
  rows: readonly (readonly Content[])[],
  style = '',
): Html {
  if (rows.length === 0) return html`<p class="empty">${say('empty')}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${style}">
<caption class="hidden">${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...others]) => html`<tr><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}
