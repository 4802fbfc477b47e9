import { vi } from 'vitest';
import type { Occurrence } from '../../src/events/occurrence.ts';
import { createRecorder } from '../../src/events/recorder.ts';
import { createEventsDouble, occurrence } from './scene.ts';

/** A recorder with an API server in memory. `pass` advances the time, which must be faked. */
export function setUp(double = createEventsDouble()) {
  const outcomes: string[] = [];
  const warned: object[] = [];
  const recorder = createRecorder({
    ...double.ports,
    log: { warn: (details) => warned.push(details) },
    metrics: { recorded: (outcome) => outcomes.push(outcome) },
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
  return { ...double, recorder, outcomes, warned, pass, count };
}

/** The same refusal of a ReplicaSet's Pods, under a new name each time. */
export function attempt(number: number): Occurrence {
  return occurrence({ name: `web-7d4-${number}` });
}

/** A refusal that differs from the others: another NetworkPolicy each time. */
export function another(number: number, namespace = 'shop'): Occurrence {
  const message = `NetworkPolicy ${namespace}/open-${number}: 1 finding keeps it out`;
  return occurrence({ kind: 'NetworkPolicy', namespace, name: `open-${number}`, owners: undefined, message });
}

/** A refused creation of a Namespace, under another name each time, or a permitted one. */
export function creation(number: number, reason: Occurrence['reason'] = 'Denied'): Occurrence {
  return occurrence({
    reason,
    kind: 'Namespace',
    namespace: `lab-${number}`,
    name: `lab-${number}`,
    message: `Namespace lab-${number}: …`,
  });
}
