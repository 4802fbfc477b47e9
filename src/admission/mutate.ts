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

/** The phases whose answer is a patch and never a refusal. */
export type MutatingPhase = Extract<Phase, 'mark' | 'markAsked' | 'inherit'>;

/**
 * Returns the patch of a mutating phase. There is no patch if a fact is not known; validation
 * judges the final object. An error that is thrown here is a defect, as in `validate`.
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
 * Returns the patch that marks a new namespace as fenced. If the cluster enforces, every namespace
 * is marked, otherwise only one whose own mode is enforce. A namespace that carries the mark needs
 * no patch. An object with fields of the wrong type gets no patch; validation judges it.
 * @param clusterEnforces the mode of the cluster by the webhook entry that the API server called
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
  // A milder mode of the namespace itself does not prevent the mark. A user with the permission to
  // lower the mode may also remove the mark.
  if (!clusterEnforces && own(labels, modeLabel) !== 'enforce') return [];
  if (labels === undefined || labels === null)
    return [{ op: 'add', path: '/metadata/labels', value: { [fenceMark]: 'true' } }];
  if (typeof labels !== 'object' || Array.isArray(labels) || Object.hasOwn(labels, fenceMark)) return [];
  return [{ op: 'add', path: `/metadata/labels/${fenceMark.replace('/', '~1')}`, value: 'true' }];
}

/**
 * Whether a namespace is exempt. A generated name begins with `generateName`, so prefixes apply.
 */
function isNamedExempt(name: unknown, generateName: unknown, config: Config): boolean {
  if (typeof name === 'string' && name !== '') return isExempt(name, config);
  return (
    typeof generateName === 'string' &&
    isExempt(generateName, { exemptNamespaces: [], exemptPrefixes: config.exemptPrefixes })
  );
}
