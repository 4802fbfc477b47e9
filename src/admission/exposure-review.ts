import type { Config } from '../config/config.ts';
import type { ExposingKind } from '../kubernetes/exposing-kinds.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { Finding, Violation } from '../policy/check.ts';
import { act, canDeny, outcomeOf, stoodBefore } from '../policy/evaluate.ts';
import { explainFindings, explainWarnings } from '../policy/explain.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import type { ModeChoice } from '../policy/mode.ts';
import type { Hint } from './doubt.ts';
import { findUnexpected } from './exposed-pods.ts';
import { type ExposureWorld, readExposureWorld } from './exposure-world.ts';
import { gatherFacts } from './facts.ts';
import type { Change } from './object-review.ts';
import type { ValidatePorts } from './ports.ts';
import { pass, type Verdict } from './verdict.ts';

/**
 * Judges what lets the outside in, by the Pods and workloads that it leads to now. Nobody judges
 * those that come later; `check` sees both. What the object led to before an update only warns.
 */
export async function validateExposure(
  { kind }: ExposingKind,
  request: Change,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const { namespace = '', object, oldObject, operation } = request;
  const subject = { kind, namespace, name: nameOf(request) };
  if (!canDeny(exposedUnexpected, config)) return pass(subject);
  const options = { ensure: false, dryRun: request.dryRun === true, hint };
  const { namespace: facts, choice } = await gatherFacts(namespace, options, ports, config);
  const before = operation === 'UPDATE' ? [oldObject] : [];
  const labels = facts.known ? facts.labels : undefined;
  let findings: readonly Finding[];
  try {
    const world = await readExposureWorld([object, ...before], namespace, labels, ports.exposure);
    const unexpectedIn = (one: unknown) => violationsOf(one, namespace, world, config);
    findings = findingsOf(unexpectedIn(object), before.flatMap(unexpectedIn), choice, config);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no answer';
    const reason = `not decided: where it leads the outside: ${why}`;
    const doubt = { field: 'spec', subject: 'spec', found: undefined, reason, undecided: true } as const;
    findings = findingsOf([doubt], [], choice, config);
  }
  if (findings.length === 0) return pass(subject, { choice });
  const outcome = outcomeOf(findings);
  return {
    outcome,
    findings,
    subject,
    choice,
    warnings: explainWarnings(subject, findings),
    ...(outcome === 'denied' ? { message: explainFindings(subject, findings, exposedUnexpected.remedy) } : {}),
  };
}

function violationsOf(
  object: unknown,
  namespace: string,
  { exposures, podsOf }: ExposureWorld,
  config: Config,
): readonly Violation[] {
  const exposure = exposures.of(object, namespace);
  return exposure === undefined ? [] : findUnexpected(exposure, podsOf, config);
}

function findingsOf(
  violations: readonly Violation[],
  standing: readonly Violation[],
  choice: ModeChoice,
  config: Config,
): readonly Finding[] {
  return violations.map((violation) => {
    const isStanding = standing.some((old) => stoodBefore(violation, old));
    return {
      ...violation,
      check: exposedUnexpected.id,
      ...act(exposedUnexpected, violation, choice, isStanding, config),
    };
  });
}

/** Returns the name of the object, or `generateName` with `*` if the API server makes the name. */
function nameOf({ name, object }: Change): string {
  const generated = textAt(object, 'metadata', 'generateName');
  return textAt(object, 'metadata', 'name') ?? (name || (generated === undefined ? '' : `${generated}*`));
}
