import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followDenials } from '../../src/commands/denials.ts';
import { type OpenedPlanner, openPlanner } from '../../src/commands/plan-source.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deniedLine, hubbleLine } from './hubble-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-denials-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'hubble.jsonl');

/** Lines are of 10:00:00 (hubble-line.ts). */
const fencedAt = Date.parse('2026-11-01T10:00:00Z');
const denied = (from: string, to: string, port: number, more: object = {}) => `${deniedLine(from, to, port, more)}\n`;

let opened: OpenedPlanner;
beforeAll(async () => {
  const filename = ['namespaces.yaml', 'workloads.yaml'].map((name) => join('examples', 'three-tiers', name));
  opened = await openPlanner({ filename, peers: 'name' }, readEnvironment({}));
});
beforeEach(() => writeFileSync(file, ''));

const follow = (more: Partial<Parameters<typeof followDenials>[0]> = {}) =>
  followDenials({ files: [file], namespace: 'backend', since: fencedAt, opened, ...more });

describe('denied packets of a trial', () => {
  it('are flows of the plan, with what it had called them, and those that it did not know', async () => {
    const log = await follow();
    appendFileSync(
      file,
      [
        denied('frontend/web-1/web', 'backend/api-1/api', 8080),
        denied('frontend/web-2/web', 'backend/api-1/api', 8080),
        denied('frontend/web-1/web', 'database/store-0/store', 5432),
        denied('backend/api-1/api', 'frontend/web-1/web', 9999),
        // What happens, what is older, and what another namespace denies does not count.
        `${hubbleLine('backend/api-1/api', 'database/store-0/store', 5432)}\n`,
        denied('backend/api-1/api', 'database/store-0/store', 5432, { time: '2026-11-01T09:59:59.9Z' }),
        'no JSON\n',
      ].join(''),
    );
    expect(await log.stop()).toEqual({
      flows: [
        {
          flow: 'backend/deployment/api -> frontend/deployment/web TCP/9999',
          times: 1,
          fate: 'forbidden',
          isPlanned: false,
        },
        { flow: 'frontend/deployment/web -> backend/deployment/api TCP/8080', times: 2, fate: 'cut', isPlanned: true },
      ],
      lines: 7,
      malformed: 1,
      lost: 0,
      beyond: 0,
      troubles: [],
    });
  });

  it('have the names of the log where there is no plan', async () => {
    const log = await follow({ opened: undefined });
    appendFileSync(file, denied('frontend/web-1/web', 'backend/api-1/api', 8080));
    expect((await log.stop()).flows).toEqual([
      { flow: 'frontend/web-1 -> backend/api-1 TCP/8080', times: 1, fate: 'unknown', isPlanned: false },
    ]);
  });
});
