import type { AuditReport } from '../audit/report.ts';
import type { Observation } from '../flows/record.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { startPlan } from '../library/planning.ts';
import { noteOfUndecided, notesOfLog } from '../plan/log-notes.ts';
import { createPlanner } from '../plan/plan.ts';
import type { ModelOptions } from '../view/model.ts';

/**
 * The flows of logs that the policies of today deny, and what the logs do not say, as a plan joins
 * them with the cluster. The report has the other notes of a plan, but for those about declared
 * flows, which are not asked for here.
 */
export function joinLogs(
  { collection, config, namespaces }: AuditReport,
  observation: Observation,
): Pick<ModelOptions, 'denied' | 'logNotes'> {
  const { exposures, declarations, finish } = startPlan(config);
  for (const { object } of collection.documents) {
    const namespace = textAt(object, 'metadata', 'namespace') ?? '';
    exposures.taker.add(object, namespace);
    declarations.add(object, namespace);
  }
  const options = { ephemeral: false, external: false };
  const fenced = new Set(namespaces.flatMap(({ name, fence }) => (fence === 'not-fenced' ? [] : [name])));
  const read = { inventory: collection.inventory, fenced, notes: [] };
  const { source } = finish(read, { observation, podNetworks: undefined, naming: 'name', options });
  const planner = createPlanner(source);
  const seen = planner.seen();
  return {
    denied: seen.filter(({ fate }) => fate.today === 'denied').map(({ candidate }) => candidate),
    logNotes: [...notesOfLog(observation, planner.leftOut), ...noteOfUndecided(seen)],
  };
}
