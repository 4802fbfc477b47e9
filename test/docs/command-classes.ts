// What is done with each command of the documentation. The first row that matches counts.

import type { SimpleCommand } from './shell.ts';

/** How the tests treat a command. */
export type Treatment =
  /** The command line of Ringfence, run on the files of a scene: test/docs/run.test.ts. */
  | { readonly how: 'run on files' }
  /** Run on a real API server: test/e2e/documented-commands.test.ts. */
  | { readonly how: 'run on a cluster' }
  /** Another test runs it, because it needs a scene of its own. `says` stands in that test. */
  | { readonly how: 'run elsewhere'; readonly test: string; readonly says: string }
  /** A script of package.json, which exists. */
  | { readonly how: 'is a script' }
  | { readonly how: 'not run'; readonly why: string };

export interface CommandClass {
  /** Matches the whole text of a simple command, its words joined by a space. */
  readonly pattern: RegExp;
  /** Only for commands of these pages. */
  readonly pages?: readonly string[];
  readonly treatment: Treatment;
}

const files: Treatment = { how: 'run on files' };
const cluster: Treatment = { how: 'run on a cluster' };
const elsewhere = (test: string, says: string): Treatment => ({ how: 'run elsewhere', test, says });
const never = (why: string): Treatment => ({ how: 'not run', why });

const down = 'test/e2e/down.test.ts';

