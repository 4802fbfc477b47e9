import { RE2JS } from 're2js';
import type { ValuePattern } from '../policy/taxonomy.ts';

/**
 * Compiles a taxonomy pattern in RE2 syntax, matched in time linear to the value whatever the
 * expression: a backtracking engine would let one careless pattern stop every admission, and no
 * heuristic finds all of those. Returns what is wrong with the expression, as a clause, where it
 * does not compile.
 */
export function compilePattern(source: string): ValuePattern | { readonly wrong: string } {
  try {
    const expression = RE2JS.compile(source);
    // The whole value must match: an unanchored `prod` would let `notprod` in.
    return { source, test: (value) => expression.testExact(value) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { wrong: message.replace(/^error parsing regexp: /, '') };
  }
}
