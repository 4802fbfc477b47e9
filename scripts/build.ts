import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { build, type Metafile, type Plugin } from 'esbuild';

/**
 * What the Kubernetes client's modules export and nobody imports is left out. Its package does not
 * say that they have no effect by being loaded, so it would all come along: 640 KB of models, which
 * took 9 MB of the process's memory and a sixth of its start.
 */
const withoutModels: Plugin = {
  name: 'without-models',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\.\.?\// }, async ({ path, pluginData, ...from }) => {
      const isClient = from.importer.includes('/node_modules/@kubernetes/client-node/');
      if (!isClient || pluginData === resolved) return undefined;
      const { errors, path: file } = await resolve(path, { ...from, pluginData: resolved });
      return errors.length > 0 ? { errors } : { path: file, sideEffects: false };
    });
  },
};
const resolved = Symbol('resolved');

/**
 * Bundles src/main.ts with everything it imports into dist/ringfence.mjs and the chunks that it
 * loads (beside them the source maps, the licences of what is inside, and its bill of materials,
 * CycloneDX). A few files start in about a third of the time of the modules, and need no
 * node_modules in the image; what only `serve` needs is a chunk of its own, so that the other
 * commands start without it.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist');
await rm(folder, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { ringfence: 'src/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // Not one file: what is imported dynamically would then be included whole, whatever of it is
  // used.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // White space and syntax only: names stay as they are, so a stack trace from production can be
  // read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'external',
  legalComments: 'none',
  metafile: true,
  plugins: [
    withoutModels,
    // The same bundle has the same bill: no serial number, no time.
    cyclonedxEsbuildPlugin({
      specVersion: '1.6',
      outputFile: 'sbom.cdx.json',
      outputReproducible: true,
      validate: true,
      logLevel: 'warning',
    }),
  ],
  logLevel: 'warning',
  // Some dependencies are CommonJS and call `require` for Node's own modules, which a module does
  // not have.
  banner: {
    js: "import { createRequire as ringfenceCreateRequire } from 'node:module';const require = ringfenceCreateRequire(import.meta.url);",
  },
});
await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), await licences(metafile));
const outputs = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs'));
const size = outputs.reduce((sum, [, { bytes }]) => sum + bytes, 0);
process.stdout.write(`dist/ringfence.mjs and ${outputs.length - 1} chunks  ${(size / 1024 / 1024).toFixed(1)} MiB\n`);

/**
 * The licence texts of the packages in the bundle, sorted by folder: who copies the bundle has to
 * pass them on.
 */
async function licences({ inputs }: Metafile): Promise<string> {
  const folders = new Set(
    Object.keys(inputs).flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  const texts = await Promise.all([...folders].sort((a, b) => a.localeCompare(b, 'en')).map(licenceOf));
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenceOf(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest as { name?: string; version?: string; license?: string };
  const title = `${name ?? folder} ${version ?? ''} (${license ?? 'licence not named'})\n\n`;
  // The spellings found among our dependencies.
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'LICENSE-MIT']) {
    try {
      return title + (await readFile(join(root, folder, file), 'utf8'));
    } catch {
      // Not under this name.
    }
  }
  return `${title}No licence file in the package.\n`;
}
