import type { Labels } from '../kubernetes/labels.ts';
import type { PolicyConfig } from '../policy/check.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { nearest } from '../policy/spelling.ts';
import { isSubject, readSubject } from '../policy/subject.ts';

/**
 * Reads identity labels in the form `env=prod,tier=web`. Throws an Error for a text of another
 * form, and for a key or value that the taxonomy does not have.
 */
export function readIdentity(text: string, config: PolicyConfig): Labels {
  const { keys } = config.taxonomy;
  const labels = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value, ...more] = part.trim().split('=');
    if (value === undefined || more.length > 0) throw new Error(`"${part}" is not a label; write KEY=VALUE,KEY=VALUE`);
    if (!keys.has(key)) {
      const near = nearest(key, [...keys.keys()]);
      const meant = near === undefined ? '' : `; did you mean "${near}"?`;
      throw new Error(`"${key}" is not a key of the taxonomy (${[...keys.keys()].join(', ')})${meant}`);
    }
    if (labels.has(key)) throw new Error(`"${key}" is given twice`);
    labels.set(key, value);
  }
  const object = { metadata: { labels: Object.fromEntries(labels) } };
  const subject = readSubject('Namespace', object, { operation: 'CREATE', namespace: undefined, facts: undefined });
  const wrong = isSubject(subject) ? labelValues.run(subject, config) : [];
  if (wrong.length > 0) throw new Error(wrong.map(({ subject, reason }) => `${subject} ${reason}`).join('\n'));
  return labels;
}
