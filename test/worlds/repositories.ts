// Worlds that people keep in repositories: kustomize, GitOps, monorepos, policies, platforms.

import { stringify } from 'yaml';
import { documents, type Files, identity, policy, service, workload } from './rendered.ts';

const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: identity } };
const home = { namespace: 'shop' };
const right = { ...identity, expose: 'false' };

/** A base, two overlays, patches of three forms, and generated configuration. */
export function kustomizeOverlays(): Files {
  const kustomization = (more: object) =>
    stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...more });
  const patch = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart' }, spec: { replicas: 3 } };
  return {
    'base/kustomization.yaml': kustomization({
      resources: ['deployment.yaml', 'service.yaml'],
      labels: [{ pairs: { team: 'shop' } }],
    }),
    'base/deployment.yaml': stringify(workload('Deployment', 'cart', { tier: 'api', expose: 'false' })),
    'base/service.yaml': stringify(service('cart')),
    'overlays/dev/kustomization.yaml': kustomization({
      namespace: 'dev',
      resources: ['../../base'],
      patches: [{ path: 'replicas.yaml' }],
      configMapGenerator: [{ name: 'c', files: ['app.yaml'] }],
    }),
    'overlays/dev/replicas.yaml': stringify(patch),
    'overlays/dev/app.yaml': 'kind: settings\nlevel: debug\n',
    'overlays/prod/kustomization.yaml': kustomization({
      namespace: 'prod',
      resources: ['../../base', 'hpa.yaml'],
      patches: [{ path: 'op.yaml', target: { kind: 'Deployment' } }],
      patchesStrategicMerge: ['replicas.yaml'],
    }),
    'overlays/prod/op.yaml': '- op: replace\n  path: /spec/replicas\n  value: 5\n',
    'overlays/prod/replicas.yaml': stringify(patch),
    'overlays/prod/hpa.yaml': stringify({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'cart' },
      spec: {},
    }),
  };
}

/** Applications of Argo CD, releases of Flux, and a chart whose templates lie beside manifests. */
export function gitopsTree(): Files {
  const app = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'cart', namespace: 'argocd' },
    spec: { source: { helm: { values: 'a: 1\n' } } },
  };
  const release = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'cart', ...home },
    spec: { values: { podLabels: right } },
  };
  return {
    'apps/cart.yaml': stringify(app),
    'clusters/prod/release.yaml': stringify(release),
    'clusters/prod/shop.yaml': documents(
      shop,
      workload('Deployment', 'cart', { ...right, env: 'prd' }, home),
      service('cart', {}, home),
    ),
    'charts/cart/Chart.yaml': 'apiVersion: v2\nname: cart\nversion: 1.0.0\n',
    'charts/cart/values.yaml': 'kind: Deployment\nreplicas: 1\nimage: {tag: "1"}\n',
    'charts/cart/templates/deployment.yaml':
      'apiVersion: apps/v1\nkind: {{ .Values.kind }}\nmetadata:\n  name: {{ include "cart.name" . }}\n',
    'charts/cart/templates/service.yaml': '{{- if .Values.service }}\napiVersion: v1\nkind: Service\n{{- end }}\n',
    '.github/workflows/ci.yaml': 'on: push\njobs: {}\n',
  };
}

/** A monorepo: settings of editors, packages and APIs around two manifests. */
export function monorepo(): Files {
  return {
    'package.json': '{"name": "shop", "private": true}',
    'tsconfig.json': '{\n  // strict\n  "compilerOptions": {"strict": true,},\n}\n',
    '.vscode/settings.json': '{ /* mine */ "editor.tabSize": 2, }',
    'node_modules/left-pad/k8s.yaml': stringify(workload('Deployment', 'not-ours', {})),
    'api/openapi.yaml': 'openapi: 3.0.0\ninfo: {title: shop, version: "1"}\npaths: {}\n',
    'docker-compose.yml': 'services:\n  web: {image: "web:1"}\n',
    'deploy/web.yaml': documents(workload('Deployment', 'web', right, home), service('web', {}, home)),
    'deploy/windows.yaml': documents(workload('DaemonSet', 'agent', { ...right, tier: 'worker' }, home)).replaceAll(
      '\n',
      '\r\n',
    ),
  };
}

/** A demonstration in one file: a dozen services in no namespace, and a load balancer. */
export function microservices(): Files {
  const names = [
    'ad',
    'cart',
    'checkout',
    'currency',
    'email',
    'frontend',
    'payment',
    'product',
    'recommend',
    'redis',
    'shipping',
    'load',
  ];
  const policies = names.slice(0, 6).map((name) =>
    policy(
      name,
      {},
      {
        podSelector: { matchLabels: { app: name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'frontend' } } }], ports: [{ port: 8080, protocol: 'TCP' }] },
        ],
        egress: [{}],
      },
    ),
  );
  const objects = names.flatMap((name) => [workload('Deployment', name, {}), service(name)]);
  return {
    'release.yaml': documents(
      ...objects,
      service('frontend-external', { type: 'LoadBalancer', selector: { app: 'frontend' } }),
      ...policies,
    ),
  };
}

/** Policies that people copy: each opens more than its name says. */
export function policyRecipes(): Files {
  const recipe = (name: string, spec: object, labels: object = identity) =>
    stringify(policy(name, labels, { podSelector: {}, policyTypes: ['Ingress'], ...spec }, home));
  const external = { to: [{ namespaceSelector: {} }], ports: [{ port: 443, protocol: 'TCP' }] };
  return {
    '00-namespace.yaml': stringify(shop),
    '01-deny-all.yaml': recipe('deny-everything', {}),
    '02-allow-all.yaml': recipe('allow-all', { ingress: [{}] }),
    '03-internet.yaml': recipe('from-internet', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }],
    }),
    '04-all-namespaces.yaml': recipe('from-all', { ingress: [{ from: [{ namespaceSelector: {} }] }] }),
    '05-external.yaml': recipe('to-external', { policyTypes: ['Egress'], egress: [external] }),
    '06-typo.yaml': recipe('from-web', { ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'wbe' } } }] }] }),
    '07-no-version.yaml': recipe('old', {}).replace('networking.k8s.io/v1', 'networking.k8s.io/v1beta1'),
    '08-egress-dns.yaml': recipe('dns-only-udp', {
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
    }),
  };
}

/** A platform that does all of it: nothing to say. */
export function platform(): Files {
  const named = (name: string, labels: object) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    podSelector: { matchLabels: labels },
  });
  const tier = (name: string, from: object, exposed: object, more: Readonly<Record<string, unknown>>) => {
    const place = { namespace: `shop-${name}` };
    const labels = { ...identity, tier: name };
    const ports = [{ port: 8080, protocol: 'TCP' }];
    const podSelector = { matchLabels: { app: name, ...exposed } };
    return documents(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place.namespace, labels } },
      workload('Deployment', name, { ...labels, expose: 'false', ...exposed }, place),
      service(name, more, place),
      policy(
        `allow-${name}`,
        { ...labels, ...exposed },
        { podSelector, policyTypes: ['Ingress'], ingress: [{ from: [from], ports }] },
        place,
      ),
    );
  };
  const controller = named('ingress-nginx', { 'app.kubernetes.io/name': 'ingress-nginx' });
  return {
    'web.yaml': tier('web', controller, { expose: 'true' }, { type: 'LoadBalancer' }),
    'api.yaml': tier('api', named('shop-web', { tier: 'web' }), {}, {}),
    'data.yaml': tier('data', named('shop-api', { tier: 'api' }), {}, {}),
  };
}
