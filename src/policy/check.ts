import type { Exception } from './exception.ts';
import type { Mode } from './mode.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Opened } from './opening.ts';
import type { JudgedAs, Operation, Subject } from './subject.ts';
import type { Taxonomy } from './taxonomy.ts';

/** What the checks may know of the configuration. */
export interface PolicyConfig {
  readonly taxonomy: Taxonomy;
  /** The strictest action each check may take; a check that is not named has its own `cap`. */
  readonly caps: ReadonlyMap<string, Mode>;
  readonly network: NetworkConfig;
  /** The exceptions that hold now. */
  readonly exceptions: readonly Exception[];
}

/** A label to set so that a violation goes away. */
export interface LabelFix {
  readonly key: string;
  readonly value: string;
}

/** A fact that is wrong (or, with `undecided`, a fact that could not be established). */
export interface Violation {
  /** The field's path from the object's root: `metadata.labels.env`. */
  readonly field: string;
  /** The short name a person looks for in the object: the label's key, or the field. */
  readonly subject: string;
  /**
   * The value found; undefined where nothing is there. Together with check and field it identifies
   * the violation for the ratchet, where it has no `parts`.
   */
  readonly found: string | undefined;
  /** All that `found` says in short, each apart: then the ratchet compares these. */
  readonly parts?: readonly string[];
  /** What is wrong and what is allowed, in one line, without the check's id. */
  readonly reason: string;
  readonly fix?: LabelFix;
  /** The strictest action for this violation, even if the cap of its check is stricter. */
  readonly atMost?: Mode;
  /** The check could not decide: enforce refuses, observe and warn never do; `check` prints it. */
  readonly undecided?: true;
  /**
   * The permission without which the request may not do this; a refusal shows the RBAC that grants
   * it.
   */
  readonly missing?: MissingPermission;
}

/** A permission on one of Ringfence's virtual cluster-scoped resources (group ringfence.dev). */
export interface MissingPermission {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
}

/** What people read of a rule, wherever it is judged. */
export interface RuleText {
  readonly id: string;
  /** The law in one sentence, printed in the rule table of the docs. */
  readonly rule: string;
  /** What to do about a violation, in one sentence. */
  readonly remedy: string;
  /** The strictest action by default. */
  readonly cap: Mode;
}

/** One rule. It returns all violations, never throws, and never stops at the first. */
export type Check = ObjectCheck | OpeningCheck;

interface AnyCheck extends RuleText {
  /** `Pod` speaks of pod templates as well. */
  readonly kinds: readonly JudgedAs[];
  readonly operations: readonly Operation[];
}

/** A rule on what stands in an object, or in its namespace. */
export interface ObjectCheck extends AnyCheck {
  run(subject: Subject, config: PolicyConfig): readonly Violation[];
}

/**
 * A rule on what a NetworkPolicy opens. It is handed that; where it could not be worked out, the
 * check is not asked, and one finding says so for all of them.
 */
export interface OpeningCheck extends AnyCheck {
  /** The taxonomy key that it judges by. Without it in the taxonomy, the check is not asked. */
  readonly key?: string;
  /** Among equally strict checks, this one reports that it could not be worked out. */
  readonly reportsDoubt?: true;
  judge(opened: Opened, subject: Subject, config: PolicyConfig): readonly Violation[];
}

/** What becomes of a violation, and why. */
export type Action = 'deny' | 'warn' | 'record';

/** A violation tagged with its check and what becomes of it. */
export interface Finding extends Violation {
  readonly check: string;
  readonly action: Action;
  /**
   * What decided the action: the cluster's mode, the namespace's, the check's own cap, that it was
   * wrong before, a guard that holds in every mode, or an exception.
   */
  readonly because: 'cluster' | 'namespace' | 'cap' | 'ratchet' | 'guard' | 'exception';
  /** The name of the exception that waives it. */
  readonly exception?: string;
}
