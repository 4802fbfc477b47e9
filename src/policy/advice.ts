import type { Labels } from '../kubernetes/labels.ts';
import type { Finding, LabelFix, PolicyConfig } from './check.ts';
import type { Subject } from './subject.ts';
import { identityLabels } from './taxonomy.ts';

/**
 * Returns the labels that remove findings, each as a key and a value in YAML. Returns none if the
 * user has no place to write labels.
 */
export function labelFixes(subject: Subject, findings: readonly Finding[], config: PolicyConfig): [string, string][] {
  if (debuggedNode(subject) !== undefined) return [];
  const fixes = new Map<string, string>();
  for (const finding of findings) {
    // If two findings concern one key, only the first fix counts.
    if (finding.fix !== undefined && !fixes.has(finding.fix.key)) fixes.set(finding.fix.key, yamlValue(finding.fix));
    else if (finding.check === 'required-labels' || finding.check === 'label-values') {
      if (!fixes.has(finding.subject)) fixes.set(finding.subject, placeholder(finding.subject, config));
    }
  }
  return [...fixes].filter(([key]) => key !== '' && subject.labelsField !== '');
}

/** Returns lines that explain how to set labels with tools that create objects without them. */
export function advice(subject: Subject, findings: readonly Finding[], config: PolicyConfig): readonly string[] {
  const debugged = debuggedNode(subject);
  if (debugged !== undefined) return adviceForNode(debugged);
  // For a Namespace, only findings about how its labels are written need this advice.
  const isWritten = ({ check, field, undecided }: Finding) =>
    field.startsWith(subject.labelsField) && !undecided && (subject.kind !== 'Namespace' || spelt.includes(check));
  if (!findings.some(isWritten)) return [];
  const wanted = wantedLabels(subject, findings, config);
  if (subject.kind === 'Namespace') {
    const labels = [...wanted].map(
      ([key, value]) => `    ${key}: ${value.startsWith('<') ? value : yamlValue({ key, value })}`,
    );
    return [
      'kubectl create namespace takes no labels; apply this instead (Helm: before the release, without --create-namespace;',
      'Argo CD: the labels under syncPolicy.managedNamespaceMetadata):',
      '  apiVersion: v1',
      '  kind: Namespace',
      '  metadata:',
      `    name: ${subject.name}`,
      '    labels:',
      ...labels.map((line) => `  ${line}`),
    ];
  }
  if (subject.kind === 'Pod') {
    const flags = [...wanted].map(([key, value]) => `${key}=${value}`).join(',');
    return [`With kubectl run: --labels='${flags}'; with kubectl debug --copy-to: --keep-labels`];
  }
  if (subject.role === 'Pod')
    return [
      "With Helm: the chart's value for pod labels (often podLabels); with kustomize: labels with includeTemplates: true",
    ];
  return [];
}

/**
 * Returns a placeholder for a value that only the author knows. It is not a valid label value, so
 * it is refused if it is pasted unchanged.
 */
function placeholder(key: string, config: PolicyConfig): string {
  const known = config.taxonomy.keys.get(key);
  if (known?.values !== undefined) return `<${known.values.join('|')}>`;
  return `<${known?.patternText ?? 'a value'}>`;
}

function yamlValue(fix: LabelFix): string {
  // Values that YAML would read as a boolean, a null or a number are quoted. In YAML 1.1, which
  // kubectl reads, yes, no, on and off are booleans too.
  return /^(true|false|yes|no|on|off|y|n|null|~|[-+.0-9].*)?$/i.test(fix.value) ? JSON.stringify(fix.value) : fix.value;
}

/**
 * Returns the node of a Pod that `kubectl debug node/NAME` makes, from the name of the Pod
 * (`node-debugger-NAME-` and five characters, k8s.io/kubectl pkg/cmd/debug); undefined for other
 * Pods.
 */
function debuggedNode({ kind, name }: Subject): string | undefined {
  return kind === 'Pod' ? /^node-debugger-(.+)-[a-z0-9]{5}$/.exec(name)?.[1] : undefined;
}

/** Returns the advice for `kubectl debug node`, which cannot set labels. */
function adviceForNode(node: string): readonly string[] {
  return [
    `kubectl debug node takes no labels; run it in an exempt namespace: kubectl debug node/${node} -n kube-system`,
  ];
}

/** The checks about how labels are written. */
const spelt: readonly string[] = ['required-labels', 'label-values'];

/** Returns the identity labels after the fixes, with placeholders for values without a fix. */
function wantedLabels(subject: Subject, findings: readonly Finding[], config: PolicyConfig): Labels {
  const wanted = new Map(identityLabels(subject.labels, config.taxonomy));
  for (const finding of findings) {
    if (finding.fix !== undefined) wanted.set(finding.fix.key, finding.fix.value);
    else if (config.taxonomy.keys.has(finding.subject))
      wanted.set(finding.subject, placeholder(finding.subject, config));
  }
  return wanted;
}
