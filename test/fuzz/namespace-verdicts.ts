// The expected verdict on the creation or change of a Namespace, from the table of permissions and
// the pure checks.
import type { Config } from '../../src/config/config.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { type ModeChoice, modeIn, modes } from '../../src/policy/mode.ts';
import { isSubject, readSubject, type Subject } from '../../src/policy/subject.ts';
import type { Request } from './envelope.ts';
import { isPermitted } from './world.ts';

const mark = 'ringfence.dev/fence';
/** Every cluster has these namespaces, and their creation never marks them. */
const builtIn = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/**
 * Whether it must be admitted. `enforced` means that the API server called the entry for clusters
 * and namespaces that enforce.
 */
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
  if (isMarkTaken(now, before) && config.neverFenced.includes(now.name)) return false;
  // An identity concerns everybody, so the stricter of the two modes decides.
  const stricter = [earlier.mode, config.mode].includes('enforce');
  if (stricter && !identityPermissions(now, before, config).every(may)) return false;
  if (earlier.mode === 'enforce' && !namePermissions(now, before, config).every(may)) return false;
  if (config.exemptNamespaces.includes(now.name)) return true;
  const isMarked = now.labels.get('ringfence.dev/mode') === 'enforce' || (enforced && config.mode === 'enforce');
  const mode = modeIn(now.labels, config.mode);
  if (isCreation && isMarked && !now.labels.has(mark) && !builtIn.includes(now.name)) return false;
  return evaluate(checks, now, before, mode, config).outcome !== 'denied';
}

/** Whether the mark is removed or the mode becomes milder. */
function isLowered(now: Subject, before: Subject | undefined, config: Config): boolean {
  const rank = (subject: Subject) => modes.indexOf(modeIn(subject.labels, config.mode).mode);
  const was = before === undefined ? modes.indexOf(config.mode) : rank(before);
  return rank(now) < was || (before?.labels.has(mark) === true && !now.labels.has(mark));
}

function isMarkTaken(now: Subject, before: Subject | undefined): boolean {
  return now.labels.has(mark) && before?.labels.has(mark) !== true;
}

/** The permissions for its name and a new mark. */
function namePermissions(now: Subject, before: Subject | undefined, config: Config): string[] {
  const { name } = now;
  const special = [...config.exemptNamespaces, ...config.network.peers.flatMap(({ namespace }) => namespace ?? [])];
  if (before === undefined) return special.includes(name) ? [`exempt ${name}`] : [];
  return isMarkTaken(now, before) ? [`fence ${name}`] : [];
}

/** The permissions for its identity. */
function identityPermissions(now: Subject, before: Subject | undefined, config: Config): string[] {
  const asked: string[] = [];
  for (const [key, { values, pattern }] of config.taxonomy.keys) {
    const [is, was] = [now.labels.get(key), before?.labels.get(key)];
    if (is === was) continue;
    if (before !== undefined) asked.push(`relabel ${now.name}`);
    if (is !== undefined && (values?.includes(is) ?? pattern?.test(is) ?? true)) asked.push(`claim ${key}:${is}`);
  }
  return asked;
}
