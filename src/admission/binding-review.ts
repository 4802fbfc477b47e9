import type { Config } from '../config/config.ts';
import { own } from '../kubernetes/raw-object.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import { doubt, type Hint, judgeAlone, unreadable } from './doubt.ts';
import { gatherFacts } from './facts.ts';
import { judge } from './judge.ts';
import type { ValidatePorts } from './ports.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/** Judges a Binding as the update of its Pod: its labels overwrite the Pod's (core/v1 Binding, BindingREST.setPodHostAndAnnotations). */
export async function validateBinding(
  request: AdmissionRequest,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const namespace = request.namespace ?? '';
  const bound = own(own(request.object, 'metadata'), 'name');
  const name =
    request.name !== undefined && request.name !== '' ? request.name : typeof bound === 'string' ? bound : '';
  const subject = { kind: 'Pod', namespace, name } as const;
  const options = { ensure: false, dryRun: request.dryRun === true, hint };
  const { namespace: facts, choice } = await gatherFacts(namespace, options, ports, config);
  const context = { operation: 'UPDATE', namespace, facts } as const;
  const unknown = (why: string) =>
    judgeAlone(subject, doubt('binding', `which labels Pod ${name} has: ${why}`, choice), choice);
  let pod: unknown;
  try {
    pod = await ports.readPod(namespace, name);
  } catch (error) {
    return unknown(error instanceof Error ? error.message : 'no answer');
  }
  if (pod === undefined) return unknown('it was not found');
  const before = readSubject('Pod', pod, context);
  const binding = readSubject('Pod', { metadata: own(request.object, 'metadata') }, context);
  if (!isSubject(before)) return unreadable(request, 'Pod', before, choice);
  if (!isSubject(binding)) return unreadable(request, 'Pod', binding, choice);
  const after = { ...before, labels: new Map([...before.labels, ...binding.labels]) };
  return judge(after, before, choice, config);
}
