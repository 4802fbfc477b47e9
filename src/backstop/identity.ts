import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { hasPrefix, isBuiltIn } from '../kubernetes/conditions.ts';
import { fenceMark, modeLabel, modes } from '../policy/mode.ts';
import { isAllowed } from './cel.ts';
import { isNewValue, label } from './faults.ts';
import type { RuleId } from './judgement.ts';

/** Something done to a namespace that needs a permission, or a mark. */
export interface Demand {
  readonly rule: RuleId;
  /** Refused in every mode, whatever the caps. */
  readonly always?: true;
  /** Of creations alone, which are judged by the cluster's mode. */
  readonly isCreation: boolean;
  /** Judged by the stricter of the mode that held and the cluster's, not by the mode that held. */
  readonly byStricter?: true;
  readonly when: Expression;
  /** What makes it right all the same. */
  readonly unless: Expression | undefined;
  readonly says: Expression;
  readonly short: string;
}

/**
 * The permission that the API server asks its own authorizer for: cluster-scoped, so that no Role
 * in a namespace grants it.
 */
export function isPermitted(resource: 'fences' | 'identities', name: Expression, verb: string): Expression {
  return `authorizer.group("ringfence.dev").resource(${text(resource)}).name(${name}).check(${text(verb)}).allowed()`;
}

/** `it needs the verb "lower" on fences.ringfence.dev named "shop"`, as a CEL string. */
export function neededText(resource: 'fences' | 'identities', name: Expression, verb: string): Expression {
  return `${text(`it needs the verb "${verb}" on ${resource}.ringfence.dev named "`)} + ${name} + "\\""`;
}

/** Everything about a new or changed Namespace that someone has to be allowed to do. */
export function demandsOf(config: Config): readonly Demand[] {
  const { taxonomy, exemptNamespaces, neverFenced, network, mode } = config;
  const name = 'object.metadata.name';
  const fence = (id: 'lower' | 'fence' | 'relabel' | 'exempt', what: Expression) => ({
    unless: isPermitted('fences', name, id),
    says: `${what} + "; " + ${neededText('fences', name, id)}`,
    short: `it needs the verb "${id}" on fences.ringfence.dev named by the namespace`,
  });
  const mark = text(fenceMark);
  const special = [...new Set([...exemptNamespaces, ...network.peers.flatMap(({ namespace }) => namespace ?? [])])];
  const keys = [...taxonomy.keys.keys()];
  const isChanged = 'variables.now[?key] != variables.before[?key]';
  const rank = literalRanks();
  const isMarked = `${mark} in variables.now && !(${mark} in variables.before)`;
  const isForbidden = `${name} in ${list(neverFenced)}`;
  return [
    {
      rule: { id: 'never-fenced', cap: 'enforce' },
      always: true,
      isCreation: false,
      when: `${isMarked} && ${isForbidden}`,
      unless: undefined,
      says: `${name} + ${text(` is never fenced: a deny-all in it could stop the cluster, or Ringfence itself`)}`,
      short: 'this namespace is never fenced',
    },
    {
      rule: { id: 'lower', cap: 'enforce' },
      always: true,
      isCreation: false,
      when: `${rank}[variables.asked] < ${rank}[variables.held]`,
      ...fence(
        'lower',
        `${text(`${modeLabel}: `)} + variables.asked + " is milder than " + variables.held + ", which holds now"`,
      ),
    },
    {
      rule: { id: 'lower', cap: 'enforce' },
      always: true,
      isCreation: false,
      when: `${mark} in variables.before && !(${mark} in variables.now)`,
      ...fence('lower', text(`${fenceMark} is taken away, and with it the guarantee that the baseline stands`)),
    },
    ...(mode === 'observe'
      ? []
      : [
          {
            rule: { id: 'fence-mark', cap: 'enforce' as const },
            isCreation: true,
            when: `variables.fresh && !variables.exempt && !(${isBuiltIn}) && !(${mark} in variables.now)`,
            unless: undefined,
            says: text(
              mode === 'enforce'
                ? `${fenceMark} is missing: a new namespace is marked before it is judged, so something hid this one`
                : `${fenceMark} is missing: under enforce a new namespace gets it, and with it a deny-all baseline that allows DNS`,
            ),
            short: `${fenceMark} is missing`,
          },
        ]),
    {
      rule: { id: 'fence', cap: 'enforce' },
      isCreation: false,
      when: `!variables.fresh && ${isMarked} && !(${isForbidden})`,
      ...fence('fence', text(`${fenceMark} is put on an existing namespace, which gets a deny-all`)),
    },
    ...(keys.length === 0
      ? []
      : [
          {
            rule: { id: 'relabel', cap: 'enforce' as const },
            isCreation: false,
            byStricter: true as const,
            when: `!variables.fresh && ${list(keys)}.exists(key, ${isChanged})`,
            ...fence('relabel', `${list(keys)}.filter(key, ${isChanged}).join(", ") + " would change"`),
          },
        ]),
    ...[...taxonomy.keys.values()].map((key) => {
      const identity = `${text(`${key.key}:`)} + ${label('now', key.key)}`;
      return {
        rule: { id: 'claim', cap: 'enforce' as const },
        isCreation: false,
        byStricter: true as const,
        // What is outside the vocabulary is nobody's to claim: label-values says so.
        when: `${isNewValue(key.key)} && ${isAllowed(key, label('now', key.key))}`,
        unless: isPermitted('identities', identity, 'claim'),
        says: `${text(`${key.key}=`)} + ${label('now', key.key)} + " is an identity; " + ${neededText('identities', identity, 'claim')}`,
        short: `${key.key} is an identity that needs the verb "claim" on identities.ringfence.dev`,
      };
    }),
    {
      rule: { id: 'exempt', cap: 'enforce' },
      isCreation: true,
      when: `variables.fresh && (${name} in ${list(special)}${orPrefix(name, config)})`,
      ...fence('exempt', `${text('the configuration exempts this name, or names it as a peer')}`),
    },
  ];
}

/** Whether the configuration exempts a name, or a prefix of it. */
export function isExemptName(name: Expression, config: Config): Expression {
  return `${name} in ${list(config.exemptNamespaces)}${orPrefix(name, config)}`;
}

function orPrefix(name: Expression, { exemptPrefixes }: Config): Expression {
  return exemptPrefixes.length === 0 ? '' : ` || ${hasPrefix(name, exemptPrefixes)}`;
}

/** From mild to strict. */
function literalRanks(): Expression {
  return `{${modes.map((mode, index) => `${text(mode)}: ${index}`).join(', ')}}`;
}
