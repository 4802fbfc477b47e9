// Compares each answer with what the replica knew at that time.
import type { Mode } from '../../src/policy/mode.ts';
import { isInDoubt } from './doubt.ts';
import type { Write } from './flip-load.ts';
import type { LogLine, Replica } from './installation.ts';
import { decisionsOf } from './traffic.ts';

/** The modes that the cluster's configuration had, by its version. */
export type Versions = ReadonlyMap<string, Mode>;

/** The failures, each in a line that says where, and figures. */
export interface Ledger {
  /** Writes that were not judged exactly once. */
  readonly unjudged: readonly string[];
  /**
   * Decisions that do not follow from the configuration which they name, or that differ from the
   * outcome of the write.
   */
  readonly wrong: readonly string[];
  /** Refused writes that were right. */
  readonly hindered: readonly string[];
  /**
   * Decisions in doubt. On a busy machine the gate may give up once. They count neither as wrong
   * nor as hindered.
   */
  readonly doubtful: number;
  /** Times at which a replica went back to an older configuration. */
  readonly relapses: readonly string[];
  /** The decisions of each replica about objects under the cluster's mode, by that mode. */
  readonly decisions: readonly Readonly<Record<Mode, number>>[];
  /** Writes at a moment when the two replicas had different modes. */
  readonly disputed: number;
}

export function audit(writes: readonly Write[], replicas: readonly Replica[], versions: Versions): Ledger {
  const lines = replicas.map(decisionsOf);
  const byWrite = new Map<string, LogLine[]>();
  for (const line of lines.flat()) {
    const key = `${line['resource']} ${line['name']}`;
    byWrite.set(key, [...(byWrite.get(key) ?? []), line]);
  }
  const judged = writes.map((write) => ({ write, found: byWrite.get(`${write.resource} ${write.name}`) ?? [] }));
  const count = (own: readonly LogLine[], mode: Mode): number =>
    own.filter((line) => line['mode'] === mode && line['modeSource'] === 'cluster').length;
  return {
    unjudged: judged.filter(({ found }) => found.length !== 1).map(({ write, found }) => told(write, ...found)),
    wrong: judged.flatMap(({ write, found }) =>
      found
        .filter((line) => !isInDoubt(line) && !isRightAnswer(write, line, versions))
        .map((line) => told(write, line)),
    ),
    doubtful: lines.flat().filter(isInDoubt).length,
    hindered: judged
      .filter(({ write, found }) => write.isRight && write.refusal !== undefined && !found.some(isInDoubt))
      .map(({ write, found }) => told(write, ...found)),
    relapses: replicas.flatMap((replica) => {
      const adopted = adoptions(replica);
      return adopted
        .filter(({ version }, index) => Number(version) <= Number(adopted[index - 1]?.version ?? 0))
        .map((line) => JSON.stringify(line));
    }),
    decisions: lines.map((own) => ({
      observe: count(own, 'observe'),
      warn: count(own, 'warn'),
      enforce: count(own, 'enforce'),
    })),
    disputed: writes.filter(({ sentAt }) => {
      const held = replicas.map((replica) => modeAt(replica, sentAt, versions));
      return new Set(held).size > 1;
    }).length,
  };
}

/**
 * Whether a decision follows from the configuration which it names, and matches the outcome of the
 * write.
 */
function isRightAnswer({ place, isRight, refusal }: Write, line: LogLine, versions: Versions): boolean {
  const mode = place === 'cluster' ? versions.get(String(line['configVersion'])) : place;
  const { decision } = line as { readonly decision?: string };
  if (mode === undefined || line['mode'] !== mode || (refusal === undefined) !== (decision !== 'denied')) return false;
  // There may be a warning about the mark of a right namespace, but nothing else about a right
  // object.
  if (isRight) return decision === 'allowed' || (decision === 'warned' && line['resource'] === 'namespaces');
  return decision === { observe: 'allowed', warn: 'warned', enforce: 'denied' }[mode];
}

/** Returns the mode of a replica at a time, in milliseconds since 1970. */
function modeAt(replica: Replica, at: number, versions: Versions): Mode | undefined {
  const heard = adoptions(replica).filter(({ time }) => Date.parse(time) <= at);
  return versions.get(heard.at(-1)?.version ?? '');
}

/** Returns when a replica began to use which configuration. */
function adoptions(replica: Replica): readonly { readonly time: string; readonly version: string }[] {
  return replica
    .log()
    .filter(({ msg }) => msg === 'configured')
    .map(({ time, version }) => ({ time, version: String(version) }));
}

function told(write: Write, ...lines: readonly LogLine[]): string {
  return [write, ...lines].map((one) => JSON.stringify(one)).join(' | ');
}
