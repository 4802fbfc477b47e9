import { isObject } from '../kubernetes/raw-object.ts';
import type { Path } from './document.ts';

/**
 * The path in an object that the field of a finding means: `spec.ingress[0].from`, or
 * `metadata.labels.app.kubernetes.io/name`, where only the object shows which dots separate steps.
 * Steps that the object does not have are left out, so the path ends at the nearest ancestor.
 */
export function findField(object: unknown, field: string): Path {
  const path: (string | number)[] = [];
  let value = object;
  let rest = field;
  while (rest !== '') {
    const step = Array.isArray(value) ? indexStep(rest) : isObject(value) ? keyStep(value, rest) : undefined;
    if (step === undefined) return path;
    const next: unknown = (value as Readonly<Record<string | number, unknown>>)[step.step];
    if (next === undefined) return path;
    path.push(step.step);
    value = next;
    rest = rest.slice(step.length).replace(/^\./, '');
  }
  return path;
}

interface Step {
  readonly step: string | number;
  readonly length: number;
}

function indexStep(rest: string): Step | undefined {
  const match = /^\[(\d+)\]/.exec(rest);
  return match === null ? undefined : { step: Number(match[1]), length: match[0].length };
}

function keyStep(object: Readonly<Record<string, unknown>>, rest: string): Step | undefined {
  let longest: string | undefined;
  for (const key of Object.keys(object)) {
    if (!rest.startsWith(key) || (longest !== undefined && key.length <= longest.length)) continue;
    const after = rest[key.length];
    if (after === undefined || after === '.' || after === '[') longest = key;
  }
  return longest === undefined ? undefined : { step: longest, length: longest.length };
}
