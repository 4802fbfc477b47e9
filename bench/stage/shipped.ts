// The settings that the Deployment gives the process, so that the benchmark runs the shipped
// configuration.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * The environment variables with a literal value in manifests/base/deployment.yaml, such as
 * NODE_OPTIONS.
 */
export function shippedEnvironment(): Readonly<Record<string, string>> {
  const deployment = parse(readFileSync('manifests/base/deployment.yaml', 'utf8')) as Deployment;
  const variables = deployment.spec.template.spec.containers.flatMap(({ env }) => env);
  const given = variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  if (!given.some(([name]) => name === 'NODE_OPTIONS')) throw new Error('the Deployment sets no NODE_OPTIONS');
  return Object.fromEntries(given);
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}
