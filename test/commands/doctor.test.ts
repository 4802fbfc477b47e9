import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../../src/commands/person.ts';
import { openStage, type Stage } from './stage.ts';

let api: Stage['api'];
let run: Stage['run'];
const image = '--probe-image=node:24-alpine';
const says = (answer: boolean): Person => ({ hasTerminal: () => true, ask: async () => answer });
const probes = () => api.paths().filter((path) => path.includes('ringfence-probe'));

beforeEach(async () => {
  ({ api, run } = await openStage());
});
afterEach(() => vi.restoreAllMocks());

describe('ringfence doctor', () => {
  it('could not run where the API server does not answer: exit 2', async () => {
    // The double knows no /version, and ends the connection.
    const { code, stdout, stderr } = await run(['doctor']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('GET /version');
  });

  it('could not run where the file of --config cannot be read: exit 2', async () => {
    const { code, stderr } = await run(['doctor', '--config', '/nowhere.yaml']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('/nowhere.yaml')]);
  });
});

describe('ringfence doctor --probe', () => {
  it('without a terminal and without --yes asks no API server either: exit 2', async () => {
    const { code, stderr } = await run(['doctor', '--probe', 'shop']);
    expect([code, stderr]).toEqual([2, 'there is no terminal for the question; use --yes\n']);
    expect(api.calls).toEqual([]);
  });

  it('shows what it will do, asks, and takes a no for a no: exit 2', async () => {
    const { code, stdout, stderr } = await run(['doctor', '--probe', 'shop', image], says(false));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^To probe namespace shop:\n {2}create {2}Pod shop\/ringfence-probe-listener-\w{8}: image node:24-alpine\n(?:.*\n)+nothing was changed\n$/,
    );
    expect(probes()).toEqual([]);
  });

  it('names the rights that are missing before it begins', async () => {
    api.world.denied = ({ verb, resource }) => verb === 'delete' && resource === 'pods';
    const { code, stderr } = await run(['doctor', '--probe', 'shop', '--yes', image]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('  delete pods in namespace shop')]);
    expect(probes()).toEqual([]);
  });

  it('needs an image, which the installed Ringfence has', async () => {
    const { code, stderr } = await run(['doctor', '--probe', 'shop', '--yes']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('name one with Node: --probe-image')]);
  });

  it('of a namespace that does not exist says so', async () => {
    const { code, stderr } = await run(['doctor', '--probe', 'none', '--yes', image]);
    expect([code, stderr]).toEqual([2, 'there is no namespace none\n']);
  });

  it('whose Pods do not run is undecided, and leaves nothing: exit 2', async () => {
    const { code, stdout } = await run(['doctor', '--probe', 'shop', '--yes', image, '--timeout', '0', '-o', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      2,
      {
        counts: { finding: 0, undecided: 1, note: 0, clean: 0 },
        lines: [expect.objectContaining({ examination: 'probe', status: 'undecided' })],
      },
    ]);
    expect(api.writes().map((call) => call.split(' ')[0])).toEqual(['POST', 'POST', 'DELETE', 'DELETE']);
    expect(probes()).toEqual([]);
  });

  it('says what it leaves where it cannot delete: exit 2', async () => {
    api.world.before = (call) => {
      if (call.startsWith('DELETE pods')) throw new Error('away');
    };
    const { code, stderr } = await run(['doctor', '--probe', 'shop', '--yes', image, '--timeout', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/ringfence: not deleted: Pod shop\/ringfence-probe-listener-/);
    expect(stderr).toMatch(
      /Delete them yourself: kubectl delete pod,networkpolicy -n shop -l ringfence\.dev\/probe=\w{8}\n/,
    );
  });
});
