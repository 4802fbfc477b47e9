// Small objects for tests of plans.

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A namespace of one tier of the shop. */
export function tier(name: string, value: string, env = 'prod'): object {
  return namespace(name, { env, tier: value, team: 'shop' });
}

interface WorkloadChoices {
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly object[];
  readonly env?: readonly object[];
  readonly template?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: object;
}

/** A workload that is named `namespace/name`, whose Pods carry `app: name`. */
export function workload(title: string, port: number | undefined, choices: WorkloadChoices = {}): object {
  const [own, name = ''] = title.split('/');
  const {
    kind = 'Deployment',
    selector = { app: name },
    labels = {},
    env = [],
    annotations = {},
    container = {},
  } = choices;
  const { ports = port === undefined ? [] : [{ name: 'http', containerPort: port }] } = choices;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { namespace: own, name },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...selector, ...labels }, annotations },
        spec: { containers: [{ name: 'main', ports, env, ...container }] },
      },
    },
  };
}

export function service(title: string, port: number, target: number | string, more: object = {}): object {
  const [own, name = ''] = title.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: own, name },
    spec: { selector: { app: name }, ports: [{ name: 'main', port, targetPort: target }], ...more },
  };
}

export function ingress(title: string, port: number): object {
  const [own, name = ''] = title.split('/');
  const backend = { service: { name, port: { number: port } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: own, name },
    spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  };
}

export function networkPolicy(title: string, spec: object): object {
  const [own, name] = title.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace: own, name }, spec };
}
