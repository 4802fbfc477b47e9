import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { kindOf } from '../kubernetes/kinds.ts';
import { own } from '../kubernetes/raw-object.ts';
import { fenceMark, modeLabel } from '../policy/mode.ts';
import { gatherFacts } from './facts.ts';
import { inheritLabels } from './inherit.ts';
import type { ValidatePorts } from './ports.ts';
import type { PatchOperation } from './respond.ts';
import type { AdmissionRequest } from './review.ts';
import type { Phase } from './webhooks.ts';

/** The phases that are answered by a patch, and decide nothing. */
export type MutatingPhase = Extract<Phase, 'mark' | 'markAsked' | 'inherit'>;

/**
 * The patch of a mutating phase. A fact that cannot be had gives none: validation answers for what
 * came out. What throws here is a defect, as in `validate`.
 */
export async function mutate(
  phase: MutatingPhase,
  request: AdmissionRequest,
  ports: Pick<ValidatePorts, 'gate' | 'caches'>,
  config: Config,
): Promise<readonly PatchOperation[]> {
  if (phase !== 'inherit') return markNamespace(request, phase === 'mark', config);
  const options = { ensure: false, dryRun: true, hint: 'unenforced' } as const;
  const { namespace } = await gatherFacts(request.namespace ?? '', options, ports, config);
  return namespace.known ? inheritLabels(request, namespace.labels, config) : [];
}

/**
 * The patch that marks a new namespace as fenced: every one where the cluster enforces, as the API
 * server has been told, else one that asks to enforce itself. Idempotent: a namespace that carries
 * the mark needs nothing. An object that is not what its type says gets no patch: validation, which
 * sees the final state, answers it.
 */
export function markNamespace(
  request: AdmissionRequest,
  clusterEnforces: boolean,
  config: Config,
): readonly PatchOperation[] {
  if (request.operation !== 'CREATE' || kindOf(request.kind)?.kind !== 'Namespace') return [];
  const metadata = own(request.object, 'metadata');
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return [];
  if (isNamedExempt(own(metadata, 'name'), own(metadata, 'generateName'), config)) return [];
  const labels = own(metadata, 'labels');
  // A milder mode of the namespace's own does not keep the mark off: whoever may lower it may take
  // the mark away, too.
  if (!clusterEnforces && own(labels, modeLabel) !== 'enforce') return [];
  if (labels === undefined || labels === null)
    return [{ op: 'add', path: '/metadata/labels', value: { [fenceMark]: 'true' } }];
  if (typeof labels !== 'object' || Array.isArray(labels) || Object.hasOwn(labels, fenceMark)) return [];
  return [{ op: 'add', path: `/metadata/labels/${fenceMark.replace('/', '~1')}`, value: 'true' }];
}

/** A name that is still to be generated begins with `generateName`: what it will be is known. */
function isNamedExempt(name: unknown, generateName: unknown, config: Config): boolean {
  if (typeof name === 'string' && name !== '') return isExempt(name, config);
  return (
    typeof generateName === 'string' &&
    isExempt(generateName, { exemptNamespaces: [], exemptPrefixes: config.exemptPrefixes })
  );
}
