import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { exposingKindOf } from '../kubernetes/exposing-kinds.ts';
import { isBinding, kindOf } from '../kubernetes/kinds.ts';
import { openingKindOf } from '../kubernetes/other-policies.ts';
import { findByResource } from '../kubernetes/other-workloads.ts';
import { resourceQuotas } from '../kubernetes/rules.ts';
import { type Hint, modeInDoubt, unjudged } from './doubt.ts';
import { validateExposure } from './exposure-review.ts';
import { guardBaseline } from './guard.ts';
import { validateNamespace } from './namespace-review.ts';
import { type Change, validateBinding, validateNetworkPolicy, validatePod, validateWorkload } from './object-review.ts';
import { validateOtherPolicy } from './other-policy-review.ts';
import type { ValidatePorts } from './ports.ts';
import { guardQuota } from './quota-guard.ts';
import type { AdmissionRequest } from './review.ts';
import { pass, type Verdict } from './verdict.ts';

/**
 * Judges a request: by no one in an exempt namespace, by a guard, or by the review of its kind.
 * `hint` is what the called webhook entry says about the mode. An error that is thrown here is a
 * defect, which the handler answers by the mode.
 */
export async function validate(
  request: AdmissionRequest,
  ports: ValidatePorts,
  config: Config,
  hint?: Hint,
): Promise<Verdict> {
  const { namespace, name = '' } = request;
  if (request.resource.resource !== 'namespaces' && isExempt(namespace ?? '', config))
    return pass({ kind: 'Pod', namespace, name });
  if (resourceQuotas.resources.includes(request.resource.resource)) return guardQuota(request, ports, config);
  if (isBinding(request.kind)) return validateBinding(request, ports, config, hint);
  const kind = kindOf(request.kind)?.kind;
  if (kind === undefined) {
    const workload = findByResource(request.resource, config.workloads);
    if (workload !== undefined)
      return isChange(request)
        ? validateWorkload(workload, request, ports, config, hint)
        : pass({ kind: workload.kind, namespace, name });
    const exposing = exposingKindOf(request.resource);
    if (exposing !== undefined)
      return isChange(request)
        ? validateExposure(exposing, request, ports, config, hint)
        : pass({ kind: exposing.kind, namespace, name });
    const opening = openingKindOf(request.resource);
    if (opening === undefined) return unjudged(request, modeInDoubt(hint, config.mode));
    return isChange(request)
      ? validateOtherPolicy(opening, request, ports, config, hint)
      : pass({ kind: opening.kind, namespace, name });
  }
  if (kind === 'NetworkPolicy') {
    const guarded = await guardBaseline(request, ports, config, hint);
    if (guarded !== undefined) return guarded;
  }
  if (!isChange(request)) return pass({ kind, namespace, name });
  switch (kind) {
    case 'Namespace':
      return validateNamespace(request, ports, config, hint);
    case 'Pod':
      return validatePod(request, ports, config, hint);
    case 'NetworkPolicy':
      return validateNetworkPolicy(request, ports, config, hint);
    default:
      return validateWorkload(kind, request, ports, config, hint);
  }
}

function isChange(request: AdmissionRequest): request is Change {
  return request.operation === 'CREATE' || request.operation === 'UPDATE';
}