export const commandClasses: readonly CommandClass[] = [
  // The page shows whole files of examples/pipelines/.
  {
    pattern: /^/,
    pages: ['docs/pipelines.md'],
    treatment: elsewhere('test/pipelines/manifests.test.ts', 'container.sh'),
  },
  // Tools that only a reader has.
  { pattern: /^docker (?:build|push) /, treatment: never('it needs a container engine and a registry of the reader') },
  { pattern: /^gcloud /, treatment: never('it needs a project of Google Cloud') },
  { pattern: /^helm template chart$/, treatment: never('the chart is one of the reader') },
  { pattern: /^helm test ringfence /, treatment: elsewhere('test/e2e/helm.test.ts', 'openOwnTest(') },
  {
    pattern: /^helm (?:install|upgrade|template|uninstall) ringfence /,
    treatment: elsewhere('test/e2e/helm.test.ts', "helm('install'"),
  },
  { pattern: /^kustomize build overlays\/prod$/, treatment: never('the overlay is one of the reader') },
  { pattern: /^npm install (?:--global )?ringfence$/, treatment: elsewhere('test/package/packed.ts', 'npm') },
  { pattern: /^npm (?:ci$|test$|run (?:demo|simulate) )/, treatment: { how: 'is a script' } },
  // What needs Pods that run, or a scene of its own.
  { pattern: /^kubectl port-forward /, treatment: never('it needs a node on which Ringfence runs') },
  { pattern: /^curl localhost:8081\/readyz$/, treatment: elsewhere('test/e2e/probes.test.ts', '/readyz') },
  { pattern: /^kubectl .*rollout status /, treatment: never('it waits for Pods, which need a node') },
  { pattern: /^ringfence doctor --probe /, treatment: elsewhere('test/e2e/doctor.test.ts', '--probe') },
  { pattern: /^ringfence audit --publish$/, treatment: elsewhere('test/e2e/audit-reports.test.ts', '--publish') },
  {
    pattern: /^(?:kubectl )?ringfence fence shop --trial 15m/,
    treatment: elsewhere('test/e2e/trial.test.ts', '--trial'),
  },
  { pattern: /^ringfence fence shop --confirm$/, treatment: elsewhere('test/e2e/trial.test.ts', '--confirm') },
  { pattern: /^ringfence fence shop --stage$/, treatment: elsewhere('test/fencing/staged.test.ts', 'stage') },
  { pattern: /^ringfence fence (?:shop|legacy .*)$/, treatment: elsewhere('test/e2e/fencing.test.ts', 'fence') },
  { pattern: /^ringfence unfence /, treatment: elsewhere('test/e2e/fencing.test.ts', 'unfence') },
  { pattern: /^ringfence uninstall/, treatment: elsewhere('test/e2e/uninstall.test.ts', 'uninstall') },
  { pattern: /^ringfence plan shop --observed /, treatment: elsewhere('test/commands/plan.test.ts', '--observed') },
  {
    pattern: /^ringfence baseline shop --context prod$/,
    treatment: elsewhere('test/e2e/kubeconfig.test.ts', '--context'),
  },
  { pattern: /^kubectl apply -f policies\/shop$/, treatment: elsewhere('test/e2e/plan.test.ts', 'apply ') },
  {
    pattern: /^kubectl apply -k manifests\/overlays\//,
    treatment: elsewhere('test/e2e/rollout.test.ts', "'apply -k manifests/overlays/"),
  },
  {
    pattern: /^kubectl delete -k manifests\/overlays\/enforce$/,
    pages: ['docs/helm.md'],
    treatment: elsewhere('test/e2e/manifests.test.ts', 'delete -k'),
  },
  { pattern: /^kubectl /, pages: ['docs/way-out.md'], treatment: elsewhere(down, "commandsOf('docs/way-out.md')") },
  { pattern: /^kubectl /, pages: ['docs/uninstall.md'], treatment: elsewhere(down, "commandsOf('docs/uninstall.md')") },
  { pattern: /^openssl |^printf /, pages: ['docs/client-certificates.md'], treatment: files },
  { pattern: /^ringfence completion /, treatment: elsewhere('test/commands/completion.test.ts', 'shellScripts') },
  // It serves until Ctrl-C.
  { pattern: /^ringfence view/, treatment: elsewhere('test/view/scene.ts', 'src/view/pages.ts') },
  // Everything else runs.
  { pattern: /^(?:kubectl|base64|openssl) /, treatment: cluster },
  { pattern: /^jq /, pages: ['docs/audit.md'], treatment: files },
  { pattern: /^jq .* audit\.log$/, treatment: files },
  { pattern: /^jq /, treatment: cluster },
  { pattern: /^ringfence (?:reach --|diff manifests\/ live)/, treatment: cluster },
  { pattern: /^ringfence audit -f /, treatment: files },
  { pattern: /^ringfence (?:check|reach|assert|diff|replay) /, treatment: files },
  { pattern: /^ringfence plan backend -f /, treatment: files },
  { pattern: /^ringfence baseline shop --labels /, treatment: files },
  { pattern: /^ringfence doctor -/, treatment: elsewhere('test/e2e/doctor.test.ts', 'doctor') },
  { pattern: /^ringfence audit -/, treatment: elsewhere('test/e2e/audit.test.ts', 'audit') },
  { pattern: /^ringfence (?:doctor|audit|plan|baseline|readiness)/, treatment: cluster },
  { pattern: /^ringfence manifests /, treatment: cluster },
];

/** The ways in which the pages start Ringfence. */
const starts = [['npm', 'run', '-s', 'ringfence', '--'], ['npx', 'ringfence'], ['kubectl', 'ringfence'], ['ringfence']];

/** The words of a simple command. Ringfence is `ringfence`, whichever way starts it. */
export function wordsOf({ program, args }: SimpleCommand): readonly string[] {
  // A pipeline answers no question, and names a release.
  const words = [program, ...args]
    .filter((word) => word !== '--yes' || program !== 'npx')
    .map((word) => word.replace(/^ringfence@[\d.]+$/, 'ringfence'));
  const start = starts.find((one) => one.every((word, index) => words[index] === word));
  return start === undefined ? words : ['ringfence', ...words.slice(start.length)];
}

export function classOf(page: string, command: SimpleCommand): CommandClass | undefined {
  const text = wordsOf(command).join(' ');
  return commandClasses.find(({ pattern, pages }) => pattern.test(text) && (pages?.includes(page) ?? true));
}
