import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readObservation } from '../../src/flows/read.ts';
import type { Flow, FlowEnd, Observation } from '../../src/flows/record.ts';

/** Reads texts as if each were a file. */
export function observe(...contents: readonly (string | Buffer)[]): Promise<Observation> {
  return observeWith(readObservation, contents);
}

/** The same with another reader, which may be a broken one. */
export async function observeWith(
  read: typeof readObservation,
  contents: readonly (string | Buffer)[],
): Promise<Observation> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-flows-'));
  try {
    const files = contents.map((content, index) => {
      const file = join(folder, `log-${index}`);
      writeFileSync(file, content);
      return file;
    });
    return await read(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The flows as one line each: `shop/deployment/web > shop/deployment/api TCP 8080 happened`. */
export function textOf({ flows }: Observation): readonly string[] {
  return flows.map(
    (flow) =>
      `${textOfEnd(flow.from)} > ${textOfEnd(flow.to)} ${flow.protocol} ${portText(flow)} ${[...flow.verdicts].sort(byCode).join('+')}`,
  );
}

function portText({ port, isDirected, sourcePort }: Flow): string {
  return isDirected ? String(port) : `${port} from ${sourcePort}, undirected`;
}

export function textOfEnd(end: FlowEnd): string {
  switch (end.kind) {
    case 'pod':
      return `${end.namespace}/${end.workload === undefined ? `pod/${end.name}` : `${end.workload.kind.toLowerCase()}/${end.workload.name}`}`;
    case 'node':
      return end.name;
    case 'apiserver':
    case 'ingress':
      return end.kind;
    case 'service':
      return `service ${end.namespace}/${end.name}`;
    case 'address':
    case 'outside':
      return [end.kind, ...end.names, ...(end.address === undefined ? [] : [end.address])].join(' ');
    case 'unresolved':
      return `unresolved (${end.why})`;
  }
}

function byCode(one: string, other: string): number {
  return one < other ? -1 : 1;
}
