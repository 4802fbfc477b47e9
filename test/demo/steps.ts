// Builders of steps: who types, and the expected answer.
import type { Expectation, Step } from './scene.ts';

export function developer(kubectl: readonly string[], expect: Expectation, input?: string): Step {
  return { as: 'developer', kubectl, expect, ...(input === undefined ? {} : { input: input.trimStart() }) };
}

export function admin(kubectl: readonly string[], expect: Expectation): Step {
  return { as: 'admin', kubectl, expect };
}

export function settled(step: Step): Step {
  return { ...step, settles: true };
}

export function accepted(shows: string, ...says: readonly string[]): Expectation {
  return { answer: 'accepted', says, shows };
}

export function refused(shows: string, ...says: readonly string[]): Expectation {
  return { answer: 'refused', says, shows };
}
