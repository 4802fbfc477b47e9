// The tables of docs/security.md: who may change what of a namespace. A unit test compares them
// with the page, and permissions.test.ts tests every cell.

/**
 * The users. RBAC allows each of them every change of Namespaces; they differ in their roles of
 * Ringfence.
 */
export const people = ['stranger', 'viewer', 'lead', 'keeper'] as const;
export type Person = (typeof people)[number];

export const tableModes = ['enforce', 'observe'] as const;
export type TableMode = (typeof tableModes)[number];

/**
 * The own mode of a namespace that differs from the cluster's: it observes in a cluster that
 * enforces, or the reverse.
 */
export const ownModes = ['observing', 'enforcing'] as const;
export type OwnMode = (typeof ownModes)[number];

/**
 * `passes`: no permission is missing. `recorded`: one is missing, and the mode admits the change.
 * `refused`: one is missing. `not asked`: Ringfence is not called. `–`: the change does not exist
 * in this mode.
 */
export type Cell = 'passes' | 'recorded' | 'refused' | 'not asked' | '–';

export interface Row<Column extends string = TableMode> {
  readonly change: string;
  /** The verbs that it needs; empty if it needs none. */
  readonly needs: readonly string[];
  readonly cells: Readonly<Record<Column, Readonly<Record<Person, Cell>>>>;
}

const keeperOnly: Row['cells'] = {
  enforce: { stranger: 'refused', viewer: 'refused', lead: 'refused', keeper: 'passes' },
  observe: { stranger: 'recorded', viewer: 'recorded', lead: 'recorded', keeper: 'passes' },
};
const leadToo: Row['cells'] = {
  enforce: { ...keeperOnly.enforce, lead: 'passes' },
  observe: { ...keeperOnly.observe, lead: 'passes' },
};
const refusedAlways: Row['cells'] = { enforce: keeperOnly.enforce, observe: keeperOnly.enforce };
const all = (cell: Cell) => ({ stranger: cell, viewer: cell, lead: cell, keeper: cell });

/** The namespace belongs to team shop in dev. Its tier changes from api to web. */
export const ways = {
  label: way('`kubectl label --overwrite`'),
  edit: way('`kubectl edit`'),
  replace: way('`kubectl replace`'),
  apply: way('`kubectl apply`'),
  'server-apply': way('`kubectl apply --server-side --force-conflicts`'),
  'json-patch': way('`kubectl patch --type=json`'),
  status: way('a write to `namespaces/status`'),
  finalize: way('a write to `namespaces/finalize`'),
  recreate: { change: 'deleted, and created again with the other tier', needs: ['claim'], cells: leadToo },
} satisfies Record<string, Row>;
export type Way = keyof typeof ways;

function way(change: string): Row {
  return { change, needs: ['relabel', 'claim'], cells: keeperOnly };
}

export const changes = {
  own: { change: 'created for team shop in dev', needs: ['claim'], cells: leadToo },
  prod: { change: 'created for team shop in prod', needs: ['claim'], cells: keeperOnly },
  foreign: { change: 'created for another team', needs: ['claim'], cells: keeperOnly },
  'mild-birth': {
    change: "created with a milder mode than the cluster's",
    needs: ['claim', 'lower'],
    cells: { enforce: keeperOnly.enforce, observe: all('–') },
  },
  exempt: { change: 'created under an exempt name', needs: ['exempt'], cells: keeperOnly },
  peer: { change: "created under a peer's name", needs: ['exempt', 'claim'], cells: keeperOnly },
  sensitivity: { change: 'a sensitivity added', needs: ['relabel', 'claim'], cells: keeperOnly },
  insensitive: { change: 'a sensitivity removed', needs: ['relabel'], cells: keeperOnly },
  'mark-on': { change: 'the mark put on', needs: ['fence'], cells: keeperOnly },
  'mark-off': { change: 'the mark taken off', needs: ['lower'], cells: refusedAlways },
  lowered: { change: 'a milder mode', needs: ['lower'], cells: refusedAlways },
  raised: { change: 'a stricter mode', needs: [], cells: { enforce: all('passes'), observe: all('passes') } },
  colour: { change: 'any other label', needs: [], cells: { enforce: all('not asked'), observe: all('not asked') } },
} satisfies Record<string, Row>;
export type Change = keyof typeof changes;

/**
 * Changes of identity are judged by the stricter of the two modes, other changes by the namespace's
 * own.
 */
const stricterOfBoth: Row<OwnMode>['cells'] = { observing: keeperOnly.enforce, enforcing: keeperOnly.enforce };

export const ownModeChanges = {
  label: { change: 'another tier', needs: ['relabel', 'claim'], cells: stricterOfBoth },
  sensitivity: { change: changes.sensitivity.change, needs: ['relabel', 'claim'], cells: stricterOfBoth },
  insensitive: { change: changes.insensitive.change, needs: ['relabel'], cells: stricterOfBoth },
  'mark-on': {
    change: changes['mark-on'].change,
    needs: ['fence'],
    cells: { observing: keeperOnly.observe, enforcing: keeperOnly.enforce },
  },
  'mark-off': { change: changes['mark-off'].change, needs: ['lower'], cells: stricterOfBoth },
  lowered: {
    change: changes.lowered.change,
    needs: ['lower'],
    cells: { observing: all('–'), enforcing: keeperOnly.enforce },
  },
  raised: { change: changes.raised.change, needs: [], cells: { observing: all('passes'), enforcing: all('–') } },
  colour: {
    change: changes.colour.change,
    needs: [],
    cells: { observing: all('not asked'), enforcing: all('not asked') },
  },
} satisfies Record<string, Row<OwnMode>>;
export type OwnModeChange = keyof typeof ownModeChanges;

const headings: Readonly<Record<Person, string>> = {
  stranger: 'no role',
  viewer: 'viewer',
  lead: 'team lead',
  keeper: 'fence keeper',
};

/** Formats the rows as a table for the docs. */
export function renderTable<Column extends string>(
  title: string,
  columns: readonly Column[],
  rows: Readonly<Record<string, Row<Column>>>,
): string {
  const heads = columns.flatMap((column) => people.map((person) => `${column}: ${headings[person]}`));
  const lines = Object.values(rows).map(({ change, needs, cells }) => [
    change,
    needs.map((verb) => `\`${verb}\``).join(', ') || 'nothing',
    ...columns.flatMap((column) => people.map((person) => cells[column][person])),
  ]);
  const table = [[title, 'needs', ...heads], heads.concat('', '').map(() => '---'), ...lines];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
