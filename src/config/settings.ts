import type { Config } from './config.ts';

/** The configuration of this moment, for what judges and for what marks new namespaces. */
export interface Settings {
  /** Judges, and is what everything else follows. */
  readonly judging: () => Config;
  /** Marks new namespaces. Ahead of the other while a mode is being raised. */
  readonly marking: () => Config;
  /** Takes a new configuration in: at once, or, where the cluster begins to enforce, in two steps. */
  change(config: Config): void;
  /** Drops a step that is still to come. */
  stop(): void;
}

/**
 * A cluster begins to enforce in two steps: new namespaces are marked from the first moment, and `leadMs` later what arrives unmarked is refused.
 * Replicas learn of a configuration one after the other; without the lead, one would refuse a namespace that another has not marked.
 * `onChange` is called when a configuration begins to judge.
 */
export function createSettings(initial: Config, leadMs: number, onChange: (config: Config) => void): Settings {
  let judging = initial;
  let marking = initial;
  let step: NodeJS.Timeout | undefined;
  const judge = (config: Config): void => {
    judging = config;
    onChange(config);
  };
  return {
    judging: () => judging,
    marking: () => marking,
    change(config) {
      clearTimeout(step);
      marking = config;
      if (config.mode !== 'enforce' || judging.mode === 'enforce') judge(config);
      else step = setTimeout(judge, leadMs, config);
    },
    stop: () => clearTimeout(step),
  };
}
