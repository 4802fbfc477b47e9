import { certificateMutations } from './certificate-mutations.ts';
import { faultMutations } from './faults-mutations.ts';
import type { DrillMutation } from './mutation.ts';
import { stoppingMutations } from './stopping-mutations.ts';

/** All mutations. Each drill has at least one. */
export const mutations: readonly DrillMutation[] = [...certificateMutations, ...stoppingMutations, ...faultMutations];
