import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { createSettings } from '../../src/config/settings.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';

const leadMs = 10_000;

function at(mode: Mode, version: string): Config {
  return { ...defaultConfig({ version, ownNamespace: 'ringfence-system' }), mode };
}

/** Settings that begin in a mode at version 1, and the versions that were told to judge since. */
function begin(mode: Mode) {
  const told: string[] = [];
  const settings = createSettings(at(mode, '1'), leadMs, ({ version }) => told.push(version));
  const now = () => ({ judging: settings.judging().version, marking: settings.marking().version });
  return { ...settings, told, now };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the settings', () => {
  it('begin with one configuration for both, and tell nobody of it', () => {
    const { now, told } = begin('enforce');
    expect(now()).toEqual({ judging: '1', marking: '1' });
    expect(told).toEqual([]);
  });

  it.each(
    modes
      .flatMap((from) => modes.map((to) => [from, to] as const))
      .filter(([from, to]) => from === 'enforce' || to !== 'enforce'),
  )('from %s to %s change at once', (from, to) => {
    const { change, now, told } = begin(from);
    change(at(to, '2'));
    expect(now()).toEqual({ judging: '2', marking: '2' });
    expect(told).toEqual(['2']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(['observe', 'warn'] as const)('from %s to enforce mark at once, and judge when the lead is over', (from) => {
    const { change, now, told } = begin(from);
    change(at('enforce', '2'));
    vi.advanceTimersByTime(leadMs - 1);
    expect(now()).toEqual({ judging: '1', marking: '2' });
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(now()).toEqual({ judging: '2', marking: '2' });
    expect(told).toEqual(['2']);
  });

  it('drop a step that is under way for what is milder: the last word holds at once', () => {
    const { change, now, told } = begin('observe');
    change(at('enforce', '2'));
    vi.advanceTimersByTime(leadMs / 2);
    change(at('warn', '3'));
    expect(now()).toEqual({ judging: '3', marking: '3' });
    vi.advanceTimersByTime(10 * leadMs);
    expect(now()).toEqual({ judging: '3', marking: '3' });
    expect(told).toEqual(['3']);
  });

  it('begin the lead again where another word to enforce comes: every replica gets its time', () => {
    const { change, now, told } = begin('observe');
    change(at('enforce', '2'));
    vi.advanceTimersByTime(leadMs - 1);
    change(at('enforce', '3'));
    expect(now()).toEqual({ judging: '1', marking: '3' });
    vi.advanceTimersByTime(leadMs - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['3']);
    expect(now()).toEqual({ judging: '3', marking: '3' });
  });

  it('stand by the last word after fifty', () => {
    const { change, now, told } = begin('enforce');
    for (let word = 2; word <= 51; word += 1) {
      change(at(word % 2 === 0 ? 'observe' : 'enforce', String(word)));
      vi.advanceTimersByTime(leadMs / 10);
    }
    vi.advanceTimersByTime(10 * leadMs);
    expect(now()).toEqual({ judging: '51', marking: '51' });
    // No word to enforce had its lead but the last; every other one held at once.
    expect(told).toEqual([...Array.from({ length: 25 }, (_, index) => String(2 * index + 2)), '51']);
  });

  it('that are stopped take no step more', () => {
    const { change, stop, told, now } = begin('warn');
    change(at('enforce', '2'));
    stop();
    vi.advanceTimersByTime(10 * leadMs);
    expect(told).toEqual([]);
    expect(now().judging).toBe('1');
    expect(vi.getTimerCount()).toBe(0);
  });
});
