// The three tiers of the practice (web -> api -> data) from a developer's view. Data only: play.ts
// plays it.
import { allowDnsName, denyAllName } from '../../src/baseline/names.ts';
import { namespaceScenes } from './namespace-scenes.ts';
import type { Scene } from './scene.ts';
import { accepted, admin, developer, refused, settled } from './steps.ts';

const tiers = 'examples/three-tiers';
const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53';

/** The steps before the process starts: what a platform team applies. */
export const installation: Scene = {
  title: 'The platform team installs Ringfence, and its roles for people',
  steps: [
    admin(['apply', '-k', 'manifests/overlays/enforce'], accepted('the manifests are in', 'deployment.apps/ringfence')),
    admin(['apply', '-k', 'manifests/roles'], accepted('so are the roles, bound to nobody', 'ringfence-team-lead')),
    admin(['apply', '-f', 'test/demo/manifests/developers.yaml'], accepted('developers have plain RBAC', 'developers')),
  ],
};

export const scenes: readonly Scene[] = [
  ...namespaceScenes,
  {
    title: 'Its walls stand from the first moment',
    steps: [
      settled(
        developer(
          ['get', 'networkpolicies', '--namespace', 'frontend', '--show-labels'],
          accepted('the baseline carries the identity of its namespace', denyAllName, allowDnsName, 'tier=web'),
        ),
      ),
      developer(
        ['describe', 'networkpolicy', denyAllName, '--namespace', 'frontend'],
        accepted(
          'nothing in, nothing out',
          'Selected pods are isolated for ingress connectivity',
          'Selected pods are isolated for egress connectivity',
        ),
      ),
    ],
  },
  {
    title: 'A Pod says who it is, and whether the outside may reach it',
    steps: [
      // A Pod reaches no webhook before the default service account of its namespace exists.
      settled(
        developer(
          runPod('env=prod,tier=web,team=platform'),
          refused('exposure is declared, never assumed', 'Pod frontend/hello: 1 label keeps it out', 'expose  missing'),
        ),
      ),
      developer(
        ['apply', '-f', '-'],
        refused('a misspelling is told what it meant', '"prd" is not one of', 'did you mean "prod"?', 'env: prod'),
        `
apiVersion: v1
kind: Pod
metadata:
  name: hello
  namespace: frontend
  labels: {env: prd, tier: web, team: platform, expose: "true"}
spec:
  containers: [{name: hello, image: "${image}"}]
`,
      ),
      developer(
        runPod('env=prod,tier=data,team=platform,expose=false'),
        refused(
          'no Pod may claim the tier of another namespace',
          'namespace frontend says tier=web',
          '[label-agreement]',
        ),
      ),
      developer(
        runPod('env=prod,tier=web,team=platform,expose=true'),
        accepted('the same Pod, rightly labelled', 'pod/hello created'),
      ),
    ],
  },
  {
    title: 'A Deployment is told at apply, not by its ReplicaSet later',
    steps: [
      developer(
        ['apply', '-f', '-'],
        refused(
          'its Pods would be refused, so it is',
          'Deployment backend/api: 4 labels of its pod template keep it out',
          'Fix, under spec.template.metadata.labels:',
        ),
        `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: backend
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers: [{name: api, image: "${image}"}]
`,
      ),
      developer(
        ['apply', '-f', `${tiers}/workloads.yaml`],
        accepted(
          'with labels in the template, the three tiers are in',
          'deployment.apps/api',
          'statefulset.apps/store',
        ),
      ),
      settled(
        developer(
          ['get', 'pods', '--namespace', 'backend', '--show-labels'],
          accepted(
            'the real controllers make its Pods (there is no node here, so they stay pending)',
            'api-',
            'tier=api',
          ),
        ),
      ),
    ],
  },
  {
    title: "The walls are not the developer's to take down",
    steps: [
      developer(
        ['auth', 'can-i', 'delete', 'networkpolicies', '--namespace', 'database'],
        accepted('RBAC alone would let them', 'yes'),
      ),
      developer(
        ['delete', 'networkpolicy', denyAllName, '--namespace', 'database'],
        refused('Ringfence does not', '[baseline-guard]', 'Needed: the verb "breach"'),
      ),
      developer(
        [
          'patch',
          'networkpolicy',
          denyAllName,
          '--namespace',
          'database',
          '--type=merge',
          '--patch={"spec":{"ingress":[{}]}}',
        ],
        refused('nor may they be opened from within', '[baseline-guard]', 'policies add up'),
      ),
    ],
  },
  {
    title: 'What is opened is opened by a NetworkPolicy with a name to it',
    steps: [
      developer(
        ['apply', '-f', '-'],
        refused('a policy without identity is refused', 'NetworkPolicy database/store-from-api: 3 labels keep it out'),
        `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: store-from-api
  namespace: database
spec:
  podSelector: {matchLabels: {app: store}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {env: prod, tier: api}}
      ports: [{protocol: TCP, port: 5432}]
`,
      ),
      developer(
        ['apply', '-f', `${tiers}/network-policies.yaml`],
        accepted(
          'web to api, api to data: the flows of the three tiers',
          'web-to-api created',
          'store-from-api created',
        ),
      ),
      developer(
        ['get', 'networkpolicies', '--namespace', 'database', '--show-labels'],
        accepted('next to the baseline, not instead of it', denyAllName, allowDnsName, 'store-from-api'),
      ),
    ],
  },
];

function runPod(labels: string): readonly string[] {
  return ['run', 'hello', '--namespace', 'frontend', `--image=${image}`, `--labels=${labels}`];
}
