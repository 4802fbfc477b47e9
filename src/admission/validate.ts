import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { isBinding, isWorkloadKind, kindOf, templatePathOf } from '../kubernetes/kinds.ts';
import { own } from '../kubernetes/raw-object.ts';
import { isSubject, readSubject, type Subject, type SubjectKind } from '../policy/subject.ts';
import { validateBinding } from './binding-review.ts';
import { factFinding, type Hint, modeInDoubt, unjudged, unreadable } from './doubt.ts';
import { gatherFacts, surroundingsOf } from './facts.ts';
import { guardBaseline } from './guard.ts';
import { judge } from './judge.ts';
import { validateNamespace } from './namespace-review.ts';
import type { ValidatePorts } from './ports.ts';
import type { AdmissionRequest } from './review.ts';
import { pass, type Verdict } from './verdict.ts';

/**
 * Judges one request. `hint` is what the API server's choice of entry says of the mode. What throws here is a defect: the handler answers it
 * by the mode.
 */
export async function validate(
  request: AdmissionRequest,
  ports: ValidatePorts,
  config: Config,
  hint?: Hint,
): Promise<Verdict> {
  const namespace = request.namespace ?? '';
  const named = { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' } as const;
  if (request.resource.resource !== 'namespaces' && config.exemptNamespaces.includes(namespace)) return pass(named);
  if (isBinding(request.kind)) return validateBinding(request, ports, config, hint);
  const kind = kindOf(request.kind)?.kind;
  if (kind === undefined) return unjudged(request, modeInDoubt(hint, config.mode));
  if (kind === 'NetworkPolicy') {
    const guarded = await guardBaseline(request, ports, config, hint);
    if (guarded !== undefined) return guarded;
  }
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return pass({ ...named, kind });
  if (kind === 'Namespace') return validateNamespace(request, ports, config, hint);
  const ensure = kind === 'Pod' && request.operation === 'CREATE';
  const options = { ensure, dryRun: request.dryRun === true, hint };
  const { choice, wall, ...facts } = await gatherFacts(namespace, options, ports, config);
  const context = {
    operation: request.operation,
    namespace,
    facts: facts.namespace,
    ...(kind === 'NetworkPolicy' ? { surroundings: surroundingsOf(namespace, request.name ?? '', ports.caches) } : {}),
  };
  const read = readSubject(kind, request.object, context);
  if (!isSubject(read)) return unreadable(request, kind, read, choice);
  const before = request.operation === 'UPDATE' ? previous(request, kind, context) : undefined;
  const barred =
    ensure && facts.barred !== undefined ? `whether deny-all-baseline is there: ${facts.barred}` : undefined;
  const extra =
    barred === undefined ? [] : [factFinding('baseline-gate', 'baseline', `not decided: ${barred}`, choice, true)];
  return judge(read, before, choice, config, { extra, ...(wall === undefined ? {} : { wall }) });
}

/**
 * The object as it was, where the update is ratcheted. What an update changes must be right: a changed pod template is judged as new, and of
 * a changed NetworkPolicy only the labels are held against what they were.
 */
function previous(
  request: AdmissionRequest,
  kind: SubjectKind,
  context: Parameters<typeof readSubject>[2],
): Subject | undefined {
  const { object, oldObject } = request;
  if (isWorkloadKind(kind) && differs(template(object, kind), template(oldObject, kind))) return undefined;
  const read = readSubject(kind, oldObject, context);
  if (!isSubject(read)) return undefined;
  const isOpenedAnew = kind === 'NetworkPolicy' && differs(own(object, 'spec'), own(oldObject, 'spec'));
  return isOpenedAnew ? { ...read, networkPolicySpec: {} } : read;
}

function differs(now: unknown, before: unknown): boolean {
  try {
    return !isDeepStrictEqual(now, before);
  } catch {
    // Nested deeper than the stack reaches: what cannot be compared is judged as new.
    return true;
  }
}

function template(object: unknown, kind: SubjectKind): unknown {
  return templatePathOf(kind).reduce(own, object);
}
