// The address of the documentation is `homepage` in package.json, so that another home of the pages
// changes one line.
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const { homepage } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly homepage: string };

/**
 * Addresses of others, and the names of schemas, at which nothing has to be served (JSON Schema
 * draft 2020-12, 8.2.1).
 */
const others = [
  'https://json-schema.org/draft/2020-12/schema',
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
  'https://ringfence.dev/schemas/',
];

/** The addresses of a host that has a public name, outside comments. */
function addressesIn(text: string): readonly string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*|#).*$/gm, '');
  return [...code.matchAll(/https?:\/\/(?:[a-z0-9-]+\.)+[a-z]{2,}\/[^\s'"`<>)]*/g)].map(([address]) => address);
}

describe('the addresses', () => {
  const files = globSync(['{src,bin}/**/*.{ts,mjs}', 'schemas/*.json', 'manifests/**/*', 'action.yml'], {
    withFileTypes: true,
  }).filter((entry) => entry.isFile());
  const found = files.flatMap(({ parentPath, name }) =>
    addressesIn(readFileSync(`${parentPath}/${name}`, 'utf8')).map((address) => `${name}: ${address}`),
  );

  it('of what is shipped are those of others, and the names of schemas', () => {
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((one) => !others.some((known) => one.includes(`: ${known}`)))).toEqual([
      // Generated from package.json.
      `Chart.yaml: ${homepage}`,
    ]);
  });

  it('are found in code, and not in comments', () => {
    const text = "  // https://a.example/\n * https://b.example/\nconst c = 'https://c.example/docs';\n";
    expect(addressesIn(text)).toEqual(['https://c.example/docs']);
    expect(addressesIn(`const local = 'https://\${name}.svc:443/', own = 'http://view/x';`)).toEqual([]);
  });

  it('of the documentation is absolute, and has no slash at the end', () => {
    expect(new URL(homepage).protocol).toBe('https:');
    expect(homepage).toMatch(/[^/]$/);
  });
});
