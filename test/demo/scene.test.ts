import { describe, expect, it } from 'vitest';
import type { Answer, Expectation } from './scene.ts';
import { judge, typed } from './scene.ts';

const denial = 'Error from server (Forbidden): admission webhook "pods.ringfence.dev" denied the request: Pod a/b: …';
const refusal: Expectation = { answer: 'refused', says: ['Pod a/b'], shows: '' };
const acceptance: Expectation = { answer: 'accepted', says: ['pod/b created'], shows: '' };

describe('an answer', () => {
  it.each<[string, Partial<Answer>, Expectation, number]>([
    ['accepted, as expected', { stdout: 'pod/b created\n' }, acceptance, 0],
    ['accepted in other words', { stdout: 'pod/b unchanged\n' }, acceptance, 1],
    ['refused against expectation', { exitCode: 1, stderr: denial }, acceptance, 2],
    ['refused, as expected', { exitCode: 1, stderr: denial }, refusal, 0],
    ['refused for another object', { exitCode: 1, stderr: denial.replace('a/b', 'a/c') }, refusal, 1],
    ['refused by RBAC, not by a webhook', { exitCode: 1, stderr: 'Error (Forbidden): Pod a/b: no' }, refusal, 1],
    ['accepted against expectation', { stdout: 'Pod a/b is in\n' }, refusal, 1],
  ])('%s', (_, answer, expected, problems) => {
    expect(judge({ exitCode: 0, stdout: '', stderr: '', ...answer }, expected)).toHaveLength(problems);
  });
});

describe('a command as typed', () => {
  it('names who types, and quotes what a shell would read otherwise', () => {
    const kubectl = ['patch', 'a/b', '-p', `{"it's":[{}]}`];
    expect(typed({ as: 'developer', kubectl, expect: refusal })).toBe(
      `developer$ kubectl patch a/b -p '{"it'\\''s":[{}]}'`,
    );
  });

  it('shows its input as a here-document', () => {
    const step = { as: 'admin', kubectl: ['apply', '-f', '-'], input: 'kind: Pod\n', expect: refusal } as const;
    expect(typed(step)).toBe("admin$ kubectl apply -f - <<'EOF'\nkind: Pod\nEOF");
  });
});
