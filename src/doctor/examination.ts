import type { FactName, Facts, FactValues } from './facts.ts';
import { type Answer, type Line, undecided } from './line.ts';

/** Answers one question about the cluster from facts. It reads nothing itself. */
export interface Examination {
  readonly id: string;
  /** The question, for people. */
  readonly question: string;
  /** When the answer is a finding: a clause for the documentation. */
  readonly finding: string;
  /** The facts without which it cannot answer. */
  readonly needs: readonly FactName[];
  readonly run: (facts: Facts) => readonly Line[];
}

interface Question<Name extends FactName> extends Pick<Examination, 'id' | 'question' | 'finding'> {
  readonly needs: readonly Name[];
  /** Called with the facts that it needs. Others may be unread, and are in `facts`. */
  readonly answer: (known: Pick<FactValues, Name>, facts: Facts) => readonly Answer[];
}

/**
 * An examination that answers *not decided* by itself for each fact that it needs and that could
 * not be read.
 */
export function examination<Name extends FactName>({ needs, answer, ...question }: Question<Name>): Examination {
  const run = (facts: Facts): readonly Answer[] => {
    const known: Partial<Record<FactName, unknown>> = {};
    const missing: Answer[] = [];
    for (const name of needs) {
      const reading = facts[name];
      if ('value' in reading) known[name] = reading.value;
      else missing.push(undecided(question.question, reading.problem, reading.remedy));
    }
    return missing.length > 0 ? missing : answer(known as Pick<FactValues, Name>, facts);
  };
  return { ...question, needs, run: (facts) => run(facts).map((line) => ({ examination: question.id, ...line })) };
}
