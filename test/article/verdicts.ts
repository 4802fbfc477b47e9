// The verdicts of Ringfence on each block, in a cluster whose namespaces carry the labels of the
// article.
import { validate } from '../../src/admission/validate.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { request, setUp, type Wire } from '../admission/scene.ts';
import { type Block, readBlocks, repair } from './blocks.ts';

/** The two verdicts on a block, as in the table, with their details. */
export interface Judged {
  readonly block: Block;
  readonly verbatim: string;
  readonly repaired: string;
  readonly verdicts: { readonly verbatim: Verdict | undefined; readonly repaired: readonly Verdict[] };
}

/**
 * Judges every block of the article in enforce, verbatim and as meant: parsed, made an object, and
 * with the labels and the name that the first answer asks for. All namespaces are fenced by
 * default.
 */
export async function judgeArticle(path: string, fenced = true): Promise<readonly Judged[]> {
  const blocks = readBlocks(path);
  const namespaces = blocks.filter(({ shape }) => shape === 'text').flatMap(repair);
  const labels = new Map(namespaces.map(({ metadata }) => identityOf(metadata)));
  const judge = (object: Wire) => judgeObject(object, labels, fenced);
  return Promise.all(
    blocks.map(async (block) => {
      const verbatim = block.shape === 'object' ? await judge(block.value) : undefined;
      const repaired = await Promise.all(repair(block).map((object) => follow(object, judge)));
      return {
        block,
        verbatim: verbatim === undefined ? shapes[block.shape] : say([verbatim]),
        repaired: say(repaired),
        verdicts: { verbatim, repaired },
      };
    }),
  );
}

/** The text for a block that is not an object. */
const shapes: Readonly<Record<Block['shape'], string>> = {
  object: '',
  list: 'no object: a list of rules',
  mapping: 'no object: part of a specification',
  text: 'no object: commands',
  broken: 'no YAML',
};

/**
 * Returns the verdict after the answers have been followed, if they say what to write: another
 * name, and labels.
 */
async function follow(object: Wire, judge: (object: Wire) => Promise<Verdict>, rounds = 3): Promise<Verdict> {
  const verdict = await judge(object);
  const { name, labels, ...rest } = object['metadata'] as { readonly name: string; readonly labels?: Wire };
  const fixes = verdict.findings.flatMap(({ action, fix }) => (action === 'deny' && fix !== undefined ? [fix] : []));
  const isReserved = verdict.findings.some(({ check }) => check === 'baseline-guard');
  if (rounds === 0 || (fixes.length === 0 && !isReserved)) return verdict;
  const metadata = {
    ...rest,
    name: isReserved ? `our-${name}` : name,
    labels: { ...labels, ...Object.fromEntries(fixes.map(({ key, value }) => [key, value])) },
  };
  return follow({ ...object, metadata }, judge, rounds - 1);
}

async function judgeObject(object: Wire, labels: ReadonlyMap<string, Wire>, fenced: boolean): Promise<Verdict> {
  const scene = setUp();
  // The users have `relabel`. Other users get a refusal that names the missing permission.
  for (const name of labels.keys()) scene.permitted.add(`dev relabel ${name}`);
  const mark = fenced ? { [fenceMark]: 'true' } : {};
  for (const [name, identity] of [...labels, ['kube-system', {}] as const]) {
    const given = { ...identity, 'kubernetes.io/metadata.name': name, ...(labels.has(name) ? mark : {}) };
    scene.cached.set(name, readNamespace(scene.cluster.setNamespace(name, given as Record<string, string>)));
  }
  const { kind, metadata } = object as {
    readonly kind: string;
    readonly metadata: { name: string; namespace?: string };
  };
  const named = { name: metadata.name, namespace: metadata.namespace ?? metadata.name };
  // The article labels existing namespaces, which is an update of a namespace without labels.
  const change = kind === 'Namespace' ? ({ operation: 'UPDATE', oldObject: bare(object) } as const) : {};
  return validate(request(kind, object, { ...named, ...change }), scene.ports, scene.config);
}

function bare(object: Wire): Wire {
  return { ...object, metadata: { name: (object['metadata'] as { name: string }).name } };
}

/**
 * Formats verdicts: `refused: CHECK ×3; warned: CHECK`. Equal ones of several objects appear once.
 */
function say(verdicts: readonly Verdict[]): string {
  return [...new Set(verdicts.map(sayOne))].join(' / ');
}

function sayOne({ findings }: Verdict): string {
  const of = (action: 'deny' | 'warn') =>
    count(findings.filter((one) => one.action === action).map(({ check }) => check));
  const [denied, warned] = [of('deny'), of('warn')];
  const head = denied === '' ? 'admitted' : `refused: ${denied}`;
  return warned === '' ? head : `${head}; warned: ${warned}`;
}

function count(checks: readonly string[]): string {
  return [...new Set(checks)]
    .map((check) => {
      const times = checks.filter((one) => one === check).length;
      return times === 1 ? `\`${check}\`` : `\`${check}\` ×${times}`;
    })
    .join(', ');
}

function identityOf(metadata: unknown): readonly [string, Wire] {
  const { name, labels } = metadata as { readonly name: string; readonly labels: Wire };
  return [name, labels];
}
