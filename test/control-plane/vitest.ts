import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { isContinuousIntegration } from '../continuous-integration.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { startControlPlane } from './control-plane.ts';
import './global-setup.ts';
import type { SharedControlPlane } from './reuse.ts';
import { startSharedControlPlane } from './reuse.ts';
import { everybody } from './users.ts';

/** Longer than the own limit of the start, whose error is more helpful than the hook's. */
const hookMs = 90_000;

/**
 * `describe` with its own control plane, which starts before its tests and stops after them.
 * Without binaries, the tests are skipped (global-setup.ts has printed the reason and the remedy
 * once); with CI=true they fail.
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
 * The options that most files need. With the ServiceAccount plugin, a Pod waits for its service
 * account, which would hide the races that tests look for.
 */
const everyday: ControlPlaneOptions = {
  users: everybody,
  disableAdmissionPlugins: ['ServiceAccount'],
};
/**
 * The control plane of this worker, which runs one file at a time (`isolate: false`) and then ends.
 */
let kept: Promise<SharedControlPlane> | undefined;

/**
 * `describe` with the everyday control plane, which the files of a worker share. It has an audit
 * log, no rights for anyone and an empty store. Do not use it for a test that stops the API server
 * or reads its counters.
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

/** Discards a control plane that cannot be reset. */
async function forget(): Promise<void> {
  const shared = await kept;
  await shared?.reset().catch(async (error: unknown) => {
    kept = undefined;
    await shared.stop();
    process.stderr.write(`a control plane was not used again: ${String(error)}\n`);
  });
}

/**
 * The same for tests that start control planes themselves. `binaries` is the option of
 * `startControlPlane`.
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
