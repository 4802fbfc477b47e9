import type { Requirement, Selector } from '../network/selector.ts';

/** Reads a label selector as kubectl takes it (k8s.io/apimachinery pkg/labels Parse); undefined for a text that is none, such as a name. */
export function readSelector(text: string): Selector | { readonly error: string } | undefined {
  if (!/[=!()]|\s(not)?in\s/.test(text)) return undefined;
  const requirements: Requirement[] = [];
  // A comma inside parentheses parts values, not requirements.
  for (const part of text.split(/,(?![^(]*\))/)) {
    const requirement = readRequirement(part.trim());
    if (requirement === undefined) return { error: `${JSON.stringify(part.trim())} is no label selector` };
    requirements.push(requirement);
  }
  return { requirements };
}

const key = String.raw`[\w./-]+`;
const value = String.raw`[\w.-]*`;

function readRequirement(text: string): Requirement | undefined {
  const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*(${value})$`).exec(text);
  if (equality !== null)
    return {
      key: equality[1] ?? '',
      operator: equality[2] === '!=' ? 'NotIn' : 'In',
      values: new Set([equality[3] ?? '']),
    };
  const set = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`).exec(text);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((one) => one.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values: new Set(values) };
  }
  const presence = new RegExp(`^(!?)\\s*(${key})$`).exec(text);
  if (presence === null) return undefined;
  return { key: presence[2] ?? '', operator: presence[1] === '!' ? 'DoesNotExist' : 'Exists', values: new Set() };
}
