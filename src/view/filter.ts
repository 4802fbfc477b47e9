import { byText } from '../plan/text-order.ts';
import { type Filter, without } from './figure.ts';
import { type Html, html } from './html.ts';
import type { Place } from './place.ts';
import type { Path, Scene } from './scene.ts';

/** The filter of an address. */
export function readFilter(asked: URLSearchParams): Filter {
  const text = (key: string): string => asked.get(key) ?? '';
  return {
    team: text('team'),
    env: text('env'),
    namespace: text('namespace'),
    tier: text('tier'),
    exempt: asked.has('exempt'),
  };
}

/** The form of the filter. It works without the script. */
export function filterForm(scene: Scene, path: Path, filter: Filter): Html {
  const { say, model } = scene;
  const places = [...model.places.values()];
  const values = (of: (place: Place) => string): readonly string[] =>
    [...new Set(places.map(of))].sort(byText).map((value) => value || without);
  return html`<form class="filter" method="get" action="${path}">
${langField(scene)}
${select(
  scene,
  'team',
  say('team'),
  values(({ team }) => team),
  filter.team,
)}
${select(
  scene,
  'env',
  say('env'),
  values(({ env }) => env),
  filter.env,
)}
${select(
  scene,
  'tier',
  say('tier'),
  values(({ tier }) => tier),
  filter.tier,
)}
${select(
  scene,
  'namespace',
  say('namespace'),
  values(({ name }) => name),
  filter.namespace,
)}
<label class="check"><input type="checkbox" name="exempt" value="1"${filter.exempt && html` checked`}> ${say('withExempt')}</label>
<button>${say('show')}</button>
</form>`;
}

/** Keeps the language that the address names. */
export function langField({ asked }: Scene): Html | undefined {
  const lang = asked.get('lang');
  return lang === null ? undefined : html`<input type="hidden" name="lang" value="${lang}">`;
}

export function select({ say }: Scene, name: string, label: string, values: readonly string[], chosen: string): Html {
  return html`<label>${label} <select name="${name}"><option value="">${say('everything')}</option>${values.map(
    (value) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${value === without ? say('none') : value}</option>`,
  )}</select></label>`;
}
