import type { AuditReport } from '../audit/report.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { Candidate } from '../plan/candidates.ts';
import { formatEnd, namespaceOf } from '../plan/end.ts';
import { createWorkloads } from '../plan/workloads.ts';
import { createDesk, type Desk } from '../reach/desk.ts';
import type { Note } from '../reach/note.ts';
import { formatAskedPort } from '../reach/port-text.ts';
import { createLawfulness, type Lawfulness } from './lawfulness.ts';
import { type Link, linksBetween, linksOutside, type SeenFlow } from './link.ts';
import { orderTiers, outside, type Place, placesOf } from './place.ts';

/** Everything that the pages show: one reading of a cluster or of files. */
export interface Model {
  readonly report: AuditReport;
  /** What was read, for people: `context kind`, `k8s/`. */
  readonly source: string;
  readonly isLive: boolean;
  readonly desk: Desk;
  readonly law: Lawfulness;
  readonly places: ReadonlyMap<string, Place>;
  /** The values of the flow key, from the outside inwards. */
  readonly tiers: readonly string[];
  readonly links: readonly Link[];
  /** Raw NetworkPolicies, by `namespace/name`. */
  readonly policies: ReadonlyMap<string, unknown>;
  /** Whether flow logs were read, so that the map can show what is denied and seen. */
  readonly isObserved: boolean;
  /** What flow logs say about themselves: their window, their holes, what they have overlooked. */
  readonly logNotes: readonly Note[];
}

export interface ModelOptions {
  readonly source: string;
  readonly isLive: boolean;
  /** The flows of logs that the policies of today deny; undefined without a log. */
  readonly denied: readonly Candidate[] | undefined;
  /** Empty without a log. */
  readonly logNotes: readonly Note[];
}

/** Makes the model of a report. It reads nothing and knows no rule of its own. */
export function modelOf(report: AuditReport, { source, isLive, denied, logNotes }: ModelOptions): Model {
  const { collection, config } = report;
  const { inventory, documents } = collection;
  const workloads = createWorkloads(config.workloads);
  for (const { object } of documents) workloads.add(object, textAt(object, 'metadata', 'namespace') ?? '');
  const desk = createDesk(inventory, collection.notes);
  const law = createLawfulness(inventory, workloads.take(inventory), config);
  const pods = new Map<string, number>();
  for (const { namespace } of inventory.world.pods) pods.set(namespace, (pods.get(namespace) ?? 0) + 1);
  return {
    report,
    source,
    isLive,
    desk,
    law,
    places: placesOf(inventory.world.namespaces, report.namespaces, pods, config),
    tiers: orderTiers(config),
    links: [
      ...linksBetween(desk, law, (denied ?? []).flatMap(seenFlowOf)),
      ...linksOutside(desk, report.exposure.flows),
    ],
    policies: new Map(
      documents.flatMap(({ object }) =>
        textAt(object, 'kind') === 'NetworkPolicy' && textAt(object, 'apiVersion') === 'networking.k8s.io/v1'
          ? [[`${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`, object] as const]
          : [],
      ),
    ),
    isObserved: denied !== undefined,
    logNotes,
  };
}

function seenFlowOf({ from, to, protocol, port, sightings, last }: Candidate): readonly SeenFlow[] {
  const ends = { from: namespaceOf(from) ?? outside, to: namespaceOf(to) ?? outside };
  if (ends.from === outside && ends.to === outside) return [];
  const text = `${formatEnd(from)} -> ${formatEnd(to)} ${formatAskedPort({ protocol, port })}`;
  return [{ ...ends, text, sightings, last }];
}
