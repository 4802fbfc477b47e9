import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel } from '../../src/telemetry/log.ts';

function capture(level: LogLevel) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level, destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  return { log, lines };
}

describe('createLog', () => {
  it('writes a level in words, an ISO time, the keys and the message, and nothing else', () => {
    const { log, lines } = capture('info');
    log.info({ namespace: 'shop' }, 'baseline repaired');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
        namespace: 'shop',
        msg: 'baseline repaired',
      },
    ]);
  });

  it('writes nothing below its level', () => {
    const { log, lines } = capture('warn');
    log.info('not this');
    log.warn('this');
    expect(lines.map(({ msg }) => msg)).toEqual(['this']);
  });

  it('tells of an error what helps, and not what an HTTP client hangs on it', () => {
    const { log, lines } = capture('info');
    const error = Object.assign(new Error('conflict', { cause: new Error('below') }), {
      code: 409,
      reason: 'Conflict',
      headers: { authorization: 'Bearer secret' },
      body: { data: 'secret' },
    });
    log.error({ err: error }, 'write failed');
    expect(lines[0]?.['err']).toEqual({
      type: 'Error',
      message: 'conflict',
      code: 409,
      reason: 'Conflict',
      cause: 'below',
      stack: expect.stringContaining('conflict'),
    });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('takes what was thrown and is no error', () => {
    const { log, lines } = capture('info');
    log.error({ err: 'a text' }, 'write failed');
    expect(lines[0]?.['err']).toEqual({ message: 'a text' });
  });
});
