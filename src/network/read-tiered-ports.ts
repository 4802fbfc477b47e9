import { isPort } from './read.ts';
import type { Reader } from './reader.ts';
import type { PortRange, Protocol } from './rules.ts';
import type { TieredDialect } from './tiered-dialect.ts';

/**
 * Reads one entry of a rule's ports: `protocols` of a ClusterNetworkPolicy, or `ports` of v1alpha1.
 * The name of a port has no protocol: it is that of the container port.
 */
export function readTieredPorts(reader: Reader, value: unknown, field: string, { ports }: TieredDialect): PortRange[] {
  const forms =
    ports === 'protocols' ? ['tcp', 'udp', 'sctp', 'destinationNamedPort'] : ['portNumber', 'portRange', 'namedPort'];
  const fields = reader.object(value, field, forms);
  const form = onlyField(reader, fields, field, value, oneOf(forms));
  if (form === undefined) return [];
  const [path, own] = [`${field}.${form}`, fields[form]];
  if (form === 'destinationNamedPort' || form === 'namedPort') {
    if (typeof own === 'string' && own !== '')
      return protocols.map((protocol) => ({ field, protocol, port: { name: own } }));
    reader.mustBe('the name of a port', path, own);
    return [];
  }
  if (ports === 'protocols') return clusterPorts(reader, own, path, form.toUpperCase() as Protocol);
  const single = form === 'portNumber';
  const numbers = reader.object(own, path, single ? ['protocol', 'port'] : ['protocol', 'start', 'end']);
  const protocol = protocols.find((one) => one === (numbers['protocol'] ?? 'TCP'));
  if (protocol === undefined) reader.mustBe('TCP, UDP or SCTP', `${path}.protocol`, numbers['protocol']);
  const range = single ? readNumber(reader, numbers['port'], `${path}.port`) : readRange(reader, numbers, path);
  return range === undefined || protocol === undefined ? [] : [{ field, protocol, port: range }];
}

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

function clusterPorts(reader: Reader, value: unknown, field: string, protocol: Protocol): PortRange[] {
  const { destinationPort } = reader.object(value, field, ['destinationPort']);
  const path = `${field}.destinationPort`;
  const forms = ['number', 'range'];
  const fields = reader.object(destinationPort, path, forms);
  const form = onlyField(reader, fields, path, destinationPort, oneOf(forms));
  if (form === undefined) return [];
  const range =
    form === 'number'
      ? readNumber(reader, fields['number'], `${path}.number`)
      : readRange(reader, reader.object(fields['range'], `${path}.range`, ['start', 'end']), `${path}.range`);
  return range === undefined ? [] : [{ field, protocol, port: range }];
}

function oneOf(forms: readonly string[]): string {
  return `exactly one of ${forms.join(', ')}`;
}

interface Numbers {
  readonly first: number;
  readonly last: number;
}

function readNumber(reader: Reader, value: unknown, field: string): Numbers | undefined {
  if (isPort(value)) return { first: value, last: value };
  reader.mustBe('a number from 1 to 65535', field, value);
  return undefined;
}

/** The start must be less than the end. */
function readRange(reader: Reader, fields: Readonly<Record<string, unknown>>, field: string): Numbers | undefined {
  const { start, end } = fields;
  const [first, last] = [readNumber(reader, start, `${field}.start`), readNumber(reader, end, `${field}.end`)];
  if (first === undefined || last === undefined) return undefined;
  if (first.first < last.last) return { first: first.first, last: last.last };
  reader.mustBe(`a number from ${first.first + 1} to 65535`, `${field}.end`, end);
  return undefined;
}

/**
 * The only field that is set, of an object that must have exactly one. The API server drops a field
 * that is null.
 */
export function onlyField(
  reader: Reader,
  fields: Readonly<Record<string, unknown>>,
  field: string,
  value: unknown,
  expected: string,
): string | undefined {
  const set = Object.keys(fields).filter((key) => fields[key] !== null && fields[key] !== undefined);
  if (set.length === 1) return set[0];
  if (set.length === 0) reader.mustBe(expected, field, value);
  else reader.problem(field, `must be ${expected}, not ${set.join(' beside ')}`);
  return undefined;
}
