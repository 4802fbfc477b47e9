import type { Exception } from './exception.ts';
import type { Mode } from './mode.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Opened } from './opening.ts';
import type { JudgedAs, Operation, Subject } from './subject.ts';
import type { Taxonomy } from './taxonomy.ts';

/** The part of the configuration that the checks use. */
export interface PolicyConfig {
  readonly taxonomy: Taxonomy;
  /** The caps of checks, by id. A check that is not in the map has its own `cap`. */
  readonly caps: ReadonlyMap<string, Mode>;
  readonly network: NetworkConfig;
  /** The exceptions that are in force now. */
  readonly exceptions: readonly Exception[];
}

/** A label that removes a violation. */
export interface LabelFix {
  readonly key: string;
  readonly value: string;
}

/** A mistake from which violations follow. Those with an equal cause are told as one. */
export interface Cause {
  readonly subject: string;
  /** What is wrong and what to do, in one line. */
  readonly reason: string;
  /** The namespace whose labels are missing, if that is the cause. */
  readonly namespace?: string;
}

/** A violation of a rule or, with `undecided`, a fact that could not be established. */
export interface Violation {
  /** The field's path from the object's root: `metadata.labels.env`. */
  readonly field: string;
  /** The short name of the place in the object: the key of the label, or the field. */
  readonly subject: string;
  /**
   * The value that was found; undefined if there is none. Without `parts`, the ratchet compares
   * violations by check, field and this value.
   */
  readonly found: string | undefined;
  /** Everything that `found` summarises, one by one. If present, the ratchet compares these. */
  readonly parts?: readonly string[];
  /** What is wrong and what is allowed, in one line, without the id of the check. */
  readonly reason: string;
  readonly fix?: LabelFix;
  /** What the violation follows from; undefined if it is a mistake of its own. */
  readonly cause?: Cause | undefined;
  /** The strictest action for this violation, even if the cap of its check is stricter. */
  readonly atMost?: Mode;
  /** Whether the check could not decide. Then enforce refuses, and observe and warn do not. */
  readonly undecided?: true;
  /**
   * Whether the object does not have the form of its Kubernetes type. The finding is then one of
   * the rule `readable`, whichever check reports it, and no cap softens it.
   */
  readonly unreadable?: true;
  /** The permission that the request lacks. A refusal shows the RBAC rule that grants it. */
  readonly missing?: MissingPermission;
}

/** A permission on one of Ringfence's virtual cluster-scoped resources (group ringfence.dev). */
export interface MissingPermission {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
}

/** The text of a rule for people, wherever it is judged. */
export interface RuleText {
  readonly id: string;
  /** The rule in one sentence, for the table of rules in the docs. */
  readonly rule: string;
  /** What to do about a violation, in one sentence. */
  readonly remedy: string;
  /** The strictest action by default. */
  readonly cap: Mode;
}

/** One rule. It returns all violations, not only the first, and never throws. */
export type Check = ObjectCheck | OpeningCheck;

interface AnyCheck extends RuleText {
  /** `Pod` speaks of pod templates as well. */
  readonly kinds: readonly JudgedAs[];
  readonly operations: readonly Operation[];
}

/** A rule about the content of an object and of its namespace. */
export interface ObjectCheck extends AnyCheck {
  /**
   * Whether the check reads more of the object than its identity, so that an audit line is not
   * enough to ask it again.
   */
  readonly readsContent?: true;
  run(subject: Subject, config: PolicyConfig): readonly Violation[];
}

/**
 * A rule about what a NetworkPolicy opens. If that could not be determined, these checks are not
 * called, and one finding reports it for all of them.
 */
export interface OpeningCheck extends AnyCheck {
  /** The taxonomy key that the check needs. Without this key, the check is not called. */
  readonly key?: (config: PolicyConfig) => string;
  /** Whether this check, among equally strict ones, reports that nothing could be determined. */
  readonly reportsDoubt?: true;
  judge(opened: Opened, subject: Subject, config: PolicyConfig): readonly Violation[];
}

/** The action for a violation. */
export type Action = 'deny' | 'warn' | 'record';

/** A violation with its check and the action for it. */
export interface Finding extends Violation {
  readonly check: string;
  readonly action: Action;
  /**
   * The reason for the action: the mode of the cluster or the namespace, the cap of the check, the
   * ratchet (it was wrong before), a guard that denies in every mode, or an exception.
   */
  readonly because: 'cluster' | 'namespace' | 'cap' | 'ratchet' | 'guard' | 'exception';
  /** The name of the exception that waives the finding. */
  readonly exception?: string;
  /** Whether the object had the violation before the update. Then enforce only warns. */
  readonly standing?: true;
}
