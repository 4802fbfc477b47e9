// What a demo is made of: commands as a person types them, and the answer that each is expected to
// get. Types and their judgement, no I/O.

/** Who types. The developer has plain RBAC; the administrator installs, and grants. */
export type Actor = 'developer' | 'admin';

export interface Scene {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** One kubectl command. */
export interface Step {
  readonly as: Actor;
  /** What follows `kubectl`; paths are relative to the repository. */
  readonly kubectl: readonly string[];
  /** For `-f -`; shown as a here-document. */
  readonly input?: string;
  /**
   * Asked again until the answer is as expected: for what others (controllers, reconcilers) do in
   * their own time.
   */
  readonly settles?: true;
  readonly expect: Expectation;
}

export interface Expectation {
  /**
   * `refused` is by a webhook: a refusal by RBAC or by validation is an unexpected answer like any
   * other.
   */
  readonly answer: 'accepted' | 'refused';
  /** Every one of these is in what came back. */
  readonly says: readonly string[];
  /** In a sentence, what the answer shows. */
  readonly shows: string;
}

/** What came back from kubectl. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is not as expected, in phrases; empty where all is. */
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

/** The command as it is typed at a prompt that names the user, its input as a here-document. */
export function typed(step: Step): string {
  const command = `${step.as}$ kubectl ${step.kubectl.map(quote).join(' ')}`;
  return step.input === undefined ? command : `${command} <<'EOF'\n${step.input.trimEnd()}\nEOF`;
}

function quote(word: string): string {
  // What no POSIX shell reads as anything but itself stays bare.
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
