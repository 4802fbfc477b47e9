import { own, textAt } from '../kubernetes/raw-object.ts';
import { reportKinds, reportLabels, reportName } from '../kubernetes/report-kinds.ts';
import { apiCode } from '../retry/answer.ts';
import { agree, countOf, pluralOf } from '../wording/number.ts';
import {
  clusterRoleBindingKind,
  clusterRoleKind,
  type Found,
  type Kind,
  locationOf,
  nameOf,
  roleBindingKind,
} from './locations.ts';
import type { FencingPorts } from './ports.ts';
import { said } from './report.ts';

/** What Ringfence and people have made for it outside its namespace, and what stays of it. */
export interface Leftovers {
  readonly left: readonly (Found & { readonly detail: string })[];
  /** What stays and how to delete it, and what could not be looked at: messages for a person. */
  readonly messages: readonly string[];
}

/**
 * Finds what an uninstall leaves: bindings of the roles that go, which people made, and the reports
 * of audits. What an earlier uninstall has left is found too. Nothing of it opens or closes
 * anything, so what cannot be listed stops nothing.
 */
export async function findLeftovers(
  { objects }: Pick<FencingPorts, 'objects'>,
  going: readonly Found[],
  ownNamespace: string,
): Promise<Leftovers> {
  const unknown: string[] = [];

  async function list(kind: Kind, selectors: Readonly<Record<string, string>> = {}): Promise<readonly Found[]> {
    try {
      const found = (await objects.list({ api: kind.api, resource: kind.resource }, selectors)) ?? [];
      // What is in Ringfence's namespace goes with it.
      return found.filter(({ metadata }) => metadata.namespace !== ownNamespace).map((object) => ({ kind, object }));
    } catch (error) {
      if (apiCode(error) === undefined) throw error;
      unknown.push(`not looked at, so some may stay: ${pluralOf(kind.kind)} of ${groupOf(kind)} (${said(error)})`);
      return [];
    }
  }

  /** Whether a role is gone, or goes with this uninstall. */
  async function isGone(name: string): Promise<boolean> {
    if (going.some((role) => role.kind === clusterRoleKind && nameOf(role) === name)) return true;
    if (!/^ringfence(?:-|$)/.test(name)) return false;
    try {
      return (await objects.get(locationOf({ kind: clusterRoleKind, object: { metadata: { name } } }))) === undefined;
    } catch (error) {
      if (apiCode(error) === undefined) throw error;
      unknown.push(`not looked at, so its bindings may stay: ClusterRole ${name} (${said(error)})`);
      return false;
    }
  }

  async function findBindings(): Promise<readonly Found[]> {
    const all = [...(await list(clusterRoleBindingKind)), ...(await list(roleBindingKind))].filter(
      (one) => !going.some((other) => other.kind === one.kind && nameOf(other) === nameOf(one)),
    );
    const gone = new Map<string, boolean>();
    for (const name of new Set(all.map(roleOf))) gone.set(name, await isGone(name));
    return all.filter((one) => gone.get(roleOf(one)));
  }

  const bindings = await findBindings();
  const reports: Found[] = [];
  const labelSelector = Object.entries(reportLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  for (const kind of allReportKinds)
    reports.push(...(await list(kind, { labelSelector })).filter((one) => nameOf(one) === reportName));
  const commands = [...Map.groupBy(reports, ({ kind }) => kind).keys()].map((kind) => {
    const resource = `${kind.resource}.${groupOf(kind)}`;
    return isNamespaced(kind)
      ? `kubectl delete ${resource} --all-namespaces --selector ${labelSelector}`
      : `kubectl delete ${resource} --selector ${labelSelector}`;
  });
  return {
    left: [
      ...bindings.map((one) => ({
        ...one,
        detail:
          one.kind === clusterRoleBindingKind
            ? 'it names a deleted role, but is not from the manifests'
            : 'it names a deleted role',
      })),
      ...reports.map((one) => ({ ...one, detail: 'a report of ringfence audit --publish' })),
    ],
    messages: [
      ...(bindings.length === 0
        ? []
        : [
            `${countOf(bindings.length, 'binding')} of deleted roles ${agree(bindings.length, 'stays', 'stay')}, because people made ${agree(bindings.length, 'it', 'them')}. Delete ${agree(bindings.length, 'it', 'them')}: a later role of the same name would give its rights to the subjects`,
          ]),
      ...(reports.length === 0
        ? []
        : [
            [`${countOf(reports.length, 'report')} of audits ${agree(reports.length, 'stays', 'stay')}. To delete:`]
              .concat(commands.map((command) => `  ${command}`))
              .join('\n'),
          ]),
      ...unknown,
    ],
  };
}

/** The name of the ClusterRole of a binding; empty if it is a Role. */
function roleOf({ object }: Found): string {
  const role = own(object, 'roleRef');
  return (textAt(role, 'kind') ?? clusterRoleKind.kind) === clusterRoleKind.kind ? (textAt(role, 'name') ?? '') : '';
}

const clusterReports: readonly Kind[] = Object.values(reportKinds).map(({ group, version, clustered }) => ({
  ...clustered,
  api: `/apis/${group}/${version}`,
}));

const allReportKinds: readonly Kind[] = [
  ...Object.values(reportKinds).map(({ group, version, namespaced }) => ({
    ...namespaced,
    api: `/apis/${group}/${version}`,
  })),
  ...clusterReports,
];

function isNamespaced(kind: Kind): boolean {
  return !clusterReports.includes(kind);
}

function groupOf({ api }: Kind): string {
  return api.split('/')[2] ?? '';
}
