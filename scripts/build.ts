import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/**
 * Replaces the two index modules of the Kubernetes client by what credentials need. The package
 * does not declare that loading its modules has no side effects, so all of its 640 KB of models
 * would be included: 9 MB of the process's memory, and a sixth of its start time. If somebody
 * imports another export of the client, the build fails and names it.
 */
const withoutModels: Plugin = {
  name: 'without-models',
  setup({ onLoad }) {
    const indexes = {
      'index.js': ['./config.js', './gen/http/http.js'],
      'gen/index.js': ['./http/http.js', './configuration.js', './servers.js'],
    };
    for (const [file, modules] of Object.entries(indexes))
      onLoad({ filter: new RegExp(`/@kubernetes/client-node/dist/${RegExp.escape(file)}$`) }, () => ({
        contents: modules.map((module) => `export * from '${module}';`).join('\n'),
      }));
  },
};

/**
 * Bundles src/main.ts with all its imports into dist/ringfence.mjs and its chunks, and the library
 * into dist/library. It also writes the source maps, the licences of the contents, and the bill of
 * materials (CycloneDX). A few files start in about a third of the time that the separate modules
 * need, and the image needs no node_modules. Code that only `serve` needs is in a chunk of its own,
 * so that the other commands start without it.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist');
await rm(folder, { recursive: true, force: true });
const options = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // A single file would include dynamically imported modules whole, even their unused parts.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Only white space and syntax are minified. Names stay as they are, so that stack traces from
  // production can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'external',
  legalComments: 'none',
  logLevel: 'warning',
  // Some dependencies are CommonJS and call `require` for Node's own modules, but an ES module has
  // no `require`.
  banner: {
    js: "import { createRequire as ringfenceCreateRequire } from 'node:module';const require = ringfenceCreateRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;
const { metafile } = await build({
  ...options,
  entryPoints: { ringfence: 'src/main.ts' },
  outdir: 'dist',
  metafile: true,
  plugins: [
    withoutModels,
    // The same bundle must give the same bill, so it has no serial number and no time.
    cyclonedxEsbuildPlugin({
      specVersion: '1.6',
      outputFile: 'sbom.cdx.json',
      outputReproducible: true,
      validate: true,
      logLevel: 'warning',
    }),
  ],
});
// The library has a folder of its own, so that it shares no chunk with the command line and the
// image does not have it. All of its packages are in the command line too.
await build({ ...options, entryPoints: { library: 'src/library/library.ts' }, outdir: 'dist/library' });
await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), await licences(metafile));
const outputs = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs'));
const size = outputs.reduce((sum, [, { bytes }]) => sum + bytes, 0);
process.stdout.write(`dist/ringfence.mjs and ${outputs.length - 1} chunks  ${(size / 1024 / 1024).toFixed(1)} MiB\n`);

/**
 * The licence texts of the packages in the bundle, sorted by folder. Copies of the bundle must
 * include them.
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
  // The spellings that occur in the dependencies.
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'LICENSE-MIT']) {
    try {
      return title + (await readFile(join(root, folder, file), 'utf8'));
    } catch {
      // There is no file of this name.
    }
  }
  return `${title}No licence file in the package.\n`;
}
