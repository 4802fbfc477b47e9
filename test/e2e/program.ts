import { resolve } from 'node:path';

/**
 * The program that end-to-end tests run: the bundle, as it is shipped, which starts in a third of the processor time that
 * the sources need. test/control-plane/global-setup.ts builds it. Of another release's checkout, the sources.
 */
export function programOf(checkout?: string): string {
  return checkout === undefined ? resolve('dist/ringfence.mjs') : resolve(checkout, 'src/main.ts');
}
