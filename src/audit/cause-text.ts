import { shorten } from '../reach/table.ts';
import type { Severity } from '../report/report.ts';
import type { CauseGroup } from './cause-groups.ts';
import type { Cause } from './causes.ts';

const prefixes: Readonly<Record<Severity, string>> = {
  error: '',
  warning: 'warning: ',
  undecided: '',
  recorded: 'recorded: ',
};

/** A mistake, where it is, what follows from it, and how to correct it: some lines. */
export function sayCauses(group: CauseGroup): string {
  const { severity, message, checks, count, objects, fix, remedy, causes } = group;
  const kinds = [...objects].map(([kind, number]) => `${kind} ${number}`).join(', ');
  const lines = [
    `${sayPlace(causes)}: ${prefixes[severity]}${message}  [${checks.join(', ')}]`,
    ...(new Set(causes.map(({ namespace }) => namespace)).size === 1 ? [] : wrap(listPlaces(causes))).map(indent),
    ...(count === 1 ? [] : [`  ${count} findings: ${kinds}`]),
    ...(fix.length > 0 ? fix : severity === 'recorded' || remedy === '' ? [] : [remedy]).map(indent),
  ];
  return `${lines.join('\n')}\n`;
}

function indent(line: string): string {
  return `  ${line}`;
}

/** `shop: Deployment api, web`, or `Deployment in 3 namespaces`. */
export function sayPlace(causes: CauseGroup['causes']): string {
  const [first] = causes;
  const names = new Set(causes.map(({ namespace }) => namespace));
  const at = [...new Set(causes.flatMap((cause) => cause.at))];
  if (names.size === 1) {
    const isOwn = first.namespace === '' || (at.length === 1 && isOfNamespace(first));
    return isOwn ? sayObjects(at) : `${first.namespace}: ${sayObjects(at)}`;
  }
  if (causes.every(isOfNamespace)) return `${names.size} namespaces`;
  return `${[...kindsOf(at).keys()].join(', ')} in ${names.size} namespaces`;
}

/** The namespaces with the objects to correct there, or, for namespaces, the number of findings. */
export function listPlaces(causes: readonly Cause[]): readonly string[] {
  const hasOneKind = kindsOf(causes.flatMap(({ at }) => at)).size === 1;
  const said = causes.slice(0, namespacesShown).map((cause) => {
    const { namespace, at, count } = cause;
    return `${namespace} (${isOfNamespace(cause) ? count : hasOneKind ? shorten(namesOf(at)) : sayObjects(at)})`;
  });
  const rest = causes.length - said.length;
  return rest > 0 ? [...said, `and ${rest} more, which -o csv and -o json have`] : said;
}

function isOfNamespace({ namespace, at }: Pick<Cause, 'namespace' | 'at'>): boolean {
  return at[0] === `Namespace ${namespace}`;
}

/** The rest of a long list is work for a program. */
const namespacesShown = 40;

/** `Deployment api, web; StatefulSet db`. */
function sayObjects(titles: readonly string[]): string {
  return [...kindsOf(titles)].map(([kind, own]) => `${kind} ${shorten(namesOf(own))}`).join('; ');
}

function kindsOf(titles: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(titles, (title) => title.slice(0, title.indexOf(' ')));
}

function namesOf(titles: readonly string[]): readonly string[] {
  return titles.map((title) => title.slice(title.indexOf(' ') + 1));
}

/** A terminal is often 120 columns wide, and the lines are indented. */
const columns = 112;

/** Items with commas between them, as lines that break between items. */
export function wrap(items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const word = index === items.length - 1 ? item : `${item},`;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
