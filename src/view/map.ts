import { type Drawn, type DrawnArrow, signs } from './arrow.ts';
import { clip } from './clip.ts';
import type { TextKey } from './english.ts';
import { type Box, columnOf, outsideId, without } from './figure.ts';
import { type Html, html } from './html.ts';
import { gather, type Hub } from './hub.ts';
import { layOut, type Point } from './layout.ts';
import type { Scene } from './scene.ts';
import { type Way, waysOf } from './ways.ts';

const width = 168;
const plainHeight = 62;
/** The height of a line in a box about arrows that are not drawn. */
const hubHeight = 17;
/** The height of the names of the columns. */
const headHeight = 34;

/** The map as SVG. Each arrow and box is a link, and has a title. */
export function drawMap(scene: Scene, boxes: readonly Box[], all: readonly DrawnArrow[], description: string): Html {
  const { say, model } = scene;
  const { arrows, hubs } = gather(boxes, all);
  const height = plainHeight + hubHeight * Math.max(0, ...[...hubs.values()].map(({ length }) => length));
  const layout = layOut(
    boxes.map((box) => ({ id: box.id, width, height, column: columnOf(box, model.tiers) })),
    arrows.map(({ from, to }) => [from.id, to.id]),
  );
  const ways = waysOf(arrows, layout, { width, height });
  const sideways = arrows.some(({ from, to }) => columnOf(from, model.tiers) === columnOf(to, model.tiers)) ? 48 : 0;
  const places = [...layout.boxes.values()].map(({ x }) => x);
  const left = Math.min(...places) - width / 2 - 14;
  const [wide, high] = [
    Math.ceil(Math.max(...places) + width / 2 + 14 - left) + sideways,
    Math.ceil(layout.height) + headHeight,
  ];
  const columns = new Map(
    boxes.map((box) => [columnOf(box, model.tiers), [box, layout.boxes.get(box.id)?.x ?? 0] as const]),
  );
  return html`<svg class="map" viewBox="${left} 0 ${wide} ${high}" width="${wide}" height="${high}" role="group" aria-labelledby="map-title map-text">
<title id="map-title">${say('mapTitle')}</title>
<desc id="map-text">${description}</desc>
<defs>${[...new Set(arrows.map(({ kind }) => kind))].map(
    (kind) =>
      html`<marker id="head-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0L8 4L0 8z"/></marker>`,
  )}</defs>
<g aria-hidden="true">${[...columns.values()].map(
    ([box, x]) =>
      html`<rect class="column" x="${x - width / 2 - 10}" y="4" width="${width + 20}" height="${high - 8}" rx="8"/><text class="column-name" x="${x}" y="25">${columnName(box, scene)}</text>
`,
  )}</g>
<g transform="translate(0 ${headHeight})">
${ways.map((way, index) => drawArrow(scene, arrows[index] as DrawnArrow, way))}
${boxes.map((box) => drawBox(scene, box, layout.boxes.get(box.id) ?? { x: 0, y: 0 }, height, hubs.get(box.id) ?? []))}
</g>
</svg>`;
}

function columnName({ id, tier }: Box, { say, model }: Scene): string {
  if (id === outsideId) return say('outside');
  return model.tiers.includes(tier) ? tier : say('noTier');
}

