import type { FieldProblem } from '../kubernetes/raw-object.ts';
import { wrongLabelKey, wrongLabelValue } from '../kubernetes/syntax.ts';
import type { Requirement, Selector } from './selector.ts';

/**
 * No API server stores this many entries in 1.5 MiB. A file may hold more, and is then refused
 * without further work.
 */
export const storedEntries = 200_000;

/**
 * Reads the parts that every specification has: objects, lists and selectors. It collects what is
 * wrong with them, and never throws.
 */
export class Reader {
  /** What has no meaning. */
  readonly problems: FieldProblem[] = [];
  /** What has a meaning, but is not accepted for a new object. */
  readonly refused: FieldProblem[] = [];
  entries = 0;
  private readonly entryLimit: number;

  constructor(entryLimit = storedEntries) {
    this.entryLimit = entryLimit;
  }

  object(value: unknown, field: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.mustBe('an object', field, value);
      return {};
    }
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (known.includes(key)) fields[key] = (value as Record<string, unknown>)[key];
      else this.problem(`${field}.${key}`, `is not a field here; the fields are ${known.join(', ')}`);
    }
    return fields;
  }

  list(value: unknown, field: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.mustBe('a list', field, value);
      return [];
    }
    this.entries += value.length;
    if (this.entries <= this.entryLimit) return value;
    if (!this.problems.some((one) => one.field === 'spec'))
      this.problem('spec', `has more than ${this.entryLimit} entries, which are not judged`);
    return [];
  }

  /** Reads a LabelSelector (meta/v1). */
  selector(value: unknown, field: string): Selector | undefined {
    if (value === undefined || value === null) return undefined;
    const selector = this.object(value, field, ['matchLabels', 'matchExpressions']);
    const requirements: Requirement[] = [];
    const labels = selector['matchLabels'] ?? {};
    if (typeof labels !== 'object' || Array.isArray(labels)) this.mustBe('an object', `${field}.matchLabels`, labels);
    else {
      for (const [key, label] of this.list(Object.entries(labels), `${field}.matchLabels`) as [string, unknown][]) {
        const at = `${field}.matchLabels.${key}`;
        this.refuse(at, wrongLabelKey(key));
        const text = this.text(label, at);
        if (text === undefined) continue;
        this.refuse(at, wrongLabelValue(text));
        requirements.push({ key, operator: 'In', values: new Set([text]) });
      }
    }
    for (const [index, entry] of this.list(selector['matchExpressions'], `${field}.matchExpressions`).entries()) {
      const requirement = this.requirement(entry, `${field}.matchExpressions[${index}]`);
      if (requirement !== undefined) requirements.push(requirement);
    }
    return { requirements };
  }

  private requirement(value: unknown, field: string): Requirement | undefined {
    const fields = this.object(value, field, ['key', 'operator', 'values']);
    const { key, operator } = { key: fields['key'], operator: fields['operator'] };
    const values: string[] = [];
    // A hostile policy has tens of thousands, and hardly one needs its place.
    for (const [at, one] of this.list(fields['values'], `${field}.values`).entries()) {
      const text = typeof one === 'string' ? one : this.text(one, `${field}.values[${at}]`);
      if (text !== undefined) values.push(text);
    }
    if (typeof key !== 'string' || key === '') {
      this.mustBe('a label key', `${field}.key`, key);
      return undefined;
    }
    this.refuse(`${field}.key`, wrongLabelKey(key));
    for (const [at, text] of values.entries()) {
      const wrong = wrongLabelValue(text);
      if (wrong !== undefined) this.refuse(`${field}.values[${at}]`, wrong);
    }
    const isOfValues = operator === 'In' || operator === 'NotIn';
    const given = Array.isArray(fields['values']) ? fields['values'].length : 0;
    if (!isOfValues && operator !== 'Exists' && operator !== 'DoesNotExist')
      this.mustBe('In, NotIn, Exists or DoesNotExist', `${field}.operator`, operator);
    else if (isOfValues && given === 0) this.problem(`${field}.values`, `needs at least one value for ${operator}`);
    else if (!isOfValues && given > 0) this.problem(`${field}.values`, `must be left out for ${operator}`);
    else return { key, operator, values: new Set(values) };
    return undefined;
  }

  /** Null reads as the empty text, as the API server reads it. */
  private text(value: unknown, field: string): string | undefined {
    if (typeof value === 'string' || value === null) return value ?? '';
    if (typeof value === 'object' || value === undefined) this.mustBe('a string', field, value);
    else {
      const message = `must be a string, not the ${typeof value} ${describe(value)}; quote it`;
      this.problems.push({ field, message, unquoted: true });
    }
    return undefined;
  }

  mustBe(expected: string, field: string, value: unknown): void {
    this.problem(field, value === undefined ? `is missing; it must be ${expected}` : wrongType(expected, value));
  }

  problem(field: string, message: string): void {
    this.problems.push({ field, message });
  }

  protected refuse(field: string, message: string | undefined): void {
    if (message !== undefined) this.refused.push({ field, message });
  }
}

function wrongType(expected: string, value: unknown): string {
  return `must be ${expected}, not ${describe(value)}`;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value).slice(0, 80);
}
