import type { Config } from '../config/config.ts';
import { fenceMark } from '../policy/mode.ts';
import type { PatchOperation } from './respond.ts';
import { type AdmissionRequest, property } from './review.ts';

/**
 * The patch that marks a new namespace as fenced, in enforce. Idempotent: a namespace that carries the mark needs nothing.
 * An object that is not what its type says gets no patch: validation, which sees the final state, answers it.
 */
export function markNamespace(request: AdmissionRequest, config: Config): readonly PatchOperation[] {
  if (config.mode !== 'enforce' || request.operation !== 'CREATE' || request.kind.kind !== 'Namespace') return [];
  const metadata = property(request.object, 'metadata');
  if (typeof metadata !== 'object' || metadata === null) return [];
  const name = property(metadata, 'name');
  if (typeof name === 'string' && config.exemptNamespaces.includes(name)) return [];
  const labels = property(metadata, 'labels');
  if (labels === undefined || labels === null)
    return [{ op: 'add', path: '/metadata/labels', value: { [fenceMark]: 'true' } }];
  if (typeof labels !== 'object' || Object.hasOwn(labels, fenceMark)) return [];
  return [{ op: 'add', path: `/metadata/labels/${fenceMark.replace('/', '~1')}`, value: 'true' }];
}
