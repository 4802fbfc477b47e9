import type { Cause } from '../audit/causes.ts';
import type { AuditFinding } from '../audit/finding.ts';
import { summarize } from '../audit/report.ts';
import { byText } from '../plan/text-order.ts';
import { shorten } from '../reach/table.ts';
import { without } from './figure.ts';
import { langField, select } from './filter.ts';
import { type Content, type Html, html } from './html.ts';
import { link, type Parameters, type Scene, table, words } from './scene.ts';

/** How many causes a page shows. */
const perPage = 100;

/** What has to be corrected, by team, namespace and check. */
export function findingsPage(scene: Scene): Html {
  const { say, asked, model } = scene;
  const { report } = model;
  const chosen = {
    team: asked.get('team') ?? '',
    namespace: asked.get('namespace') ?? '',
    check: asked.get('check') ?? '',
  };
  const teamOf = (name: string): string => model.places.get(name)?.team ?? '';
  const causes = report.causes.filter(
    ({ namespace, checks }) =>
      (chosen.namespace === '' || namespace === chosen.namespace) &&
      (chosen.check === '' || checks.includes(chosen.check)) &&
      (chosen.team === '' || teamOf(namespace) === (chosen.team === without ? '' : chosen.team)),
  );
  const pages = Math.max(1, Math.ceil(causes.length / perPage));
  const page = Math.min(pages, Math.max(1, Number(asked.get('page')) || 1));
  const checks = [...new Set(report.causes.flatMap((one) => one.checks))].sort(byText);
  const teams = report.teams.map(({ name }) => name || without);
  return html`<p class="summary">${words(scene, `${summarize(report)}.`)}</p>
<form class="filter" method="get" action="/findings">${langField(scene)}
${select(scene, 'team', say('team'), teams, chosen.team)}
${select(scene, 'namespace', say('namespace'), [...model.places.keys()], chosen.namespace)}
${select(scene, 'check', say('check'), checks, chosen.check)}
<button>${say('show')}</button></form>
<h2>${say('correct')}</h2>
${causeTable(scene, causes.slice((page - 1) * perPage, page * perPage))}
${pages > 1 && pageLinks(scene, chosen, page, pages)}
<h2>${say('teams')}</h2>${teamTable(scene)}
<h2>${say('byCheck')}</h2>${checkTable(scene, report.findings)}`;
}

function pageLinks(scene: Scene, chosen: Parameters, page: number, pages: number): Html {
  const { say } = scene;
  const to = (number: number, text: string): Content =>
    number >= 1 && number <= pages && link(scene, '/findings', { ...chosen, page: String(number) }, text);
  return html`<p class="pages">${to(page - 1, say('previous'))} <span>${say('page', { page, pages })}</span> ${to(page + 1, say('next'))}</p>`;
}

/** What has to be corrected, worst first. */
export function causeTable(scene: Scene, causes: readonly Cause[]): Html {
  const { say } = scene;
  return table(
    scene,
    say('correct'),
    [say('severity'), say('namespace'), say('at'), say('what'), say('checks'), say('count'), say('remedy')],
    causes.map(({ severity, namespace, at, message, checks, count, fix, remedy }) => [
      html`<span class="severity ${severity}">${say(severity)}</span>`,
      namespace === '' ? '' : link(scene, '/namespace', { name: namespace }, namespace),
      words(scene, shorten(at)),
      words(scene, message),
      html`${checks.map((check) => html`<code>${check}</code> `)}`,
      count,
      words(scene, fix.length > 0 ? html`<pre>${fix.join('\n')}</pre>` : remedy),
    ]),
  );
}

/** The counts of each team. */
export function teamTable(scene: Scene): Html {
  const { say, model } = scene;
  return table(
    scene,
    say('teams'),
    [say('team'), say('namespaces'), say('fenced'), say('pods'), say('errors'), say('warnings'), say('undecided')],
    model.report.teams.map(({ name, namespaces, fenced, pods, findings: { error, warning, undecided } }) => [
      link(scene, '/findings', { team: name || without }, name || say('none')),
      namespaces,
      fenced,
      pods,
      error,
      warning,
      undecided,
    ]),
    'numbers',
  );
}

/** How many findings each check has. */
export function checkTable(scene: Scene, findings: readonly AuditFinding[]): Html {
  const { say } = scene;
  const checks = Map.groupBy(findings, ({ check }) => check);
  const rows = [...checks].sort(([, some], [, others]) => others.length - some.length);
  return table(
    scene,
    say('byCheck'),
    [say('check'), say('count')],
    rows.map(([check, own]) => [link(scene, '/findings', { check }, html`<code>${check}</code>`), own.length]),
    'numbers',
  );
}
