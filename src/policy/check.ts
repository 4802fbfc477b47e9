import type { Mode } from './mode.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Operation, Subject, SubjectKind } from './subject.ts';
import type { Taxonomy } from './taxonomy.ts';

/** What the checks may know of the configuration. */
export interface PolicyConfig {
  readonly taxonomy: Taxonomy;
  /** The strictest action each check may take; a check that is not named has its own `cap`. */
  readonly caps: ReadonlyMap<string, Mode>;
  readonly network: NetworkConfig;
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
  /** The value found; undefined where nothing is there. Together with check and field it identifies the violation for the ratchet. */
  readonly found: string | undefined;
  /** What is wrong and what is allowed, in one line, without the check's id. */
  readonly reason: string;
  readonly fix?: LabelFix;
  /** The check could not decide: enforce refuses, observe and warn never do; `check` prints it. */
  readonly undecided?: true;
  /** The permission without which the request may not do this; a refusal shows the RBAC that grants it. */
  readonly missing?: MissingPermission;
}

/** A permission on one of Ringfence's virtual cluster-scoped resources (group ringfence.dev). */
export interface MissingPermission {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
}

/** What people read of a rule, wherever it is judged: its id, its law in a sentence, what to do, its strictest action by default. */
export type RuleText = Pick<Check, 'id' | 'rule' | 'remedy' | 'cap'>;

/** One rule. `run` returns all violations, never throws, and never stops at the first. */
export interface Check {
  readonly id: string;
  /** The law in one sentence, printed in the rule table of the docs. */
  readonly rule: string;
  /** What to do about a violation, in one sentence. */
  readonly remedy: string;
  readonly kinds: readonly SubjectKind[];
  readonly operations: readonly Operation[];
  /** The strictest action by default. */
  readonly cap: Mode;
  run(subject: Subject, config: PolicyConfig): readonly Violation[];
}

/** What becomes of a violation, and why. */
export type Action = 'deny' | 'warn' | 'record';

/** A violation tagged with its check and what becomes of it. */
export interface Finding extends Violation {
  readonly check: string;
  readonly action: Action;
  /** What decided the action: the cluster's mode, the namespace's, the check's own cap, that it was wrong before, or a guard that holds in every mode. */
  readonly because: 'cluster' | 'namespace' | 'cap' | 'ratchet' | 'guard';
}
