import { isObject, own } from '../kubernetes/raw-object.ts';

/** The keys of answers that have a list of lines, beside `values`. */
const listKeys = ['items', 'streams', 'result', 'data', 'hits', 'events'];

/**
 * What is inside an object that is no line of a flow log, but carries some: a text that is itself
 * a line, or an object. The keys are those of Loki (`line` of logcli; `values[][1]`, alone, in
 * `streams` or in `data.result`), of container runtimes (`log`), of CloudWatch (`message`, also in
 * `events`), of Elasticsearch (`_source`, also in `hits.hits`), of grpc-gateway (`result`) and of
 * Whisker (`items`).
 */
export function unwrap(object: Readonly<Record<string, unknown>>): readonly unknown[] {
  for (const key of ['line', 'log', 'message']) {
    const text = own(object, key);
    if (typeof text === 'string') return [text];
  }
  const values = own(object, 'values');
  if (Array.isArray(values)) return values.map((pair) => (Array.isArray(pair) ? pair[1] : undefined));
  for (const key of [...listKeys, '_source']) {
    const inner = own(object, key);
    if (Array.isArray(inner)) return inner;
    if (isObject(inner)) return [inner];
  }
  return [];
}

/** Whether an object is the answer of an API that has no line in it. */
export function isEmptyAnswer(object: Readonly<Record<string, unknown>>): boolean {
  return ['values', ...listKeys].some((key) => {
    const list = own(object, key);
    return Array.isArray(list) && list.length === 0;
  });
}
