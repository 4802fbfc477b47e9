import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { isContinuousIntegration } from '../continuous-integration.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { startControlPlane } from './control-plane.ts';
import './global-setup.ts';
import type { SharedControlPlane } from './reuse.ts';
import { startSharedControlPlane } from './reuse.ts';

/** Above the start's own limit of one minute, whose error says more than the hook's. */
const hookMs = 90_000;

/**
 * `describe` with a control plane of its own, started before its tests and stopped after them.
 * Where no binaries can be had, its tests are reported as skipped (global-setup.ts has printed
 * reason and remedy once); with CI=true that is a failure.
 */
export function describeWithControlPlane(
  title: string,
  options: ControlPlaneOptions,
  body: (controlPlane: () => ControlPlane) => void,
): void {
  describeWithBinaries(title, (binaries) => {
    let controlPlane: ControlPlane | undefined;
    beforeAll(async () => {
      controlPlane = await startControlPlane({ binaries, ...options });
    }, hookMs);
    afterAll(async () => controlPlane?.stop(), hookMs);
    body(() => {
      if (controlPlane === undefined) throw new Error('the control plane runs within tests and hooks only');
      return controlPlane;
    });
  });
}

/**
 * What most files need. With the ServiceAccount plugin on, a Pod waits for its service account,
 * which hides the races that tests look for. The users have no right but those that a test gives to
 * them.
 */
const everyday: ControlPlaneOptions = {
  users: [
    { name: 'dev', groups: ['developers'] },
    { name: 'ops', groups: ['developers'] },
    { name: 'keeper' },
    { name: 'guest' },
  ],
  disableAdmissionPlugins: ['ServiceAccount'],
};
/**
 * Of this worker, which runs one file at a time (`isolate: false`), and ends it by ending itself.
 */
let kept: Promise<SharedControlPlane> | undefined;

/**
 * `describe` with the everyday control plane, which the files of a worker share: with an audit log,
 * nobody's rights, and an empty store. For a test that stops the API server, or reads the counts
 * that it keeps, it is not.
 */
export function describeWithSharedControlPlane(title: string, body: (controlPlane: () => ControlPlane) => void): void {
  describeWithBinaries(title, (binaries) => {
    let controlPlane: ControlPlane | undefined;
    beforeAll(async () => {
      kept ??= startSharedControlPlane({ binaries, ...everyday }).catch((error: unknown) => {
        kept = undefined;
        throw error;
      });
      controlPlane = (await kept).lend();
    }, hookMs);
    afterAll(async () => {
      controlPlane = undefined;
      await forget();
    }, hookMs);
    body(() => {
      if (controlPlane === undefined) throw new Error('the control plane runs within tests and hooks only');
      return controlPlane;
    });
  });
}

/** A control plane that cannot be brought back to its beginning is not used again. */
async function forget(): Promise<void> {
  const shared = await kept;
  await shared?.reset().catch(async (error: unknown) => {
    kept = undefined;
    await shared.stop();
    process.stderr.write(`a control plane was not used again: ${String(error)}\n`);
  });
}

/**
 * The same for tests that start control planes themselves: `binaries` is what `startControlPlane`
 * takes.
 */
export function describeWithBinaries(title: string, body: (binaries: string) => void): void {
  const found = inject('controlPlaneBinaries');
  if (found === undefined)
    throw new Error('vitest.config.ts must name test/control-plane/global-setup.ts as globalSetup');
  if (found.ok) {
    describe(title, () => body(found.folder));
  } else if (isContinuousIntegration()) {
    describe(title, () => {
      it('has a control plane to run on', () => {
        throw new Error(`${found.reason}. Remedy: ${found.remedy}`);
      });
    });
  } else {
    describe.skip(title, () => body(''));
  }
}
