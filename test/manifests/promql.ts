// The series of a PromQL expression, by the grammar of Prometheus.
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Reading {
  readonly selectors: readonly Selector[];
  /** The labels by which it groups or joins. */
  readonly grouping: readonly string[];
}

/** Reads an expression, with the variables of Grafana filled in. Throws if it is not PromQL. */
export function readPromql(expression: string): Reading {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const selectors: { name: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  let label = '';
  let operator = '';
  let isGrouping = false;
  parser.parse(text).iterate({
    enter({ name: kind, from, to, type }) {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${text}`);
      const part = text.slice(from, to);
      if (kind === 'VectorSelector') selectors.push({ name: '', matchers: [] });
      const current = selectors.at(-1);
      if (kind === 'GroupingLabels') isGrouping = true;
      if (kind === 'Identifier' && current !== undefined) current.name = part;
      if (kind === 'MatchOp') operator = part;
      if (kind === 'LabelName') {
        if (isGrouping) grouping.push(part);
        else label = part;
      }
      if (kind === 'StringLiteral') current?.matchers.push({ label, operator, value: JSON.parse(part) as string });
    },
    leave({ name: kind }) {
      if (kind === 'GroupingLabels') isGrouping = false;
    },
  });
  return { selectors, grouping };
}
