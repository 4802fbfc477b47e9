import type { Inventory } from '../network/inventory.ts';
import { type Note, noteIf } from '../reach/note.ts';
import { listOf } from '../wording/number.ts';
import type { Offers } from './offers.ts';
import type { UnreadScrape } from './scrapes.ts';

/** What says something about flows, and cannot be joined with the objects here. */
export function notesOfUnplaced(
  { calls, absentConfigMaps, unreadScrapes }: Pick<Offers, 'calls' | 'absentConfigMaps' | 'unreadScrapes'>,
  { services }: Pick<Inventory, 'services'>,
): readonly Note[] {
  const unplaced = calls.filter(({ namespace, service, port }) => {
    const ports = services.get(`${namespace}/${service}`)?.ports ?? [];
    return !ports.some((one) => one.port === port && one.protocol === 'TCP');
  });
  const called = unplaced.map(({ by, namespace, service, port }) => `${by} calls ${namespace}/${service}:${port}`);
  return [
    ...noteIf([...new Set(called)], (objects) => ({
      id: 'declared-unplaced',
      message: `what the API server calls is not here, so the plan lacks these flows: ${listOf(objects)}`,
      overlooked: true,
      namespaces: [...new Set(unplaced.map(({ namespace }) => namespace))],
    })),
    ...noteIf(absentConfigMaps, (objects) => ({
      id: 'declared-unplaced',
      message: `ConfigMaps that workloads use are not here, so a Service that they name is not seen: ${listOf(objects)}`,
      overlooked: true,
    })),
    ...noteIf(namesOf(unreadScrapes, true), (objects) => ({
      id: 'declared-unplaced',
      message: `their selectors are not valid, so the plan lacks what they scrape: ${listOf(objects)}`,
      overlooked: true,
    })),
    ...noteIf(namesOf(unreadScrapes, false), (objects) => ({
      id: 'declared-unplaced',
      message: `what these scrape is in the plan only if a flow log shows it: ${listOf(objects)}`,
      overlooked: false,
    })),
  ];
}

function namesOf(scrapes: readonly UnreadScrape[], isInvalid: boolean): readonly string[] {
  return scrapes.filter((one) => one.isInvalid === isInvalid).map(({ by }) => by);
}
