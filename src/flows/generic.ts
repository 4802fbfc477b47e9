import { isObject, own, textAt } from '../kubernetes/raw-object.ts';
import { isMetadataAddress } from '../network/metadata-address.ts';
import type { Format, Line } from './intake.ts';
import { unknownVerdict, withoutPort } from './left-out.ts';
import { readLabelTexts, withoutPassing } from './passing-labels.ts';
import { readPort, readProtocol, whyNoProtocol } from './protocol.ts';
import { type FlowEnd, flowVerdicts } from './record.ts';
import { readTime } from './times.ts';

/**
 * Reads Ringfence's own form, into which any other log can be turned: one object a line, as
 * schemas/flow.schema.json says.
 */
export const generic: Format = {
  name: 'lines of schemas/flow.schema.json',
  needed: ['labels', 'first'],
  recognises: (line) =>
    own(line, 'protocol') !== undefined && Object.keys(line).some((key) => /^(?:from|to)_/.test(key)),
  read(line, intake) {
    const protocol = readProtocol(own(line, 'protocol'));
    const port = readPort(own(line, 'port'));
    const verdict = own(line, 'verdict') ?? 'happened';
    const known = flowVerdicts.find((one) => one === verdict);
    const [first, last] = [readTime(own(line, 'first')), readTime(own(line, 'last'))];
    intake.sawTime(first);
    intake.sawTime(last);
    intake.sawNode(textAt(line, 'node'));
    if (first !== undefined) intake.sawField('first');
    if (own(line, 'from_labels') !== undefined || own(line, 'to_labels') !== undefined) intake.sawField('labels');
    const seen = () => ({
      from: intake.meet({ end: endOf(line, 'from') }),
      to: intake.meet({ end: endOf(line, 'to') }),
      verdict: known ?? 'unknown',
      last: last ?? first,
    });
    if (protocol === undefined) {
      intake.leaveOut(whyNoProtocol(own(line, 'protocol')), seen);
      return;
    }
    if (port === undefined && protocol !== 'ICMP') {
      intake.leaveOut(withoutPort, seen);
      return;
    }
    if (known === undefined) {
      intake.leaveOut(unknownVerdict);
      return;
    }
    intake.add({
      ...seen(),
      protocol,
      port: protocol === 'ICMP' ? 0 : (port ?? 0),
      sourcePort: undefined,
      sourceAddress: undefined,
      isDirected: true,
      count: Math.max(1, Number(own(line, 'count')) || 0),
      first,
    });
  },
};

function endOf(line: Line, side: 'from' | 'to'): FlowEnd {
  const namespace = textAt(line, `${side}_namespace`);
  const address = textAt(line, `${side}_address`);
  const host = textAt(line, `${side}_host`);
  if (namespace !== undefined)
    return {
      kind: 'pod',
      namespace,
      name: textAt(line, `${side}_pod`),
      labels: readLabels(own(line, `${side}_labels`)),
      namespaceLabels: readLabels(own(line, `${side}_namespace_labels`)),
      workload: readWorkload(textAt(line, `${side}_workload`)),
    };
  if (address !== undefined && isMetadataAddress(address)) return { kind: 'outside', names: [], address };
  if (host !== undefined) return { kind: 'outside', names: [host], address };
  return address === undefined
    ? { kind: 'unresolved', why: 'an end without a namespace, an address or a host' }
    : { kind: 'address', address, names: [] };
}

/** An object, or `key=value` texts with commas between them, as kubectl shows labels. */
function readLabels(value: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof value === 'string') return withoutPassing(readLabelTexts(value.split(',').map((label) => label.trim())));
  if (!isObject(value)) return undefined;
  return withoutPassing(new Map(Object.entries(value).map(([key, text]) => [key, String(text)])));
}

function readWorkload(text: string | undefined): { readonly kind: string; readonly name: string } | undefined {
  const [kind, name, ...rest] = text?.split('/') ?? [];
  return kind === undefined || name === undefined || rest.length > 0 ? undefined : { kind, name };
}
