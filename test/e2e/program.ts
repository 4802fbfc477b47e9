import { resolve } from 'node:path';

/**
 * Returns the program that end-to-end tests run: the bundle, as it is shipped. It starts in a third
 * of the processor time that the sources need. test/control-plane/global-setup.ts builds it. Of the
 * checkout of another release, it is the sources.
 */
export function programOf(checkout?: string): string {
  return checkout === undefined ? resolve('dist/ringfence.mjs') : resolve(checkout, 'src/main.ts');
}
