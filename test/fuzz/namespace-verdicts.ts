// What must come of the creation or the change of a Namespace, said from the table of permissions and the pure checks.
import type { Config } from '../../src/config/config.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { type ModeChoice, modeIn, modes } from '../../src/policy/mode.ts';
import { isSubject, readSubject, type Subject } from '../../src/policy/subject.ts';
import type { Request } from './envelope.ts';
import { isPermitted } from './world.ts';

const mark = 'ringfence.dev/fence';

/** Whether it must be admitted. `enforced`: the API server asks by the entry of clusters and namespaces that enforce. */
export function judgeNamespace(
  { operation, object, oldObject, userInfo }: Request,
  enforced: boolean,
  config: Config,
): boolean {
  const isCreation = operation === 'CREATE';
  const context = { operation: isCreation ? 'CREATE' : 'UPDATE', namespace: undefined, facts: undefined } as const;
  const old = isCreation ? undefined : readSubject('Namespace', oldObject, context);
  const before = old !== undefined && isSubject(old) ? old : undefined;
  const cluster: ModeChoice = { mode: config.mode, source: 'cluster' };
  const earlier = before === undefined ? cluster : modeIn(before.labels, config.mode);
  const now = readSubject('Namespace', object, context);
  if (!isSubject(now)) return earlier.mode !== 'enforce';
  const may = (permission: string): boolean => {
    try {
      return isPermitted(userInfo.username ?? '', permission);
    } catch {
      return false;
    }
  };
  if (isLowered(now, before, config) && !may(`lower ${now.name}`)) return false;
  if (earlier.mode === 'enforce' && !permissionsFor(now, before, config).every(may)) return false;
  if (config.exemptNamespaces.includes(now.name)) return true;
  const isMarked = now.labels.get('ringfence.dev/mode') === 'enforce' || (enforced && config.mode === 'enforce');
  const mode = modeIn(now.labels, config.mode);
  if (isCreation && isMarked && !now.labels.has(mark)) return false;
  return evaluate(checks, now, before, mode, config).outcome !== 'denied';
}

/** The mark taken away, or a milder mode than held before. */
function isLowered(now: Subject, before: Subject | undefined, config: Config): boolean {
  const rank = (subject: Subject) => modes.indexOf(modeIn(subject.labels, config.mode).mode);
  const was = before === undefined ? modes.indexOf(config.mode) : rank(before);
  return rank(now) < was || (before?.labels.has(mark) === true && !now.labels.has(mark));
}

/** What is asked for beside `lower`. */
function permissionsFor(now: Subject, before: Subject | undefined, config: Config): string[] {
  const { name } = now;
  const asked: string[] = [];
  const special = [...config.exemptNamespaces, ...config.network.peers.flatMap(({ namespace }) => namespace ?? [])];
  if (before === undefined && special.includes(name)) asked.push(`exempt ${name}`);
  if (before !== undefined && !before.labels.has(mark) && now.labels.has(mark)) asked.push(`fence ${name}`);
  for (const [key, { values, pattern }] of config.taxonomy.keys) {
    const [is, was] = [now.labels.get(key), before?.labels.get(key)];
    if (is === was) continue;
    if (before !== undefined) asked.push(`relabel ${name}`);
    if (is !== undefined && (values?.includes(is) ?? pattern?.test(is) ?? true)) asked.push(`claim ${key}:${is}`);
  }
  return asked;
}
