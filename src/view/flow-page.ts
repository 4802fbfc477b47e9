import type { PodClass } from '../network/classes.ts';
import { formatPorts, type PortSet, portSpans, unite, without } from '../network/port-set.ts';
import type { OutsideFlow } from '../reach/outside.ts';
import { formatAskedPort } from '../reach/port-text.ts';
import { portsText } from './arrow.ts';
import { groupIdOf, outsideId } from './figure.ts';
import { type Content, type Html, html } from './html.ts';
import { type Kind, kindOf, kinds, type Link } from './link.ts';
import { logNotice } from './log-notes.ts';
import { kindText } from './map-page.ts';
import { outside } from './place.ts';
import { answerPart, questionForm } from './question.ts';
import { link, type Scene, table, words } from './scene.ts';

/** How many rows a table of pairs has at most. */
const most = 200;

/** The title of the page of a flow. */
export function flowTitle({ say, asked }: Scene): string {
  const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? ''];
  return from === '' || to === ''
    ? say('askTitle')
    : say('flowFromTo', { from: nameOf(from, say('outside')), to: nameOf(to, say('outside')) });
}

function nameOf(id: string, outsideName: string): string {
  if (id === outsideId) return outsideName;
  return id.startsWith('@') ? id.slice(1).replace('/', ' · ') : id;
}

/** The page of a flow: between groups, between namespaces, or a question as `reach` answers it. */
export function flowPage(scene: Scene): Html {
  const { asked } = scene;
  const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? ''];
  const isQuestion = (asked.get('port') ?? '') !== '' || ![from, to].every((id) => isBox(scene, id));
  const content =
    from === '' || to === '' ? undefined : isQuestion ? answerPart(scene, from, to) : flowParts(scene, from, to);
  return html`${questionForm(scene, [from, to].map((id) => (id.startsWith('@') ? '' : id)) as [string, string])}
${content !== undefined && !isQuestion && logNotice(scene)}
${content}`;
}

/** What may flow between two ends of arrows. `isInner`: it stands in a document with others. */
export function flowParts(scene: Scene, from: string, to: string, isInner = false): Html {
  const { model } = scene;
  const links = model.links.filter((one) => isIn(scene, one.from, from) && isIn(scene, one.to, to));
  const isPair = [from, to].every((id) => model.places.has(id));
  const head = (text: string): Html => (isInner ? html`<h4>${text}</h4>` : html`<h2>${text}</h2>`);
  return html`${isPair ? pairPart(scene, from, to, links, head) : linkTable(scene, links, head)}
${from === outsideId && outsidePart(scene, links, head)}
${seenPart(scene, links, head)}`;
}

/** Makes the heading of a part. */
type Head = (text: string) => Html;

function isBox({ model }: Scene, id: string): boolean {
  return id.startsWith('@') || model.places.has(id);
}

function isIn({ model }: Scene, name: string, id: string): boolean {
  if (id === outsideId) return name === outside;
  const place = model.places.get(name);
  return name === id || (place !== undefined && id.startsWith('@') && groupIdOf(place) === id);
}

function linkTable(scene: Scene, links: readonly Link[], head: Head): Html {
  const { say } = scene;
  const sorted = links.toSorted((a, b) => kinds.indexOf(kindOf(a)) - kinds.indexOf(kindOf(b)));
  return html`${head(say('links'))}${table(
    scene,
    `${say('links')}: ${flowTitle(scene)}`,
    [say('state'), say('from'), say('to'), say('ports')],
    sorted.slice(0, most).map((one) => {
      const [from, to] = [one.from, one.to].map((name) => (name === outside ? outsideId : name)) as [string, string];
      const names = [from, to].map((id) => nameOf(id, say('outside')));
      return [
        link(scene, '/flow', { from, to }, kindText(scene, kindOf(one))),
        names[0],
        names[1],
        words(scene, portsText(kindOf(one), one)),
      ];
    }),
  )}${links.length > most && html`<p class="hint">${say('moreRows', { count: links.length - most })}</p>`}`;
}

