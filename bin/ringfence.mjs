#!/usr/bin/env node
// Old syntax and no imports on purpose: an old Node must get as far as the sentence below instead of a parse error.
var major = Number(process.versions.node.split('.')[0]);
// 24: the Kubernetes client crashes at import on older lines, and a checkout runs its TypeScript as it is (type stripping).
if (major < 24) {
  console.error('ringfence needs Node.js 24 or later; this is ' + process.version + ' (' + process.execPath + ').');
  process.exit(2); // 2: could not run
}
// `npm --prefix DIR run ringfence -- check k8s` runs in DIR, but a person's paths are relative to
// INIT_CWD.
var manifest = process.getBuiltinModule('url').fileURLToPath(new URL('../package.json', import.meta.url));
if (process.env.npm_package_json === manifest && process.env.npm_lifecycle_event === 'ringfence' && process.env.INIT_CWD)
  process.chdir(process.env.INIT_CWD);
import('./compile-cache.mjs').then(function (cache) {
  cache.enable();
  // A package holds dist and no src; a checkout holds src, and a dist that may be older than it.
  var source = new URL('../src/main.ts', import.meta.url);
  var isCheckout = process.getBuiltinModule('fs').existsSync(source);
  return import(isCheckout ? source.href : new URL('../dist/ringfence.mjs', import.meta.url).href);
});
