import { rules } from '../judgement/rules.ts';
import { type CheckAnswer, checkAnswer } from '../report/json.ts';
import { type ConfigurationOptions, readConfiguration } from './configuration.ts';
import { judgeFiles, readGiven } from './judged-files.ts';
import { filesOf, type Manifest } from './manifests.ts';
import { type SelectionOptions, skippedChecks } from './selection.ts';

/** What `check` may know beside the manifests. */
export interface CheckOptions extends ConfigurationOptions, SelectionOptions {
  /** The objects that the cluster already has: its Namespaces and NetworkPolicies. */
  readonly cluster?: readonly Manifest[] | undefined;
  /** The namespace of objects without one. */
  readonly namespace?: string | undefined;
  /** Whether warnings and undecided findings count as failing. */
  readonly strict?: boolean | undefined;
}

/**
 * Judges manifests as admission would judge their creation in a cluster that enforces. What cannot
 * be read is among `problems` of the answer (schemas/check.schema.json).
 *
 * @throws TypeError for a wrong argument, an Error with every problem of the configuration, or one
 *   for each object of `cluster` that cannot be read
 */
export async function check(manifests: readonly Manifest[], options: CheckOptions = {}): Promise<CheckAnswer> {
  const { paths, files } = filesOf(manifests, 'manifests');
  const skipped = skippedChecks(options, '');
  const config = await readConfiguration(options);
  const given = filesOf(options.cluster ?? [], 'cluster');
  const cluster = options.cluster === undefined ? [] : await readGiven(given.paths, given.files);
  const judged = await judgeFiles(paths, files, {
    exclude: [],
    cluster,
    namespace: options.namespace,
    config,
    now: options.now ?? Date.now(),
    skipped,
  });
  return checkAnswer({ ...judged, rules, strict: options.strict === true, ignoreUnreadable: false });
}
