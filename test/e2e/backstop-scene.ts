// The backstop on a control plane, as a person installs it: printed by the command line and applied
// by kubectl, without a webhook.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import type { BackstopManifest, ValidatingBinding } from '../../src/backstop/manifest.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from './installation.ts';
import type { Manifest } from './objects.ts';
import { programOf } from './program.ts';
import type { RawApi } from './raw-api.ts';

const run = promisify(execFile);

/**
 * Returns the output of `ringfence manifests --backstop` for a configuration, or for the defaults.
 */
export async function printBackstop(
  controlPlane: ControlPlane,
  configuration?: object,
): Promise<readonly BackstopManifest[]> {
  const file = join(controlPlane.folder, 'backstop-config.yaml');
  if (configuration !== undefined)
    writeFileSync(file, stringify({ apiVersion: 'ringfence.dev/v1alpha1', kind: 'Configuration', ...configuration }));
  const args = ['manifests', '--backstop', ...(configuration === undefined ? [] : ['--config', file])];
  const { stdout } = await run(process.execPath, [programOf(), ...args]);
  return parseAllDocuments(stdout).map((document) => document.toJS() as BackstopManifest);
}

/** Applies objects and waits until the API server evaluates the policies among them. */
export async function applyPolicies(
  controlPlane: ControlPlane,
  api: RawApi,
  manifests: readonly object[],
): Promise<void> {
  round += 1;
  const { exitCode, stderr } = await controlPlane.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...manifests, ...sentinel(round)] }),
  });
  if (exitCode !== 0 || stderr !== '') throw new Error(`kubectl apply of the policies: ${stderr}`);
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe', labels: roundLabel(round) } };
  // Each second, the API server puts all known policies into force at once. When the sentinel is in
  // force, so are the policies that were applied before it.
  await eventually('the policies to be in force', async () => {
    const { message } = await api.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', probe);
    return message.includes(`in force: ${round} and ${round}`);
  });
}

let round = 0;

const roundLabel = (number: number) => ({ round: String(number) });

/**
 * A policy of each kind that shows its number: the mutating one writes it, and the validating one
 * reports both. Their bindings, which the API server learns of separately, bind them only for that
 * number.
 */
function sentinel(number: number): readonly object[] {
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] };
  const matchConstraints = { resourceRules: [rule] };
  const matchResources = { objectSelector: { matchLabels: roundLabel(number) } };
  const expression = `Object{metadata: Object.metadata{annotations: {"round": "${number}"}}}`;
  const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];
  const validation = {
    expression: 'object.metadata.name != "probe"',
    messageExpression: `"in force: ${number} and " + object.metadata.?annotations.?round.orValue("none")`,
  };
  const specs = {
    MutatingAdmissionPolicy: { matchConstraints, failurePolicy: 'Ignore', reinvocationPolicy: 'Never', mutations },
    MutatingAdmissionPolicyBinding: { policyName: 'zz-sentinel', matchResources },
    ValidatingAdmissionPolicy: { matchConstraints, validations: [validation] },
    ValidatingAdmissionPolicyBinding: { policyName: 'zz-sentinel', matchResources, validationActions: ['Deny'] },
  };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return Object.entries(specs).map(([kind, spec]) => ({ apiVersion, kind, metadata: { name: 'zz-sentinel' }, spec }));
}

/**
 * Adds a second binding to each binding, which warns instead of refusing. If several policies
 * refuse, the API server names only one of them, but it returns the warnings of all, also with a
 * refusal. (A missing parameter always refuses.)
 */
export function tellAll(manifests: readonly BackstopManifest[]): readonly object[] {
  return manifests
    .filter((one): one is ValidatingBinding => one.kind === 'ValidatingAdmissionPolicyBinding')
    .filter(({ spec }) => spec.paramRef === undefined)
    .map((one) => ({
      ...one,
      metadata: { ...one.metadata, name: `told.${one.metadata.name}` },
      spec: { ...one.spec, validationActions: [one.spec.validationActions.includes('Deny') ? 'Warn' : 'Audit'] },
    }));
}

/** Returns the checks that a message or a warning of the backstop names. */
export function checksIn(texts: readonly string[]): readonly string[] {
  return [
    ...new Set(texts.flatMap((text) => [...text.matchAll(/ \[([a-z-]+)\](?=; |$)/g)].map(([, id = '']) => id))),
  ].sort((a, b) => (a < b ? -1 : 1));
}

/** Returns the wall of a namespace, as in the baseline. */
export function wallIn(
  namespace: string,
  spec: object = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-all-baseline', namespace },
    spec,
  };
}

/**
 * Runs a command (split at spaces) as a user and returns its outcome: `passes`, `warns RULE …`, the
 * RULE that refuses, or the output.
 */
export async function typeAs(
  controlPlane: ControlPlane,
  user: string,
  command: string,
  ...input: readonly Manifest[]
): Promise<string> {
  const { exitCode, stdout, stderr } = await controlPlane.kubectl(command.split(' '), {
    as: user,
    input: JSON.stringify(input.length === 1 ? input[0] : { apiVersion: 'v1', kind: 'List', items: input }),
  });
  const rules = checksIn(stderr.trim().split('\n')).join(' ');
  if (exitCode === 0) return rules === '' ? 'passes' : `warns ${rules}`;
  if (stderr.includes("'deny-all-baseline-must-be-there-first.ringfence.dev'") && stderr.includes('no params found'))
    return 'deny-all-baseline must be there first';
  return rules === '' ? stdout + stderr : rules;
}
