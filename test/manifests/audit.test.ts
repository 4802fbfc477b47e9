// manifests/audit: a CronJob with the rights that the documentation names, and those for reports.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { reportKinds } from '../../src/kubernetes/report-kinds.ts';
import { root } from './manifests.ts';

interface Role {
  readonly kind: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const folder = join(root, 'manifests/audit');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const all = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Role);
const documented = (page: string) => all(/```yaml\n(apiVersion: rbac[^`]+)```/.exec(read(page))?.[1] ?? '');

describe('manifests/audit', () => {
  it('lists files that exist, with the image of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const { resources, images } = parse(read('manifests/audit/kustomization.yaml')) as {
      resources: string[];
      images: unknown;
    };
    expect(resources.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
    expect(images).toEqual([{ name: 'ringfence', newName: 'ringfence', newTag: version }]);
  });

  it('grants what the pages of the audit and the doctor name, and the writing of reports', () => {
    const [clusterRole] = all(read('manifests/audit/cluster-role.yaml'));
    const [role] = all(read('manifests/audit/role.yaml'));
    const roles = [...documented('docs/cluster-audit.md'), ...documented('docs/doctor.md')];
    const rulesOf = (kind: string) => roles.filter((one) => one.kind === kind).flatMap(({ rules }) => rules);
    const reports = Object.values(reportKinds).map(({ group, namespaced, clustered }) => ({
      apiGroups: [group],
      resources: [namespaced.resource, clustered.resource],
      verbs: ['list', 'create', 'patch'],
    }));
    expect(clusterRole?.rules).toEqual([...rulesOf('ClusterRole'), ...reports]);
    expect(role?.rules).toEqual(rulesOf('Role'));
  });
});
