import type { Readiness } from './readiness.ts';
import { logJson } from './replay-json.ts';

/** A readiness for programs, as schemas/readiness.schema.json defines it. */
export function readinessJson({ state, namespaces, exempt, live, log, unread }: Readiness): string {
  const causes = live.causes.map(({ id: _, objects, ...cause }) => ({
    ...cause,
    objects: Object.fromEntries(objects),
  }));
  const said =
    log === undefined
      ? null
      : {
          ...logJson(log.reading, log.dryRuns),
          recorded: log.recorded,
          corrected: log.corrected,
          elsewhere: log.elsewhere,
          undecided: log.undecided,
          holes: log.holes,
        };
  const all = namespaces.map((one) => ({ ...one, mode: one.mode ?? null, next: one.next ?? null }));
  return `${JSON.stringify({ state, namespaces: all, exempt, live: { ...live, causes }, log: said, unread }, undefined, 2)}\n`;
}
