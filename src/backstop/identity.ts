import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { hasPrefix, isBuiltIn } from '../kubernetes/conditions.ts';
import { fenceMark, modeLabel, modes } from '../policy/mode.ts';
import { isAllowed } from './cel.ts';
import { isNewValue, label } from './faults.ts';
import type { RuleId } from './judgement.ts';

/** A change of a namespace that needs a permission or the mark, or that is forbidden. */
export interface Demand {
  readonly rule: RuleId;
  /** Whether it is refused in every mode, whatever the caps. */
  readonly always?: true;
  /** Whether it concerns only creations, which are judged by the cluster's mode. */
  readonly isCreation: boolean;
  /** Whether the stricter of the old mode and the cluster's decides, and not the old mode. */
  readonly byStricter?: true;
  readonly when: Expression;
  /** The permission that allows it; undefined if none does. */
  readonly unless: Expression | undefined;
  readonly says: Expression;
  readonly short: string;
}

/**
 * Asks the authorizer of the API server for a permission. It is cluster-scoped, so a Role in a
 * namespace cannot grant it.
 */
export function isPermitted(resource: 'fences' | 'identities', name: Expression, verb: string): Expression {
  return `authorizer.group("ringfence.dev").resource(${text(resource)}).name(${name}).check(${text(verb)}).allowed()`;
}

/** The CEL string `it needs the verb "lower" on fences.ringfence.dev named "shop"`. */
export function neededText(resource: 'fences' | 'identities', name: Expression, verb: string): Expression {
  return `${text(`it needs the verb "${verb}" on ${resource}.ringfence.dev named "`)} + ${name} + "\\""`;
}

/** Returns the demands on a new or changed Namespace. */
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
        // label-values reports a value outside the vocabulary, which nobody can claim.
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

/** Tests whether the configuration exempts a name, or a prefix of it. */
export function isExemptName(name: Expression, config: Config): Expression {
  return `${name} in ${list(config.exemptNamespaces)}${orPrefix(name, config)}`;
}

function orPrefix(name: Expression, { exemptPrefixes }: Config): Expression {
  return exemptPrefixes.length === 0 ? '' : ` || ${hasPrefix(name, exemptPrefixes)}`;
}

/** A CEL map from each mode to its rank, from mild to strict. */
function literalRanks(): Expression {
  return `{${modes.map((mode, index) => `${text(mode)}: ${index}`).join(', ')}}`;
}
