// Requests as admission judges them: patched first, then validated, each with its audit line.
import { createHandler } from '../../src/admission/handler.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Config } from '../../src/config/config.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { type AuditLine, readLogged } from '../../src/history/line.ts';
import { modeIn } from '../../src/policy/mode.ts';
import { writeAudit } from '../../src/telemetry/audit.ts';
import { review, setUp } from '../admission/scene.ts';

export type LabelMap = Readonly<Record<string, string>>;

export function configOf(file: Partial<ConfigFile>): Config {
  return mergeConfig(file, { ownNamespace: 'ringfence-system', version: '7' });
}

/** What the cluster has beside the request. */
export interface Scenery {
  /** The labels of namespace `shop`; undefined if it is not there. */
  readonly namespace: LabelMap | undefined;
  /** The names of the identities that nobody may claim: `team:pay`. */
  readonly unclaimable?: readonly string[];
  readonly permitted?: readonly string[];
}

/** Admits a request under a configuration, and returns its audit line as a reader finds it. */
export async function admit(given: AdmissionRequest, scenery: Scenery, config: Config): Promise<AuditLine> {
  const text = await lineOf(given, scenery, config);
  const [line] = readLogged(text.trimEnd()).audits;
  if (line === undefined) throw new Error(`no audit line: ${text}`);
  return line;
}

/** The text of the audit line, with its line feed. */
export async function lineOf(given: AdmissionRequest, scenery: Scenery, config: Config): Promise<string> {
  const scene = setUp(config.mode);
  if (scenery.namespace === undefined) scene.cluster.removeNamespace('shop');
  else scene.cluster.setNamespace('shop', scenery.namespace);
  for (const name of scenery.unclaimable ?? []) scene.unclaimable.add(name);
  for (const name of scenery.permitted ?? []) scene.permitted.add(name);
  const written: string[] = [];
  const output = { write: (line: string) => void written.push(line) };
  const ports = { ...scene.ports, audit: (record: Parameters<typeof writeAudit>[1]) => writeAudit(output, record) };
  const handle = createHandler(ports, () => config);
  let request = given;
  if (request.kind.kind === 'Namespace') {
    request = await patched(request, config.mode === 'enforce' ? 'mark' : 'markAsked');
  } else if (config.inherit) request = await patched(request, 'inherit');
  const held = request.kind.kind === 'Namespace' ? labelsOf(request.oldObject) : (scenery.namespace ?? {});
  const { mode } = modeIn(new Map(Object.entries(held)), config.mode);
  await handle(mode === 'enforce' ? 'enforced' : 'unenforced', review(request));
  if (scene.defects.length > 0) throw scene.defects[0];
  return written.join('');

  async function patched(one: AdmissionRequest, phase: 'mark' | 'markAsked' | 'inherit'): Promise<AdmissionRequest> {
    const answer = await handle(phase, review(one));
    const patch = 'review' in answer ? answer.review.response.patch : undefined;
    return patch === undefined ? one : { ...one, object: applyAdditions(one.object, patch) };
  }
}

function labelsOf(object: unknown): LabelMap {
  return (object as { metadata?: { labels?: LabelMap } } | null)?.metadata?.labels ?? {};
}

/** Applies a JSON Patch (RFC 6902) of additions to a copy of an object. */
function applyAdditions(object: unknown, patch: string): unknown {
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as { path: string; value: unknown }[];
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const { path, value } of operations) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    const holder = steps.reduce((held, step) => held[step] as Record<string, unknown>, copy);
    holder[last] = value;
  }
  return copy;
}