/** The classes of Pods of two namespaces, and what may flow between them. */
function pairPart(scene: Scene, from: string, to: string, links: readonly Link[], head: Head): Html {
  const { say, model } = scene;
  const { desk, law } = model;
  const matrix = desk.matrix();
  const { all } = desk.evaluator.classes;
  const sources = all.filter(({ namespace }) => namespace === from);
  const destinations = all.filter(({ namespace }) => namespace === to);
  const rows = sources
    .flatMap((source) => destinations.map((destination) => [source, destination] as const))
    .filter(([source, destination]) => source !== destination || source.pods.length > 1)
    .flatMap(([source, destination]): readonly Row[] => {
      const { allowed, undecided } = matrix.between(source, destination);
      const forbidden = law.forbidden(source, destination, allowed);
      const parts: readonly (readonly [Kind, PortSet])[] = [
        ['forbidden', forbidden],
        ['undefined', undecided],
        ['lawful', without(allowed, forbidden)],
      ];
      return parts
        .filter(([, ports]) => ports.length > 0)
        .map(([kind, ports]) => ({ kind, ports, from: source, to: destination }));
    })
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const open = links.reduce<PortSet>((sum, one) => unite(sum, unite(one.lawful, one.forbidden)), []);
  return html`${head(say('allPairs'))}
${open.length === 0 && rows.length === 0 && html`<p>${say('emptyFlows')}</p>`}
${table(
  scene,
  `${say('allPairs')}: ${flowTitle(scene)}`,
  [say('state'), say('from'), say('to'), say('ports'), say('why')],
  rows
    .slice(0, most)
    .map((row) => [
      link(scene, '/flow', questionOf(row), kindText(scene, row.kind)),
      words(scene, desk.nameOfClass(row.from)),
      words(scene, desk.nameOfClass(row.to)),
      words(scene, formatPorts(row.ports)),
      whyOf(scene, row),
    ]),
)}${rows.length > most && html`<p class="hint">${say('moreRows', { count: rows.length - most })}</p>`}`;
}

interface Row {
  readonly kind: Kind;
  readonly ports: PortSet;
  readonly from: PodClass;
  readonly to: PodClass;
}

function questionOf({ from, to, ports }: Row): Readonly<Record<string, string>> {
  const [span] = portSpans(ports);
  // A Pod that only its template shows has a name with its kind in it.
  const end = ({ pod }: PodClass): string => `${pod.namespace}/${pod.name}`;
  const other = to === from ? to.pods[1] : undefined;
  return {
    from: end(from),
    to: other === undefined ? end(to) : `${other.namespace}/${other.name}`,
    port: span === undefined ? '' : formatAskedPort({ protocol: span.protocol, port: span.first }),
  };
}

function whyOf(scene: Scene, { kind, from, to, ports }: Row): Content {
  if (kind !== 'forbidden') return '';
  return words(scene, scene.model.law.reason(from, to, ports)?.reason ?? '');
}

/** How the outside gets in, with the reasons. */
function outsidePart(scene: Scene, links: readonly Link[], head: Head): Html {
  const { say, model } = scene;
  const names = new Set(links.map(({ to }) => to));
  const flows = model.report.exposure.flows.filter(({ pods }) => pods.some(({ namespace }) => names.has(namespace)));
  return html`${head(say('byOutside'))}${flows.slice(0, most).map((flow) => wayIn(scene, flow))}`;
}

function wayIn(scene: Scene, { exposure, via, to, port, sources, unexpected }: OutsideFlow): Html {
  return html`<section class="way"><h3>${words(scene, `${exposure} (${via})`)}</h3>
<p>${words(scene, `${to.slice(0, 5).join(', ')} ${formatAskedPort(port)}${unexpected === undefined ? '' : `: ${unexpected}`}`)}</p>
<ul>${sources.map(
    ({ from, verdict, reasons, remedies }) =>
      html`<li>${words(scene, `${from}: ${verdict}`)}<ul>${[...reasons, ...remedies].map((one) => html`<li>${words(scene, one)}</li>`)}</ul></li>`,
  )}</ul></section>`;
}

function seenPart(scene: Scene, links: readonly Link[], head: Head): Html | undefined {
  const { say } = scene;
  const seen = links.flatMap(({ denied }) => denied);
  if (seen.length === 0) return undefined;
  return html`${head(say('seenInLog'))}<ul>${seen
    .slice(0, most)
    .map(
      ({ text, sightings, last }) =>
        html`<li>${words(scene, text)}, ${say('seenTimes', { count: sightings })}${last !== undefined && `, ${last}`}</li>`,
    )}</ul>`;
}
