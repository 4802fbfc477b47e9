import { RE2JS } from 're2js';
import type { ValuePattern } from '../policy/taxonomy.ts';

/**
 * Compiles a pattern in RE2 syntax. RE2 matches in time linear to the value. With a backtracking
 * engine, one careless pattern could stop every admission, and no heuristic finds all of those.
 * Returns what is wrong with the expression, as a clause, if it does not compile.
 */
export function compilePattern(source: string): ValuePattern | { readonly wrong: string } {
  try {
    const expression = RE2JS.compile(source);
    // The whole value must match, otherwise `prod` would also allow `notprod`.
    return { source, test: (value) => expression.testExact(value) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { wrong: message.replace(/^error parsing regexp: /, '') };
  }
}
