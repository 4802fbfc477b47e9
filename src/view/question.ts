import type { Answer, Endpoint } from '../network/evaluator.ts';
import type { Policy, Protocol } from '../network/rules.ts';
import { areOutside, type End, isResolved, type ResolvedEnd } from '../reach/end.ts';
import { resolveEnd } from '../reach/endpoint.ts';
import { type AskedPort, formatAskedPort, readAskedPort } from '../reach/port-text.ts';
import { ask, betweenAddresses, type PairAnswer, pairTitle } from '../reach/question.ts';
import { sayUnevaluated } from '../reach/unevaluated.ts';
import { langField } from './filter.ts';
import { type Html, html } from './html.ts';
import { policyText } from './policy-text.ts';
import { type Scene, words } from './scene.ts';

/** The form that asks who reaches whom. */
export function questionForm(scene: Scene, [from, to]: readonly [string, string]): Html {
  const { say, asked } = scene;
  return html`<form class="filter" method="get" action="/flow">
${langField(scene)}
<label>${say('from')} <input name="from" value="${from}" required maxlength="300"></label>
<label>${say('to')} <input name="to" value="${to}" required maxlength="300"></label>
<label>${say('port')} <input name="port" value="${asked.get('port') ?? ''}" placeholder="8080/TCP" maxlength="60"></label>
<button>${say('ask')}</button>
</form><p class="hint">${say('askHint')}</p>`;
}

/** How many pairs are shown with their reasons. */
const explained = 20;

/** The answer of `reach` to a question, and the policies that decide. */
export function answerPart(scene: Scene, from: string, to: string): Html {
  const { say, asked, model } = scene;
  const text = asked.get('port') ?? '';
  const port: AskedPort | { readonly error: string } =
    text === '' ? { protocol: undefined, port: undefined } : readAskedPort(text);
  const ends = [from, to].map((one) => resolveEnd(one, model.desk)) as [ResolvedEnd, ResolvedEnd];
  const errors = [
    ...ends.flatMap((end) => (isResolved(end) ? [] : [(end as { readonly error: string }).error])),
    ...('error' in port ? [port.error] : []),
  ];
  if (errors.length > 0 || 'error' in port)
    return html`<div class="notice bad" role="alert"><ul>${errors.map((error) => html`<li>${words(scene, error)}</li>`)}</ul></div>`;
  if (areOutside(...ends)) return html`<p class="notice bad" role="alert">${words(scene, betweenAddresses)}</p>`;
  const answer = ask(ends[0], ends[1], port, model.desk);
  const shown = answer.pairs.filter(({ reasons }) => reasons.length > 0).slice(0, explained);
  return html`<h2>${say('verdict')} <span class="verdict ${answer.verdict}">${words(scene, answer.verdict)}</span> <small>${words(scene, formatAskedPort(port))}</small></h2>
${answer.remarks.map((remark) => html`<p>${words(scene, remark)}</p>`)}
${shown.map((pair) => pairPart(scene, pair))}
${answer.pairs.length > shown.length && html`<p class="hint">${say('moreRows', { count: answer.pairs.length - shown.length })}</p>`}
${policiesPart(scene, ends, port, shown[0])}`;
}

function pairPart(scene: Scene, pair: PairAnswer): Html {
  const { say } = scene;
  const lists = [
    [say('reasons'), pair.reasons],
    [say('butOthers'), pair.unevaluated.map(sayUnevaluated)],
    [say('nearMisses'), pair.nearMisses],
    [say('toAllow'), pair.remedies],
  ] as const;
  return html`<section class="way"><h3>${words(scene, pairTitle(pair))}</h3>${lists
    .filter(([, lines]) => lines.length > 0)
    .map(
      ([title, lines]) => html`<h4>${title}</h4><ul>${lines.map((line) => html`<li>${words(scene, line)}</li>`)}</ul>`,
    )}</section>`;
}

/** The policies that decide about the first pair, with the rules that allow it marked. */
function policiesPart(
  scene: Scene,
  ends: readonly [ResolvedEnd, ResolvedEnd],
  port: AskedPort,
  pair: PairAnswer | undefined,
): Html | undefined {
  const { say, model } = scene;
  const [from, to] = ends.map(({ ends: [first] }) => endpointOf(first));
  const span = pair?.ports?.[0];
  const number = typeof port.port === 'number' ? port.port : span?.first;
  if (from === undefined || to === undefined || number === undefined) return undefined;
  const protocol: Protocol | 'ICMP' = port.protocol ?? span?.protocol ?? 'TCP';
  const answer = model.desk.evaluator.answer({ from, to, protocol, port: number });
  const deciding = decidingOf(answer);
  if (deciding.size === 0) return undefined;
  return html`<h2>${say('policies')}</h2>${[...deciding].slice(0, explained).map(([{ namespace, name }, fields]) => {
    const raw = model.policies.get(`${namespace}/${name}`);
    const title = `${namespace}/${name}`;
    const word = say(fields.length > 0 ? 'decides' : 'isolates');
    return html`<section class="way"><h3>${words(scene, title)}</h3><p>${fields.length > 0 ? html`<mark>${word}</mark> <code>${fields.join(', ')}</code>` : word}</p>${raw !== undefined && policyText(raw, fields, title)}</section>`;
  })}`;
}

/** The policies of both ends with the fields of the rules that allow a flow. */
function decidingOf({ egress, ingress }: Answer): ReadonlyMap<Policy, readonly string[]> {
  const found = new Map<Policy, string[]>();
  for (const side of [egress, ingress]) {
    if (side === undefined) continue;
    for (const { policy, rule } of side.allowedBy) found.set(policy, [...(found.get(policy) ?? []), rule.field]);
    if (side.allowedBy.length === 0)
      for (const policy of side.isolatedBy) if (!found.has(policy)) found.set(policy, []);
  }
  return found;
}

function endpointOf(end: End | undefined): Endpoint | undefined {
  return end === undefined || 'range' in end ? undefined : end;
}