function drawBox(scene: Scene, box: Box, { x, y }: Point, height: number, hubs: readonly Hub[]): Html {
  const { say } = scene;
  const { title, lines, isBroken } = captionOf(box, scene);
  const top = y - height / 2;
  const told = hubs.map(({ kind, from, to }) => ({ kind, text: `${signs[kind]} ${say('hub', { from, to })}` }));
  const name = [title, ...lines, ...told.map(({ kind, text }) => `${say(kind)}: ${text.slice(2)}`)].join('; ');
  const body = html`<title>${name}</title><g aria-hidden="true"><rect class="box${isBroken && ' broken'}" x="${x - width / 2}" y="${top}" width="${width}" height="${height}" rx="7"/>
<text class="name" x="${x - width / 2 + 10}" y="${top + 20}">${clip(title, 20)}</text>
${lines.map((line, index) => html`<text class="line" x="${x - width / 2 + 10}" y="${top + 37 + index * 16}">${clip(line, 26)}</text>`)}
${told.map(({ kind, text }, index) => html`<text class="sign ${kind} told" x="${x - width / 2 + 10}" y="${top + plainHeight + 8 + index * hubHeight}">${clip(text, 27)}</text>`)}</g>`;
  const [only] = box.places;
  const href =
    only === undefined
      ? undefined
      : box.id.startsWith('@')
        ? scene.href('/', { env: box.env || without, tier: box.tier || without })
        : scene.href('/namespace', { name: only.name });
  return href === undefined
    ? html`<g role="img" aria-label="${title === '' ? say('outside') : title}">${body}</g>
`
    : html`<a href="${href}" class="node">${body}</a>
`;
}

/** What a box says: its name, and two lines. */
export function captionOf(
  { id, env, tier, places }: Box,
  { say }: Pick<Scene, 'say'>,
): { readonly title: string; readonly lines: readonly string[]; readonly isBroken: boolean } {
  if (id === outsideId) return { title: say('outside'), lines: [], isBroken: false };
  const fenced = places.filter(({ audited }) => audited?.fence === 'fenced').length;
  const isBroken = places.some(({ audited }) => audited?.fence === 'broken');
  const pods = say('podCount', { count: places.reduce((sum, one) => sum + one.pods, 0) });
  const [only] = places;
  if (id.startsWith('@'))
    return {
      title: [env === '' ? say('none') : env, tier === '' ? say('noTier') : tier].join(' · '),
      lines: [pods, say('fencedOf', { fenced, all: places.length })],
      isBroken,
    };
  const state: TextKey = fenced === 1 ? 'fenced' : isBroken ? 'brokenFence' : 'notFenced';
  return {
    title: only?.name ?? id,
    lines: [[env === '' ? say('none') : env, pods].join(' · '), say(state)],
    isBroken,
  };
}

function drawArrow(scene: Scene, arrow: DrawnArrow, { path, middle }: Way): Html {
  const { say } = scene;
  const { from, to, kind, count, ports } = arrow;
  const name = `${say(kind)}: ${captionOf(from, scene).title} → ${captionOf(to, scene).title}: ${ports}${count > 1 ? ` (${count})` : ''}`;
  const sign = kind === 'lawful' ? '' : `${signs[kind]}${count > 1 ? ` ${count}` : ''}`;
  const half = 6 + sign.length * 3.6;
  const body = html`<path class="wide" d="${path}"/><path class="arrow ${kind}" d="${path}" marker-end="url(#head-${kind})"/>${
    sign !== '' &&
    html`<rect class="badge ${kind}" x="${middle.x - half}" y="${middle.y - 9}" width="${half * 2}" height="18" rx="9"/><text class="sign ${kind}" x="${middle.x}" y="${middle.y + 4}">${sign}</text>`
  }<title>${name}</title>`;
  const href = scene.href('/flow', { from: from.id, to: to.id });
  return href === undefined
    ? html`<g role="img" aria-label="${name}">${body}</g>
`
    : html`<a href="${href}" class="flow ${kind}" aria-label="${name}">${body}</a>
`;
}

/** The kinds of arrows with their signs. */
export function legend({ say }: Scene, shown: readonly Drawn[]): Html {
  return html`<ul class="legend" aria-label="${say('legend')}">${shown.map(
    (kind) =>
      html`<li><svg width="34" height="12" aria-hidden="true"><path class="arrow ${kind}" d="M1 6H32"/></svg><span class="kind ${kind}">${signs[kind]} ${say(kind)}</span></li>`,
  )}</ul>`;
}
