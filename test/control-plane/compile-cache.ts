import { resolve } from 'node:path';

/**
 * Where replicas in tests find their code compiled, which halves the processor time of a start.
 * global-setup.ts fills it, because a process that is killed does not.
 */
export const compileCache = resolve('node_modules/.cache/ringfence-tests');
