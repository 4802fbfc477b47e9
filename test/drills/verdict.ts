// The assertions about an ordeal, and its line in the record.
import { expect } from 'vitest';
import type { Fault } from './fault-proxy.ts';
import type { Ordeal } from './ordeal.ts';
import { record } from './record.ts';

/**
 * Judges an ordeal. `promisedMs` is the time from the end of the fault until readiness, every
 * baseline, and successful right writes.
 */
export function judge(fault: Fault, ordeal: Ordeal, promisedMs: number): void {
  const { idle, busy, recovery, doubted, harmed } = ordeal;
  const recoveryMs = Math.max(...Object.values(recovery));
  const perSecond = (rate: { calls: number; allowed: number }): string =>
    `${rate.calls.toFixed(0)} of at most ${rate.allowed.toFixed(0)}`;
  record({
    part: 'a faulty API server',
    drill: fault.name,
    writes: ordeal.writes,
    failed: ordeal.failed.length,
    wrong: ordeal.admitted.length + ordeal.preceding.length,
    recoveryMs,
    remark:
      `${doubted.length} right writes refused for doubt meanwhile, ${ordeal.misdeeds} wrong ones refused; ` +
      `${harmed} calls came to harm; calls a second: ${perSecond(idle)} while nobody wrote, ${perSecond(busy)} while all did`,
  });
  expect(harmed, 'calls that came to harm').toBeGreaterThan(0);
  expect(ordeal.admitted, 'wrong writes that were admitted').toEqual([]);
  expect(ordeal.preceding, 'Pods before their baseline').toEqual([]);
  expect(ordeal.unfenced, 'namespaces without a baseline').toEqual([]);
  expect(ordeal.misled, 'namespaces whose baseline its caches take for untrue').toBe(0);
  // The first few are enough, because there may be hundreds.
  expect(ordeal.failed.slice(0, 3), 'right writes that failed').toEqual([]);
  expect(ordeal.misdeeds, 'wrong writes').toBeGreaterThan(0);
  expect(idle.calls, 'calls a second while nobody wrote').toBeLessThanOrEqual(idle.allowed);
  expect(busy.calls, 'calls a second while all wrote').toBeLessThanOrEqual(busy.allowed);
  expect(recoveryMs, 'milliseconds until all was as before').toBeLessThan(promisedMs);
}
