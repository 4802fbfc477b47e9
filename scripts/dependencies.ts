// Writes the list of the bundle's packages into docs/dependencies.md, from the bill of materials
// that `npm run build` writes beside the bundle. With `--check` it writes nothing, and exits 1 if
// the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { replaceGenerated } from './docs.ts';

/** The fields of a CycloneDX bill of materials that the page uses. */
export interface BillOfMaterials {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}

export const page = 'docs/dependencies.md';

export function nameOf({ group, name }: Component): string {
  return group === undefined ? name : `${group}/${name}`;
}

/** The SPDX expression, if the package has one. */
export function licenceOf({ licenses = [] }: Component): string {
  const named = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '');
  return named.join(' AND ');
}

/**
 * The packages of the bundle that Ringfence does not depend on directly, each with its licence and
 * the packages that depend on it. Versions are left out because the lock file has them.
 */
export function renderBrought({ metadata, components, dependencies }: BillOfMaterials): string {
  const byRef = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const direct = byRef.get(metadata.component['bom-ref']) ?? [];
  const bringers = new Map<string, Set<string>>();
  for (const root of direct) {
    const waiting = [root];
    const seen = new Set(waiting);
    const bringer = components.find((one) => one['bom-ref'] === root);
    if (bringer === undefined) continue;
    for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
      for (const next of byRef.get(ref) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        waiting.push(next);
        bringers.set(next, (bringers.get(next) ?? new Set()).add(nameOf(bringer)));
      }
    }
  }
  const rows = components
    .filter((component) => !direct.includes(component['bom-ref']))
    .map((component) => {
      const brought = [...(bringers.get(component['bom-ref']) ?? [])].sort(compare).map((name) => `\`${name}\``);
      return `| \`${nameOf(component)}\` | ${licenceOf(component)} | ${brought.join(', ')} |`;
    });
  // Two versions of a package make one line if the same packages depend on them.
  return ['| package | licence | brought by |', '| --- | --- | --- |', ...new Set(rows.sort(compare))].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

if (import.meta.main) {
  const root = new URL('../', import.meta.url);
  const bill = JSON.parse(readFileSync(new URL('dist/sbom.cdx.json', root), 'utf8')) as BillOfMaterials;
  const text = readFileSync(new URL(page, root), 'utf8');
  const now = replaceGenerated(page, text, renderBrought(bill));
  if (now !== text && process.argv.includes('--check')) {
    console.error(`${page} is stale: run node scripts/dependencies.ts after npm run build`);
    process.exitCode = 1;
  } else if (now !== text) writeFileSync(new URL(page, root), now);
}
