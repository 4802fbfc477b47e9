import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { Command } from 'commander';
import type { AuditReport } from '../audit/report.ts';
import type { Environment } from '../config/environment.ts';
import type { Observation } from '../flows/record.ts';
import { systemClock } from '../retry/clock.ts';
import { buildView, type ViewApp } from '../server/view.ts';
import { newestOf, type Part, type Reading } from '../view/freshness.ts';
import { type Model, modelOf } from '../view/model.ts';
import { pageOf, refusalPage } from '../view/pages.ts';
import { script } from '../view/script.ts';
import { style } from '../view/style.ts';
import { audit } from './audit.ts';
import { followAudit } from './followed.ts';
import { type ObservedLogs, openLogs, refusePipes } from './observed.ts';
import {
  type ClusterOptions,
  excludeOption,
  readPort,
  readSeconds,
  ringfenceNamespaceOption,
  withClusterOptions,
} from './options.ts';
import { note, print } from './output.ts';
import { createReadings } from './readings.ts';
import { joinLogs } from './seen-flows.ts';
import { fileModes, refuseUnused } from './unused.ts';

/** The arguments of `ringfence view`. */
interface ViewOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly exclude: readonly string[];
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly observed?: readonly string[];
  readonly port: number;
  readonly rereadSeconds: number;
}

/**
 * `ringfence view`: shows a cluster in a browser, read-only. `release` is the version of Ringfence.
 */
export function viewCommand(environment: Environment, release: string): Command {
  return refuseUnused<ViewOptions>(withClusterOptions(new Command('view'), 'whose rights are used'), [
    ...fileModes,
    {
      chosen: ({ filename }) => filename !== undefined,
      unused: ['rereadSeconds'],
      because: 'files are read again when the page asks for it',
    },
  ])
    .description(
      'show the fence in a browser, read-only, on this machine alone; ends with Ctrl-C; exit code 0: ended, 2: could not run',
    )
    .option('-f, --filename <path...>', 'objects in files and folders instead of the live cluster')
    .addOption(excludeOption())
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .option('--observed <file...>', 'flow logs of the network plugin, also compressed')
    .option('--port <port>', 'port on 127.0.0.1; 0 lets the system choose', readPort, 0)
    .option(
      '--reread-seconds <seconds>',
      'read again what is not followed of a live cluster, if a page is open and it is older; 0 for never',
      readSeconds,
      120,
    )
    .action(async (options: ViewOptions) => view(options, environment, release));
}

async function view(options: ViewOptions, environment: Environment, release: string): Promise<void> {
  const { filename, observed, port, rereadSeconds } = options;
  await refusePipes(filename ?? [], 'files');
  const logs = observed === undefined ? undefined : await openLogs(observed);
  let observation: Observation | undefined;
  async function makeModel(report: AuditReport): Promise<Model> {
    // Pages are answered before the model of a large cluster is made.
    await setImmediate();
    return modelOf(report, {
      source: filename?.join(', ') ?? sourceOf(options, environment),
      isLive: filename === undefined,
      ...(observation === undefined ? { denied: undefined, logNotes: [] } : joinLogs(report, observation)),
    });
  }
  const cluster =
    filename === undefined
      ? followAudit(options, environment, { release, onChange: () => readings.changed() })
      : undefined;
  const readings = createReadings({
    async read() {
      observation = await logs?.read();
      return makeModel(await (cluster?.read() ?? audit(options, environment, release)));
    },
    remake: cluster && (async () => makeModel(await cluster.remake())),
    // Files are read again only when the page asks for it.
    rereadSeconds: cluster === undefined ? 0 : rereadSeconds,
    clock: systemClock,
  });
  const reading = (): Reading => ({
    ...readings.state(),
    parts: cluster === undefined ? [] : [...cluster.parts(), ...(logs === undefined ? [] : [partOf(logs)])],
  });
  try {
    await readings.first();
    const app = buildView({
      style,
      script,
      refusal: refusalPage,
      readAgain: readings.again,
      newest() {
        readings.look();
        return newestOf(reading(), Date.now());
      },
      async page(request) {
        await readings.settle(patienceMs);
        return pageOf(request, readings.model(), reading());
      },
    });
    await serveUntilStopped(app, port);
  } finally {
    await cluster?.close();
  }
}

/** A page waits so long for what has just changed, and else has the older data. */
const patienceMs = 500;

function partOf(logs: ObservedLogs): Part {
  return { name: 'flow-logs', at: new Date(logs.lookedAt()).toISOString(), isFollowed: false, problem: '' };
}

/** Listens, prints the address, and waits for Ctrl-C. Each Enter prints a new address. */
async function serveUntilStopped(app: ViewApp, port: number): Promise<void> {
  const address = await app.listen({ host: '127.0.0.1', port });
  const tell = (): Promise<void> => print(`${address}${app.admission()}\n`);
  await tell();
  const onKey = (): void => void tell();
  if (process.stdin.isTTY) {
    note('the address works once; press Enter for a new one, and Ctrl-C to end');
    process.stdin.on('data', onKey);
  }
  await new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve());
  });
  process.stdin.off('data', onKey).pause();
  await app.close();
}

function sourceOf({ context, kubeconfig }: ViewOptions, { cluster }: Environment): string {
  return context ?? kubeconfig ?? cluster.kubeconfig ?? 'the live cluster';
}
