import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { dnsServiceNames } from '../kubernetes/dns-service.ts';
import type { Finding } from '../policy/check.ts';
import { actUnder } from '../policy/evaluate.ts';
import { fenceMark, type ModeChoice, milder, modeIn, modeLabel, stricterChoice } from '../policy/mode.ts';
import { permissionRules, permissionText } from '../policy/permissions.ts';
import type { Subject } from '../policy/subject.ts';
import { isAllowedValue } from '../policy/taxonomy.ts';
import { type Access, askAll } from './access.ts';
import type { Demand } from './demand.ts';
import type { UserInfo } from './review.ts';
import { guardTrial, type TrialChange, trialDemands } from './trial-guard.ts';

/** The findings of the guard, and the used permissions, for the audit line and the Event. */
export interface Guarded {
  readonly findings: readonly Finding[];
  readonly used: readonly string[];
}

/**
 * Guards the identity, the mark and the mode of a namespace. The mode before the request (at
 * creation the cluster's) decides the action for findings, so that no request can weaken itself.
 * `claim` and `relabel` use the stricter of that mode and the cluster's, because policies of all
 * namespaces select by identity. Lowering is refused in every mode. If the API server does not
 * answer, nothing is permitted.
 * @param trial the annotation of the trial; a namespace in a file has no change of it
 */
export async function guardNamespace(
  now: Subject,
  before: Subject | undefined,
  user: UserInfo,
  access: Access,
  config: Config,
  trial: TrialChange = { now: undefined, before: undefined },
): Promise<Guarded> {
  const demands = [...demandsOf(now, before, config), ...trialDemands(trial, now, before)];
  const forbidden = [...guardMark(now, before, config), ...guardTrial(trial, now, before)];
  if (demands.length === 0) return { findings: forbidden, used: [] };
  const answers = await askAll(
    user,
    demands.map(({ permission }) => permission),
    access,
  );
  const findings: Finding[] = [...forbidden];
  const used = new Set<string>();
  for (const demand of demands) {
    const text = permissionText(demand.permission);
    const answer = answers.get(text);
    if (answer === undefined) continue;
    if ('allowed' in answer && answer.allowed) used.add(text);
    else {
      const silence = 'undecided' in answer ? answer.undecided : undefined;
      findings.push(findingOf(demand, silence, user, modeFor(demand, before, config), config));
    }
  }
  return { findings, used: [...used] };
}

/** Returns the mode under which the guard judges a change of a namespace. */
export function modeBefore(before: Subject | undefined, config: Config): ModeChoice {
  return before === undefined ? { mode: config.mode, source: 'cluster' } : modeIn(before.labels, config.mode);
}

function modeFor({ check }: Demand, before: Subject | undefined, config: Config): ModeChoice {
  const held = modeBefore(before, config);
  const isIdentity = check === 'claim' || check === 'relabel';
  return isIdentity ? stricterChoice(held, { mode: config.mode, source: 'cluster' }) : held;
}

/**
 * Returns every permission that a creation (`before` is undefined) or a change of a namespace
 * needs, in a stable order.
 */
export function demandsOf(now: Subject, before: Subject | undefined, config: Config): readonly Demand[] {
  const { name } = now;
  const label = (key: string) => `${now.labelsField}.${key}`;
  const demands: Demand[] = [];
  const ask = (check: Demand['check'], key: string, found: string | undefined, what: string) =>
    demands.push({
      check,
      permission:
        check === 'claim'
          ? { verb: 'claim', resource: 'identities', name: `${key}:${found}` }
          : { verb: check, resource: 'fences', name },
      field: check === 'exempt' ? 'metadata.name' : label(key),
      subject: key,
      found,
      what,
    });

  if (before === undefined && isSpecialName(name, config))
    ask('exempt', 'name', name, `"${name}" is exempt, or a peer, in the configuration`);
  const isMarked = before !== undefined && now.labels.has(fenceMark) && !before.labels.has(fenceMark);
  if (isMarked && !config.neverFenced.includes(name))
    ask('fence', fenceMark, now.labels.get(fenceMark), 'put on an existing namespace, which gets a deny-all');
  if (before?.labels.has(fenceMark) === true && !now.labels.has(fenceMark))
    ask('lower', fenceMark, undefined, 'taken away, and with it the guarantee that the baseline stands');
  const [was, is] = [modeBefore(before, config).mode, modeIn(now.labels, config.mode).mode];
  if (was !== is && milder(was, is) === is)
    ask('lower', modeLabel, now.labels.get(modeLabel), `${is} is milder than ${was}, which holds now`);
  for (const key of config.taxonomy.keys.values()) {
    const value = now.labels.get(key.key);
    const old = before?.labels.get(key.key);
    if (value === old) continue;
    if (before !== undefined)
      ask('relabel', key.key, value, old === undefined ? 'added' : value === undefined ? 'removed' : `was "${old}"`);
    // label-values reports a value outside the vocabulary, which nobody can claim.
    if (value !== undefined && isAllowedValue(key, value)) ask('claim', key.key, value, `"${value}" is an identity`);
  }
  return demands;
}

/**
 * Refuses the mark on a namespace that must never be fenced. It is refused in every mode and to
 * every user, because a deny-all is never harmless there. A mark that the namespace already has is
 * not refused, so that its other labels can be repaired.
 */
export function guardMark(
  now: Subject | undefined,
  before: Subject | undefined,
  { neverFenced }: Pick<Config, 'neverFenced'>,
): readonly Finding[] {
  if (now?.kind !== 'Namespace' || !neverFenced.includes(now.name)) return [];
  if (!now.labels.has(fenceMark) || before?.labels.has(fenceMark) === true) return [];
  return [
    {
      check: 'never-fenced',
      field: `${now.labelsField}.${fenceMark}`,
      subject: fenceMark,
      found: now.labels.get(fenceMark),
      reason: `${now.name} is never fenced: a deny-all in it could stop the cluster, or Ringfence itself`,
      action: 'deny',
      because: 'guard',
    },
  ];
}

/** Whether the configuration treats the content of a namespace specially because of its name. */
function isSpecialName(name: string, config: Config): boolean {
  // With `dns: auto`, a Service in such a namespace says where DNS is.
  const isOfDns = config.baseline.isDnsFound !== undefined && dnsServiceNames.some(([namespace]) => namespace === name);
  return isExempt(name, config) || isOfDns || config.network.peers.some(({ namespace }) => namespace === name);
}

function findingOf(
  { check, permission, field, subject, found, what }: Demand,
  silence: string | undefined,
  { username = 'this user' }: UserInfo,
  choice: ModeChoice,
  config: Config,
): Finding {
  const needed = `"${permission.verb}" on ${permission.resource}.ringfence.dev "${permission.name}"`;
  return {
    check,
    field,
    subject,
    found,
    ...(silence === undefined
      ? { reason: `${what}; ${username} may not ${permission.verb} ${permission.name}`, missing: permission }
      : { reason: `not decided: whether ${username} has the permission ${needed}: ${silence}`, undecided: true }),
    ...(check === 'lower' ? { action: 'deny', because: 'guard' } : actUnder(permissionRules[check], choice, config)),
  };
}
