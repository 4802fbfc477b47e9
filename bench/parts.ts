import { benchAudit } from './audit.ts';
import { benchCluster } from './cluster.ts';
import { benchCommandLine } from './command-line.ts';
import type { Figure } from './figures.ts';
import { benchFlows } from './flows.ts';
import { benchGrowth } from './growth.ts';
import { benchJudgement } from './judge.ts';
import { benchMemory } from './memory.ts';
import { benchNetwork } from './network.ts';
import type { BenchOptions } from './options.ts';
import { benchSoak } from './soak.ts';
import { benchWebhook } from './webhook.ts';

/** The parts of the benchmark, in the order in which they run. */
export const parts = {
  webhook: benchWebhook,
  cluster: benchCluster,
  memory: benchMemory,
  growth: benchGrowth,
  network: benchNetwork,
  judgement: benchJudgement,
  audit: benchAudit,
  flows: benchFlows,
  'command-line': benchCommandLine,
  soak: benchSoak,
} as const satisfies Readonly<Record<string, (options: BenchOptions) => Promise<readonly Figure[]>>>;

/** The soak takes ten minutes, so it runs only if it is named. */
export const onlyByName: ReadonlySet<string> = new Set(['soak']);
