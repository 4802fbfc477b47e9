/** Collects the ids of an option that may be repeated. */
export function collectChecks(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((id) => id.trim())];
}
