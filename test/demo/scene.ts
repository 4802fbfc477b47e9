// The parts of a demo: commands as a person types them, and their expected answers. Types and their
// judgement, without I/O.

/**
 * The person who types. The developer has plain RBAC rights. The administrator installs and grants.
 */
export type Actor = 'developer' | 'admin';

export interface Scene {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** One kubectl command. */
export interface Step {
  readonly as: Actor;
  /** The arguments of `kubectl`. Paths are relative to the repository. */
  readonly kubectl: readonly string[];
  /** The input for `-f -`, which is printed as a here-document. */
  readonly input?: string;
  /**
   * Whether to repeat the command until the answer is expected, because others (controllers,
   * reconcilers) act in their own time.
   */
  readonly settles?: true;
  readonly expect: Expectation;
}

export interface Expectation {
  /** `refused` means by a webhook. A refusal by RBAC or by validation is an unexpected answer. */
  readonly answer: 'accepted' | 'refused';
  /** Texts that the output must contain. */
  readonly says: readonly string[];
  /** What the answer shows, in a sentence. */
  readonly shows: string;
}

/** The answer of kubectl. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns what is not as expected, in phrases; empty if everything is. */
export function judge(answer: Answer, expected: Expectation): readonly string[] {
  const text = `${answer.stdout}\n${answer.stderr}`;
  const accepted = answer.exitCode === 0;
  const problems: string[] = [];
  if (expected.answer === 'accepted' && !accepted) problems.push(`to be accepted, and it failed (${answer.exitCode})`);
  if (expected.answer === 'refused' && accepted) problems.push('to be refused, and it was accepted');
  if (expected.answer === 'refused' && !accepted && !/admission webhook "\S+" denied the request/.test(text)) {
    problems.push('to be refused by an admission webhook, and something else failed');
  }
  for (const words of expected.says) if (!text.includes(words)) problems.push(`to read: ${words}`);
  return problems;
}

/** Returns the command with a prompt that names the user, and its input as a here-document. */
export function typed(step: Step): string {
  const command = `${step.as}$ kubectl ${step.kubectl.map(quote).join(' ')}`;
  return step.input === undefined ? command : `${command} <<'EOF'\n${step.input.trimEnd()}\nEOF`;
}

function quote(word: string): string {
  // These characters have no meaning in a POSIX shell, so the word needs no quotes.
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
