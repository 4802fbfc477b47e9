import type { Config } from '../config/config.ts';
import type { Log } from '../telemetry/log.ts';

/** Whether the Pods are there that the baseline opens DNS to. */
export interface DnsWatch {
  /** Looks once. Throws if the API server does not answer. */
  look(): Promise<void>;
  /** What the last look missed, or why DNS is not known, as a sentence. */
  problem(): string | undefined;
  /** Whether nothing is wrong; undefined before the first look. */
  isFound(): boolean | undefined;
}

export interface DnsWatchPorts {
  /** Whether a namespace holds a Pod that carries these labels, by a live list of one. */
  anyPod(namespace: string, labels: Readonly<Record<string, string>>): Promise<boolean>;
  /** Why it is not known where DNS is (`dns: auto`). */
  searchProblem(): string | undefined;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/**
 * Watches over the Pods of DNS. If none is where the configuration says, no Pod of a fenced
 * namespace can resolve a name, and nothing else would say why. It is logged once.
 */
export function openDnsWatch({ anyPod, searchProblem, log }: DnsWatchPorts, config: () => Config): DnsWatch {
  let missing: string | undefined;
  let told: string | undefined;
  let hasLooked = false;
  const problem = () => {
    const problems = [searchProblem(), missing].filter((one) => one !== undefined);
    return problems.length === 0 ? undefined : problems.join('; ');
  };
  return {
    problem,
    isFound: () => (hasLooked ? problem() === undefined : undefined),
    async look() {
      const empty: string[] = [];
      for (const { namespace, podLabels } of config().baseline.dns) {
        if (namespace === undefined || (await anyPod(namespace, podLabels))) continue;
        const labels = Object.entries(podLabels).map(([key, value]) => `${key}=${value}`);
        empty.push(`no Pod of ${namespace} has ${labels.join(', ')}`);
      }
      missing =
        empty.length === 0
          ? undefined
          : `baseline.dns: ${empty.join(' and ')}, so fenced Pods reach no DNS there; run ringfence doctor`;
      hasLooked = true;
      const now = problem();
      if (now === told) return;
      if (now === undefined) log.info({}, 'DNS is where the baseline says');
      else log.warn({ reason: now }, 'DNS is not where the baseline says');
      told = now;
    },
  };
}
