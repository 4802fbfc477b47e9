/** As most logs write it. */
const utc = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?Z$/;

/**
 * The time of a log as RFC 3339, in UTC. Logs write it so themselves, or as seconds or
 * milliseconds since 1970, as a number or as a text. Undefined for anything else.
 */
export function readTime(value: unknown, unit: 'seconds' | 'milliseconds' = 'seconds'): string | undefined {
  if (typeof value === 'string' && utc.test(value)) return value;
  if (typeof value === 'string' && !/^-?\d+$/.test(value)) return Number.isNaN(Date.parse(value)) ? undefined : value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const milliseconds = Number(value) * (unit === 'seconds' ? 1000 : 1);
  // The zero of protocol buffers and of Go means that there is no time.
  if (milliseconds <= 0 || Number.isNaN(new Date(milliseconds).getTime())) return undefined;
  return new Date(milliseconds).toISOString();
}

/** Whether a time in RFC 3339 is before another, to the nanosecond. */
export function isBefore(one: string, other: string): boolean {
  // Equal zones and equal lengths: the texts compare as the times do.
  if (one.length === other.length && one.endsWith('Z') && other.endsWith('Z')) return one < other;
  const [first, second] = [Date.parse(one), Date.parse(other)];
  return first === second ? fractionOf(one) < fractionOf(other) : first < second;
}

function fractionOf(time: string): string {
  return (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0');
}

export function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isBefore(other, one) ? other : one;
}

export function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isBefore(one, other) ? other : one;
}
