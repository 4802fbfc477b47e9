import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { validateNamespace } from '../../src/admission/namespace-review.ts';
import { modeLabel } from '../../src/policy/mode.ts';
import { fenced, namespace, request, setUp } from './scene.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Raises a namespace to enforce and changes its tier, with ports that take their time. */
async function raise(takes: { readonly question: number; readonly list: number; readonly turn: number }) {
  const { ports, config } = setUp('warn');
  const slow: typeof ports = {
    ...ports,
    async isAllowed() {
      await pause(takes.question);
      return true;
    },
    residents: {
      async list() {
        await pause(takes.list);
        return { objects: [], isWhole: true };
      },
    },
    turns: {
      async take() {
        await pause(takes.turn);
        return undefined;
      },
    },
  };
  const changed = request('Namespace', namespace({ ...fenced, tier: 'web', [modeLabel]: 'enforce' }), {
    name: 'shop',
    operation: 'UPDATE',
    oldObject: namespace(fenced),
  });
  const begun = performance.now();
  const answered = validateNamespace(changed, slow, config, undefined).then(({ outcome, warnings }) => ({
    outcome,
    warnings,
    afterMs: performance.now() - begun,
  }));
  await vi.advanceTimersByTimeAsync(20_000);
  return await answered;
}

it('a change is answered before the API server gives up, and says that nothing was counted', async () => {
  const { outcome, warnings, afterMs } = await raise({ question: 1_900, list: 2_000, turn: 3_000 });
  expect(outcome).toBe('allowed');
  expect(warnings).toEqual([
    'Namespace shop: whether objects here would be refused is not known: counting them took longer than 2100 ms',
  ]);
  expect(afterMs).toBeLessThan(4_500);
});

it('a change whose count is slow, and still in time, says what is known of it', async () => {
  const { warnings, afterMs } = await raise({ question: 100, list: 1_900, turn: 1_900 });
  expect(warnings).toContain(
    'Namespace shop: whether pods here would be refused is not known: too many are being judged',
  );
  expect(afterMs).toBe(3_900);
});
