import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { startControlPlane } from './control-plane.ts';
import './global-setup.ts';

/** Above the start's own limit of one minute, whose error says more than the hook's. */
const hookMs = 90_000;

/**
 * `describe` with a control plane of its own, started before its tests and stopped after them. Where no binaries can be
 * had, its tests are reported as skipped (global-setup.ts has printed reason and remedy once); with CI=true that is a failure.
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

/** The same for tests that start control planes themselves: `binaries` is what `startControlPlane` takes. */
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

function isContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '');
}
