import type { Found } from './locations.ts';
import { locationOf } from './locations.ts';
import type { FencingPorts, Right } from './ports.ts';
import { Stop } from './report.ts';

/** An object and the verb that will be applied to it. */
export interface Deed extends Found {
  readonly verb: 'patch' | 'delete';
}

/**
 * For more objects of a kind than this, the right on all objects is checked first: one request
 * instead of a thousand.
 */
const askedOneByOne = 3;

/** The number of missing rights that the message lists. */
const namedAtMost = 10;

/**
 * Throws {@link Stop} unless the person has every right that the deeds need, so that a missing
 * right cannot stop the command half-way. Only RBAC is checked; webhooks are not asked.
 */
export async function requireRights(deeds: readonly Deed[], ports: Pick<FencingPorts, 'isAllowed'>): Promise<void> {
  const missing = await findMissingRights(deeds, ports);
  if (missing !== undefined) throw new Stop('refused', `nothing was changed, because ${missing}`);
}

/**
 * Returns the rights that the deeds need and the person does not have, for a person; undefined if
 * none is missing.
 */
export async function findMissingRights(
  deeds: readonly Deed[],
  { isAllowed }: Pick<FencingPorts, 'isAllowed'>,
): Promise<string | undefined> {
  const groups = new Map<string, Right[]>();
  for (const deed of deeds) {
    const { name, namespace, resource, api } = locationOf(deed);
    const group = api.startsWith('/apis/') ? (api.split('/')[2] ?? '') : '';
    const key = `${deed.verb} ${group}/${resource}`;
    const right = { verb: deed.verb, group, resource, name, ...(namespace === undefined ? {} : { namespace }) };
    groups.set(key, [...(groups.get(key) ?? []), right]);
  }
  const missing: Right[] = [];
  for (const rights of groups.values()) {
    const [first] = rights;
    if (first === undefined) continue;
    const { verb, group, resource } = first;
    if (rights.length > askedOneByOne && (await isAllowed({ verb, group, resource }))) continue;
    for (const right of rights) if (!(await isAllowed(right))) missing.push(right);
  }
  if (missing.length === 0) return undefined;
  const lines = missing.slice(0, namedAtMost).map(({ verb, group, resource, namespace, name }) => {
    const place = namespace === undefined ? '' : ` in namespace ${namespace}`;
    return `  ${verb} ${resource}${group === '' ? '' : `.${group}`} "${name ?? ''}"${place}`;
  });
  if (missing.length > namedAtMost) lines.push(`  and ${missing.length - namedAtMost} more`);
  return ['RBAC does not allow you to do all of it:', ...lines].join('\n');
}
