// The first half of the story: how namespaces are created, and who may create which. Data only.
import type { Scene } from './scene.ts';
import { accepted, admin, developer, refused, settled } from './steps.ts';

const manifest = 'examples/three-tiers/namespaces.yaml';
/** The namespaces of that file. */
const namespaces = ['frontend', 'backend', 'database'] as const;

export const namespaceScenes: readonly Scene[] = [
  {
    title: 'A namespace says who it is',
    steps: [
      // New RBAC rules reach the cache of the API server a moment later.
      settled(
        developer(
          ['create', 'namespace', 'frontend'],
          refused(
            'no labels, no namespace: all that is missing at once, with a manifest to paste',
            'Namespace frontend: 3 labels keep it out',
            '[required-labels]',
            'env: <prod|staging|dev>',
          ),
        ),
      ),
    ],
  },
  {
    title: 'And not just anyone may say so',
    steps: [
      developer(['auth', 'can-i', 'create', 'namespaces'], accepted('Kubernetes lets them make namespaces', 'yes')),
      developer(
        ['apply', '-f', '-'],
        refused(
          'a label is identity: who may create a namespace may not for that reason be anyone',
          'developer may not claim team:platform',
          'Needed: the verb "claim" on identities.ringfence.dev named "env:prod", "tier:web", "team:platform"',
          '- {apiGroups: [ringfence.dev], resources: [identities], verbs: [claim]',
        ),
        namespaceOf('frontend', 'env: prod, tier: web, team: platform'),
      ),
      admin(
        ['apply', '-f', 'test/demo/manifests/team-platform-in-prod.yaml'],
        accepted('they become leads of team platform, in prod', 'team-platform-in-prod created'),
      ),
      settled(
        developer(
          ['apply', '--dry-run=server', '-f', manifest],
          accepted(
            'plain RBAC, which Kubernetes answers for; a dry run tells',
            'namespace/frontend created (server dry run)',
          ),
        ),
      ),
      developer(
        ['apply', '-f', manifest],
        accepted('under that role all three get in', ...namespaces.map((name) => `namespace/${name} created`)),
      ),
      developer(
        ['apply', '-f', '-'],
        refused('of another team they are no lead', 'developer may not claim team:payments', '[claim]'),
        namespaceOf('vault', 'env: prod, tier: data, team: payments'),
      ),
      developer(
        ['label', 'namespace', 'frontend', 'tier=data', '--overwrite'],
        refused(
          'nor may a namespace become another, by those who may make such a one',
          'was "web"; developer may not relabel frontend',
        ),
      ),
      developer(
        ['label', 'namespace', 'frontend', 'ringfence.dev/mode=observe'],
        refused('nor look away', 'observe is milder than enforce, which holds now', '[lower]'),
      ),
      ...namespaces.map((name) =>
        admin(
          ['create', 'rolebinding', 'developers', '--clusterrole=edit', '--group=developers', '--namespace', name],
          accepted('developers may edit in it: the built-in role, nothing of ours', 'created'),
        ),
      ),
    ],
  },
];

function namespaceOf(name: string, labels: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels: {${labels}}
`;
}
