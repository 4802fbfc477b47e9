import { createHash } from 'node:crypto';
import { type AuditReport, summarize } from '../audit/report.ts';
import type { TextKey } from './english.ts';
import { doctorPage, exceptionsPage, namespaceTable } from './fences-page.ts';
import { figureOf } from './figure.ts';
import { causeTable, checkTable, teamTable } from './findings-page.ts';
import { flowParts, flowTitle } from './flow-page.ts';
import { type Content, type Html, html } from './html.ts';
import { type Language, speak, tags } from './language.ts';
import { drawFigure, flowTable, mapNamespaces, sayAround } from './map-page.ts';
import { matrixNamespaces, matrixTable } from './matrix-page.ts';
import { modelOf } from './model.ts';
import { type Path, type Scene, words } from './scene.ts';
import { style } from './style.ts';

/** How many flows are explained, worst first, and how many causes and namespaces are listed. */
const most = { flows: 100, causes: 1_000, namespaces: 2_000 };

/** Where the pages of `view` are in the document. */
const anchors: Readonly<Partial<Record<Path, string>>> = {
  '/': '#map',
  '/matrix': '#matrix',
  '/findings': '#findings',
  '/fences': '#fences',
  '/namespace': '#fences',
  '/exceptions': '#exceptions',
  '/doctor': '#doctor',
};

/**
 * An audit as one HTML file that needs nothing else: what `view` shows, without questions. It has
 * no script, and its Content-Security-Policy allows its own style only. Without a server nobody
 * knows the reader's language, so it is given.
 */
export function* auditHtml(report: AuditReport, language: Language): Generator<string> {
  const say = speak(language);
  const model = modelOf(report, { source: '', isLive: report.doctor !== undefined, denied: undefined, logNotes: [] });
  const everything = { team: '', env: '', tier: '', namespace: '', exempt: false };
  const figure = figureOf(model, everything, mapNamespaces);
  const explained = figure.arrows.slice(0, most.flows);
  const flows = new Map(explained.map(({ from, to }, index) => [`${from.id} ${to.id}`, `flow-${index + 1}`]));
  const scene: Scene = {
    model,
    language,
    say,
    asked: new URLSearchParams(),
    href(path, { from = '', to = '' } = {}) {
      const flow = flows.get(`${from} ${to}`);
      return path === '/flow' ? flow && `#${flow}` : anchors[path];
    },
  };
  const { causes, namespaces } = report;
  const left = (all: number, shown: number): Content =>
    all > shown && html`<p class="hint">${say('leftOut', { count: all - shown })}</p>`;
  const sections: readonly (readonly [id: string, title: TextKey, content: () => Html])[] = [
    ['map', 'map', () => html`${drawFigure(scene, figure)}${sayAround(scene, figure)}`],
    ['flows', 'flowTable', () => flowTable(scene, figure.arrows)],
    ['matrix', 'matrix', () => matrixTable(scene, figureOf(model, everything, matrixNamespaces))],
    [
      'findings',
      'correct',
      () => html`${causeTable(scene, causes.slice(0, most.causes))}${left(causes.length, most.causes)}`,
    ],
    ['teams', 'teams', () => teamTable(scene)],
    ['checks', 'byCheck', () => checkTable(scene, report.findings)],
    [
      'fences',
      'fences',
      () =>
        html`${namespaceTable(scene, namespaces.slice(0, most.namespaces))}${left(namespaces.length, most.namespaces)}`,
    ],
    ['exceptions', 'exceptions', () => exceptionsPage(scene)],
    ['doctor', 'doctor', () => doctorPage(scene)],
    ['reasons', 'reasons', () => html`${explained.map((arrow) => explain(scene, arrow.from.id, arrow.to.id, flows))}`],
  ];
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const title = say('auditOf', { day: report.at.slice(0, 10) });
  yield `<!doctype html>
<html lang="${tags[language]}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Ringfence</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
`;
  yield html`<body><a class="skip" href="#content">${say('skip')}</a>
<main id="content" tabindex="-1"><h1>${title}</h1>
<p class="summary">${words(scene, `${summarize(report)}.`)}</p>
<p class="hint">${say('madeAt', { at: report.at })}</p>
<nav aria-label="${say('pages')}"><ul class="toc">${sections.map(([id, name]) => html`<li><a href="#${id}">${say(name)}</a></li>`)}</ul></nav>
`.text;
  for (const [id, name, content] of sections)
    yield html`<section><h2 id="${id}">${say(name)}</h2>${content()}</section>
`.text;
  yield '</main></body></html>\n';
}

function explain(scene: Scene, from: string, to: string, ids: ReadonlyMap<string, string>): Html {
  const asked = new URLSearchParams({ from, to });
  const own: Scene = { ...scene, asked };
  return html`<section><h3 id="${ids.get(`${from} ${to}`)}">${flowTitle(own)}</h3>${flowParts(own, from, to, true)}</section>
`;
}
