import { resolve } from 'node:path';

/**
 * The cache of compiled code for the replicas of tests, which halves the processor time of a start.
 * global-setup.ts fills it, because a killed process does not.
 */
export const compileCache = resolve('node_modules/.cache/ringfence-tests');
