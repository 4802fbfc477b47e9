import { apiCode } from '../retry/answer.ts';
import type { DenialGround, Denials, DeniedFlow } from './denials.ts';
import type { FencingPorts, Intent, Step } from './ports.ts';

/**
 * - `unchanged`: there was nothing to do.
 * - `refused`: a rule, a missing right, a webhook or the person said no.
 * - `ended`: a trial was not confirmed, and the fence was taken back.
 * - `failed`: the command could not begin, or could not finish.
 */
export type Outcome = 'done' | 'unchanged' | 'refused' | 'ended' | 'failed';

/** The result of a command. `-o json` prints this object. */
export interface Report {
  readonly command: 'fence' | 'unfence' | 'uninstall';
  readonly namespace: string;
  readonly outcome: Outcome;
  /** Whether the steps are only planned. */
  readonly dryRun: boolean;
  readonly steps: readonly Step[];
  /** The reason, and what to do next. A message may have several lines. */
  readonly messages: readonly string[];
  /** Manifests of the objects that the baseline replaced or was about to; absent without any. */
  readonly replaced?: readonly object[];
  /** Flows of which the plan does not know whether the fence cuts them; absent without any. */
  readonly undecided?: readonly string[];
  /** What flow logs showed as denied during a trial; absent where none were followed. */
  readonly denied?: readonly DeniedFlow[];
  /** What those flow logs had, and what may be missing from `denied`. */
  readonly flowLogs?: DenialGround;
}

/** Ends a command early. The message says what to do next, unless the same command continues. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly outcome: Exclude<Outcome, 'done'>;
  /** Whether the same command, run again, continues the work. */
  readonly isResumable: boolean;

  constructor(
    outcome: Exclude<Outcome, 'done'>,
    message: string,
    { isResumable = false }: { readonly isResumable?: boolean } = {},
  ) {
    super(message);
    this.outcome = outcome;
    this.isResumable = isResumable;
  }
}

/**
 * Records the steps of a command when they are done, so that a command that fails can still report
 * them.
 */
export interface Journal {
  readonly steps: readonly Step[];
  /** Records a step. A later step on the same object replaces an earlier one. */
  write(step: Step): void;
  /** Records manifests of objects that are about to be replaced. */
  keep(objects: readonly object[]): void;
  /** Records flows whose fate is not decided. */
  doubt(flows: readonly string[]): void;
  /** Records what was denied during a trial. */
  deny(denials: Denials): void;
}

/**
 * Runs a command and returns its report. An error that is neither a {@link Stop} nor an error of
 * the API server is thrown.
 */
export async function report(
  head: Pick<Report, 'command' | 'namespace' | 'dryRun'>,
  work: (journal: Journal) => Promise<Pick<Report, 'messages'> & { readonly outcome?: Outcome }>,
): Promise<Report> {
  const steps = new Map<string, Step>();
  const kept: object[] = [];
  const doubted: string[] = [];
  let denials: Pick<Report, 'denied' | 'flowLogs'> = {};
  const journal: Journal = {
    get steps() {
      return [...steps.values()];
    },
    write(step) {
      const key = [step.kind, step.namespace, step.name].join(' ');
      // `leave` says less than `release`, so it does not replace it.
      if (step.action !== 'leave' || steps.get(key)?.action !== 'release') steps.set(key, step);
    },
    keep(objects) {
      for (const object of objects) kept.push(object);
    },
    doubt(flows) {
      doubted.push(...flows);
    },
    deny({ flows, ...flowLogs }) {
      denials = { denied: flows, flowLogs };
    },
  };
  const details = () => ({
    ...(kept.length === 0 ? {} : { replaced: kept }),
    ...(doubted.length === 0 ? {} : { undecided: doubted }),
    ...denials,
  });
  try {
    const { outcome = 'done', messages } = await work(journal);
    return { ...head, outcome, steps: journal.steps, messages, ...details() };
  } catch (error) {
    const isResumable = !(error instanceof Stop) || error.isResumable;
    const isCut = !head.dryRun && journal.steps.length > 0 && isResumable;
    const after = isCut ? ['The listed steps are done. Run the same command again to continue.'] : [];
    return {
      ...head,
      outcome: outcomeOf(error),
      steps: journal.steps,
      messages: [said(error), ...after],
      ...details(),
    };
  }
}

/** Asks the person to confirm. Throws {@link Stop} if the person does not agree. */
export async function ask(ports: Pick<FencingPorts, 'confirm'>, intent: Intent): Promise<void> {
  if (!(await ports.confirm(intent))) throw new Stop('refused', 'nothing was changed');
}

/** Returns the exit code: 0 done or nothing to do, 1 refused or taken back, 2 failed. */
export function exitCodeOf({ outcome }: Report): 0 | 1 | 2 {
  switch (outcome) {
    case 'done':
    case 'unchanged':
      return 0;
    case 'refused':
    case 'ended':
      return 1;
    case 'failed':
      return 2;
  }
}

/**
 * Whether the API server or one of its webhooks refused the request: 403 Forbidden, 422 Invalid
 * (policies), 400 (some webhooks).
 */
export function isRefusal(error: unknown): boolean {
  const code = apiCode(error);
  return code === 403 || code === 422 || code === 400;
}

/**
 * Whether the same call may succeed soon: no answer, a conflict, too many requests, or an error of
 * the server.
 */
export function isPassing(error: unknown): boolean {
  const code = apiCode(error);
  return code === 0 || code === 409 || code === 429 || (code !== undefined && code >= 500);
}

/**
 * Whether the call may have been carried out although it failed: there was no answer, or an error
 * of the server.
 */
export function mayBeDone(error: unknown): boolean {
  const code = apiCode(error);
  return code === 0 || (code !== undefined && code >= 500);
}

/** Returns the error for a person: the API server's own message if there is one. */
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
