import { join } from 'node:path';
import { expect } from 'vitest';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type Run, runCommand } from './run.ts';

/** Runs `ringfence plan`. */
export function runPlan(...args: readonly string[]): Promise<Run> {
  return runCommand([planCommand(readEnvironment({}))], ['plan', ...args]);
}

/** The manifests of the example with three tiers, as arguments. */
export const exampleManifests: readonly string[] = ['namespaces.yaml', 'workloads.yaml'].flatMap((name) => [
  '-f',
  join('examples', 'three-tiers', name),
]);

/** Writes the plans of its namespaces to a folder. */
export async function writeExample(folder: string): Promise<void> {
  for (const name of ['backend', 'frontend', 'database'])
    expect((await runPlan(name, ...exampleManifests, '--write', folder)).code).toBe(0);
}

/** A policy that opens everything, and that is in no plan. */
export const openPolicy: string = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'open', namespace: 'backend' },
  spec: { podSelector: {}, ingress: [{}], egress: [{}], policyTypes: ['Ingress', 'Egress'] },
});
