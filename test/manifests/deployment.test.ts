import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/load.ts';
import { findKind } from '../../src/kubernetes/kinds.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { isSubject, readSubject } from '../../src/policy/subject.ts';
import { defaultLimits } from '../../src/server/limits.ts';
import { baseManifests, findManifest, root } from './manifests.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** apps/v1 DeploymentSpec, with the fields of these tests. */
interface DeploymentSpec {
  readonly replicas: number;
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly strategy: unknown;
  readonly template: {
    readonly metadata: { readonly labels: Record<string, string> };
    readonly spec: {
      readonly serviceAccountName: string;
      readonly automountServiceAccountToken: boolean;
      readonly terminationGracePeriodSeconds: number;
      readonly topologySpreadConstraints: readonly { readonly topologyKey: string }[];
      readonly securityContext: unknown;
      readonly containers: readonly {
        readonly args: readonly string[];
        readonly env: readonly { readonly name: string; readonly value?: string }[];
        readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
        readonly startupProbe: Probe;
        readonly readinessProbe: Probe;
        readonly livenessProbe: Probe;
        readonly resources: { readonly limits: Record<string, string>; readonly requests: Record<string, string> };
        readonly securityContext: unknown;
      }[];
    };
  };
}

const deployment = findManifest('Deployment')['spec'] as DeploymentSpec;
const pod = deployment.template.spec;
const [container] = pod.containers;
if (container === undefined) throw new Error('the Deployment has no container');

describe('the Deployment', () => {
  it('runs three replicas, spread over nodes and zones, and never fewer in a rollout', () => {
    expect(deployment.replicas).toBe(3);
    expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    expect(deployment.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    expect(findManifest('PodDisruptionBudget')['spec']).toMatchObject({
      maxUnavailable: 1,
      selector: deployment.selector,
    });
  });

  it('fits the restricted pod security standard, with a root file system that cannot be written', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('serves, is probed on the admin port, and is given the variables that the code reads', () => {
    expect(container.args).toEqual(['serve']);
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    const source = readFileSync(join(root, 'src/config/environment.ts'), 'utf8');
    const read = new Set(source.match(/\bPOD_[A-Z_]+(?=')/g));
    const given = container.env.map(({ name }) => name).filter((name) => name.startsWith('POD_'));
    expect(new Set(given)).toEqual(read);
    expect(read.size).toBeGreaterThan(0);
  });

  it('leaves memory outside the heap, and room to drain', () => {
    const heap = container.env.find(({ name }) => name === 'NODE_OPTIONS')?.value;
    const [, old, young] = /^--max-old-space-size=(\d+) --max-semi-space-size=(\d+)$/.exec(heap ?? '') ?? [];
    const heapMiB = Number(old) + 3 * Number(young);
    const limitMiB = Number(/^(\d+)Mi$/.exec(container.resources.limits['memory'] ?? '')?.[1]);
    // Measured: the memory of an idle process outside its heap, and of a connection
    // (test/server/pressure.test.ts).
    const [idleMiB, connectionMiB] = [50, 60 / 1024];
    const { connections, free, held } = defaultLimits;
    const buffersMiB = connections * connectionMiB + (connections * free + held) / 1024 / 1024;
    expect(heapMiB + idleMiB + buffersMiB).toBeLessThan(limitMiB);
    expect(container.resources.limits['cpu']).toBeUndefined();
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(20);
  });

  it('runs as its service account, whose token it asks for', () => {
    expect(pod.serviceAccountName).toBe('ringfence');
    expect(pod.automountServiceAccountToken).toBe(true);
  });
});

describe('the Service', () => {
  it('leads from port 443 to the webhook of the Pods', () => {
    expect(findManifest('Service')['spec']).toEqual({
      selector: deployment.selector.matchLabels,
      ports: [{ name: 'webhook', port: 443, targetPort: 'webhook' }],
    });
    expect(container.ports).toEqual([
      { name: 'webhook', containerPort: 8443 },
      { name: 'admin', containerPort: 8081 },
    ]);
    expect(deployment.template.metadata.labels).toMatchObject(deployment.selector.matchLabels);
  });
});

describe('its own NetworkPolicies', () => {
  it('deny all, both ways, said explicitly', () => {
    expect(findManifest('NetworkPolicy', 'deny-all')['spec']).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
  });

  it('open the ports that the container listens on, and DNS by both protocols', () => {
    const spec = findManifest('NetworkPolicy')['spec'] as {
      podSelector: { matchLabels: Record<string, string> };
      ingress: { ports: { port: number }[] }[];
      egress: { to?: unknown; ports: { protocol: string; port: number }[] }[];
    };
    expect(spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual(
      container.ports.map(({ containerPort }) => containerPort),
    );
    expect(spec.egress.flatMap(({ ports }) => ports.map(({ protocol, port }) => `${protocol}/${port}`))).toEqual([
      'TCP/443',
      'TCP/6443',
      'TCP/8443',
      'UDP/53',
      'TCP/53',
    ]);
    expect(deployment.template.metadata.labels).toMatchObject(spec.podSelector.matchLabels);
  });
});

describe('the image', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

  it('takes its base as a build argument, is not root and serves, as the Deployment expects', () => {
    expect(dockerfile).toMatch(/^ARG BASE=gcr\.io\/distroless\/nodejs24-\S+:nonroot$/m);
    expect(dockerfile).toMatch(/^FROM \$\{BASE\}$/m);
    expect(dockerfile).toMatch(/^USER 65532:65532$/m);
    expect(dockerfile).toMatch(/^CMD \["serve"\]$/m);
    expect(dockerfile).toMatch(/^EXPOSE 8443 8081$/m);
    expect(pod.securityContext).toMatchObject({ runAsUser: 65532, runAsGroup: 65532 });
  });

  it('is given every path that it copies', () => {
    const kept = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).*$/gm) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(new Set(copied.map((path) => path.replace(/\/$/, '')))).toEqual(new Set(kept));
  });
});

describe('Ringfence on its own manifests', () => {
  const config = defaultConfig({ version: '0', ownNamespace: 'ringfence-system' });
  const namespace = new Map(Object.entries(findManifest('Namespace', 'ringfence-system').metadata.labels ?? {}));
  const judged = baseManifests.filter(({ manifest }) => findKind(manifest.kind) !== undefined);

  it.each(judged.map(({ manifest }) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    'refuses nothing in %s',
    (_, manifest) => {
      const kind = findKind(manifest.kind)?.kind;
      if (kind === undefined) throw new Error(manifest.kind);
      const subject = readSubject(kind, manifest, {
        operation: 'CREATE',
        namespace: manifest.metadata.namespace,
        facts: { known: true, labels: namespace, fenced: false },
      });
      if (!isSubject(subject)) throw new Error(subject.expected);
      const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
      expect(findings.filter(({ action }) => action === 'deny')).toEqual([]);
    },
  );
});
