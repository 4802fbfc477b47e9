/**
 * The texts of an answer's `Warning` headers (RFC 7234, 5.5) in the API server's form: `299 -
 * "text"`, one header for each warning, with quotes and backslashes escaped.
 */
export function readWarnings(header: string | readonly string[] | undefined): readonly string[] {
  return [header ?? []]
    .flat()
    .flatMap((value) => [...value.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/gsu)])
    .map(([, text = '']) => text.replaceAll(/\\(.)/gsu, '$1'));
}
