import { Document, isNode, parseDocument } from 'yaml';
import { own, recordOf } from '../kubernetes/raw-object.ts';
import { type Html, html } from './html.ts';

/** A NetworkPolicy as YAML, and which of its lines are marked. */
interface Marked {
  readonly lines: readonly { readonly text: string; readonly isMarked: boolean }[];
}

/**
 * A NetworkPolicy as a person writes it, with the rules at these fields marked: `spec.ingress[0]`.
 * What the API server adds to an object is left out.
 */
export function policyText(policy: unknown, fields: readonly string[], label: string): Html {
  const { lines } = markLines(policy, fields);
  return html`<pre class="yaml" tabindex="0" aria-label="${label}"><code>${lines.map(({ text, isMarked }) =>
    isMarked
      ? html`<mark>${text}
</mark>`
      : html`${text}
`,
  )}</code></pre>`;
}

function markLines(policy: unknown, fields: readonly string[]): Marked {
  const { name, namespace, labels } = recordOf(own(policy, 'metadata'));
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels }) };
  const text = new Document({
    apiVersion: own(policy, 'apiVersion'),
    kind: own(policy, 'kind'),
    metadata,
    spec: own(policy, 'spec'),
  }).toString({ lineWidth: 0, aliasDuplicateObjects: false } as object);
  const document = parseDocument(text);
  const ranges = fields.flatMap((field) => {
    const path = field.split(/[.[\]]+/).filter(Boolean);
    const node = document.getIn(
      path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      true,
    );
    return isNode(node) && node.range ? [[node.range[0], node.range[1]] as const] : [];
  });
  let offset = 0;
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [start, end] = [offset, offset + line.length];
      offset = end + 1;
      return { text: line, isMarked: ranges.some(([first, last]) => first <= end && start < last) };
    });
  return { lines };
}
