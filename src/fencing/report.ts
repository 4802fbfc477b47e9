import { apiCode } from '../retry/answer.ts';
import type { FencingPorts, Intent, Step } from './ports.ts';

/**
 * `unchanged`: it was so already; `refused`: by a rule, a right, a webhook or the person; `failed`:
 * it could not be done, or not to its end.
 */
export type Outcome = 'done' | 'unchanged' | 'refused' | 'failed';

/** What became of a command; `-o json` prints it as it is. */
export interface Report {
  readonly command: 'fence' | 'unfence' | 'uninstall';
  readonly namespace: string;
  readonly outcome: Outcome;
  /** With it, the steps are what would be done. */
  readonly dryRun: boolean;
  readonly steps: readonly Step[];
  /** Why, and what to do now: the first line of each may be followed by more. */
  readonly messages: readonly string[];
  /** What the baseline replaced, or was about to, as files have it. Absent where it is nothing. */
  readonly replaced?: readonly object[];
}

/** Ends a command early. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly outcome: Exclude<Outcome, 'done'>;

  constructor(outcome: Exclude<Outcome, 'done'>, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/**
 * Where the steps of a command are written down as they are made: what was done is told also where
 * the rest could not be.
 */
export interface Journal {
  readonly steps: readonly Step[];
  /** The last word on each object. */
  write(step: Step): void;
  /** Objects that are about to be replaced, as files have them. */
  keep(objects: readonly object[]): void;
}

/** Runs a command to its report. The one place of this room that catches. */
export async function report(
  head: Pick<Report, 'command' | 'namespace' | 'dryRun'>,
  work: (journal: Journal) => Promise<Pick<Report, 'messages'> & { readonly outcome?: Outcome }>,
): Promise<Report> {
  const steps = new Map<string, Step>();
  const kept: object[] = [];
  const journal: Journal = {
    get steps() {
      return [...steps.values()];
    },
    write(step) {
      const key = [step.kind, step.namespace, step.name].join(' ');
      // What was released stays, which says less.
      if (step.action !== 'leave' || steps.get(key)?.action !== 'release') steps.set(key, step);
    },
    keep: (objects) => void kept.push(...objects),
  };
  const replaced = () => (kept.length === 0 ? {} : { replaced: kept });
  try {
    const { outcome = 'done', messages } = await work(journal);
    return { ...head, outcome, steps: journal.steps, messages, ...replaced() };
  } catch (error) {
    const isCut = !head.dryRun && journal.steps.length > 0;
    const after = isCut ? ['The listed steps are done. Run the same command again to continue.'] : [];
    return {
      ...head,
      outcome: outcomeOf(error),
      steps: journal.steps,
      messages: [said(error), ...after],
      ...replaced(),
    };
  }
}

/** Asks; a no ends the command. */
export async function ask(ports: Pick<FencingPorts, 'confirm'>, intent: Intent): Promise<void> {
  if (!(await ports.confirm(intent))) throw new Stop('refused', 'nothing was changed');
}

/** 0 clean, 1 refused, 2 could not be done. */
export function exitCodeOf({ outcome }: Report): 0 | 1 | 2 {
  switch (outcome) {
    case 'done':
    case 'unchanged':
      return 0;
    case 'refused':
      return 1;
    case 'failed':
      return 2;
  }
}

/**
 * Whether the API server, or one of its webhooks, said no: 403 Forbidden, 422 Invalid (policies),
 * 400 (some webhooks).
 */
export function isRefusal(error: unknown): boolean {
  const code = apiCode(error);
  return code === 403 || code === 422 || code === 400;
}

/**
 * Whether the same call may well succeed in a moment: no answer, a conflict, too many requests, or
 * an error of the server's.
 */
export function isPassing(error: unknown): boolean {
  const code = apiCode(error);
  return code === 0 || code === 409 || code === 429 || (code !== undefined && code >= 500);
}

/** What went wrong, for a person: the API server's own words, whole, where there are some. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = 'statusMessage' in error ? error.statusMessage : '';
  return typeof words === 'string' && words !== '' ? words : error.message;
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Stop) return error.outcome;
  if (apiCode(error) === undefined) throw error;
  return isRefusal(error) ? 'refused' : 'failed';
}
