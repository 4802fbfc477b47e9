import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { title } from '../../src/policy/explain.ts';
import { config } from '../policy/minimal.ts';

async function judge(documents: readonly string[], as: Config = config, given: readonly string[] = []) {
  const read = (texts: readonly string[]) => parseManifest(texts.join('\n---\n'), 'a.yaml').documents;
  const files = read(documents);
  const inventory = takeInventory(files, { cluster: read(given), defaultNamespace: undefined, now: 0 }, as);
  return judgeDocuments(files, inventory, as);
}

/** `Kind namespace/name: line:column subject reason [action]` of each finding of the check. */
async function find(...args: Parameters<typeof judge>): Promise<readonly string[]> {
  const { objects } = await judge(...args);
  return objects.flatMap(({ subject: { kind, namespace, name }, findings }) =>
    findings
      .filter(({ check }) => check === 'exposed-unexpected')
      .map(
        ({ line, column, subject, reason, action }) =>
          `${kind} ${namespace}/${name}: ${line}:${column} ${subject} ${reason} [${action}]`,
      ),
  );
}

const namespace = (name: string, labels = '') =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, labels: {env: prod, tier: web, team: shop${labels}}}}`;
const workload = (name: string, labels: string, kind = 'Deployment', home = 'shop') =>
  `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: ${name}, namespace: ${home}}, spec: {template: {metadata: {labels: {app: ${name}, env: prod, tier: web, team: shop, ${labels}}}, spec: {}}}}`;
const service = (name: string, spec: string, home = 'shop') =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${home}}, spec: {selector: {app: ${name}}, ports: [{port: 80}], ${spec}}}`;
const ingress = (name: string) =>
  `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: all, namespace: shop}
spec:
  defaultBackend:
    service: {name: ${name}, port: {number: 80}}
`;

const open = 'expose: "true"';
const closed = 'expose: "false"';
const place = 'Ingress shop/all: 5:3 defaultBackend (Service web, port 80) leads the outside to';

describe('what lets the outside in', () => {
  it('has the examples that the documentation shows', async () => {
    const [bad = '', good = ''] = ['bad', 'good'].map((name) =>
      readFileSync(`test/judgement/exposed/${name}.yaml`, 'utf8'),
    );
    const told = (await judge([bad])).objects.flatMap(({ subject, findings }) =>
      findings.map(({ subject: what, reason, check }) => `# ${title(subject)}: ${what} ${reason}  [${check}]`),
    );
    expect(told).toEqual([bad.split('\n')[0]]);
    expect((await judge([good])).objects.flatMap(({ findings }) => findings)).toEqual([]);
  });

  it('leads to Pods that say expose="true"', async () => {
    const documents = [ingress('web'), service('web', 'type: LoadBalancer'), workload('web', open)];
    expect(await find(documents)).toEqual([]);
    const { objects, passedOver } = await judge([...documents, service('api', 'type: ClusterIP')]);
    expect(objects.map(({ subject }) => subject.kind)).toEqual(['Ingress', 'Service', 'Deployment']);
    expect([...passedOver]).toEqual([['v1 Service', 1]]);
  });

  it.each([
    ['expose="false"', closed, 'not expose="true"'],
    ['nothing about it', 'a: b', 'not expose="true"'],
    ['internal="true"', `${open}, internal: "true"`, 'internal="true"'],
    ['internal="true" and expose="false"', `${closed}, internal: "true"`, 'internal="true"'],
  ])('is a warning if they say %s', async (_, labels, fault) => {
    const documents = [ingress('web'), service('web', 'type: ClusterIP'), workload('web', labels)];
    expect(await find(documents)).toEqual([`${place} deployment/web, which is ${fault} [warn]`]);
  });

  it('names the place, the workloads, and a few of many', async () => {
    const documents = [
      '{apiVersion: v1, kind: Service, metadata: {name: all, namespace: shop}, spec: {type: NodePort, selector: {env: prod}, ports: [{port: 80}]}}',
      ...['a', 'b', 'c', 'd', 'e'].map((name) => workload(name, closed, name === 'a' ? 'StatefulSet' : 'Deployment')),
    ];
    expect(await find(documents)).toEqual([
      'Service shop/all: 1:80 type NodePort leads the outside to statefulset/a, deployment/b, deployment/c and 2 more, which are not expose="true" [warn]',
    ]);
  });

  it('leads to Pods of the cluster as well, and Services of the files go before those of the cluster', async () => {
    const given = [namespace('shop'), service('web', 'type: ClusterIP'), workload('web', closed)];
    expect(await find([ingress('web')], config, given)).toHaveLength(1);
    const file = service('web', 'type: ClusterIP').replace('{app: web}', '{app: other}');
    expect(await find([ingress('web'), file], config, given)).toEqual([]);
  });

  it('follows a route to a Service of another namespace', async () => {
    const documents = [
      `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: public}]
  rules: [{backendRefs: [{name: ledger, namespace: bank, port: 80}]}]
`,
      '{apiVersion: gateway.networking.k8s.io/v1, kind: ReferenceGrant, metadata: {name: g, namespace: bank}, spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: "", kind: Service}]}}',
      service('ledger', 'type: ClusterIP', 'bank'),
      workload('ledger', closed, 'StatefulSet', 'bank'),
    ];
    expect(await find(documents)).toEqual([
      'HTTPRoute shop/r: 6:26 rules[0].backendRefs[0] (Service bank/ledger, port 80) leads the outside to bank/statefulset/ledger, which is not expose="true" [warn]',
    ]);
    expect(await find(documents.toSpliced(1, 1))).toEqual([]);
    // Pods of an exempt namespace carry no labels of Ringfence.
    expect(await find(documents, { ...config, exemptNamespaces: ['bank'] })).toEqual([]);
  });

  it('is judged in no exempt namespace, and not if it leads to an ingress controller of the configuration', async () => {
    const documents = [namespace('shop'), service('web', 'type: LoadBalancer'), workload('web', closed)];
    const exempt = { ...config, exemptNamespaces: ['shop'] };
    expect(await find(documents, exempt)).toEqual([]);
    const peer = {
      name: 'edge',
      role: 'ingress',
      namespace: 'shop',
      podLabels: { app: 'web' },
      cidrs: [],
    } as const;
    const edge = { ...config, network: { ...config.network, peers: [peer] } };
    expect(await find(documents, edge)).toEqual([]);
    const scraped = { ...config, network: { ...config.network, peers: [{ ...peer, role: 'monitoring' }] } } as const;
    expect(await find(documents, scraped)).toHaveLength(1);
    expect(
      await find(
        documents.map((text) => text.replaceAll('app: web', 'app: api')),
        edge,
      ),
    ).toHaveLength(1);
  });

  it('is as strict as its cap and the mode of the namespace say', async () => {
    const documents = [namespace('shop'), service('web', 'type: LoadBalancer'), workload('web', closed)];
    const enforced = { ...config, caps: new Map([['exposed-unexpected', 'enforce'] as const]) };
    expect((await find(documents, enforced))[0]).toContain('[deny]');
    const observed = [namespace('shop').replace('env:', 'ringfence.dev/mode: observe, env:'), ...documents.slice(1)];
    expect((await find(observed, enforced))[0]).toContain('[record]');
  });

  it('is not judged by keys that the taxonomy does not have', async () => {
    const keys = new Map([...config.taxonomy.keys].filter(([key]) => key !== 'expose'));
    const as = { ...config, taxonomy: { ...config.taxonomy, keys } };
    const documents = [service('web', 'type: NodePort'), workload('web', closed)];
    expect(await find(documents, as)).toEqual([]);
    expect(await find([documents[0] ?? '', workload('web', 'internal: "true"')], as)).toHaveLength(1);
  });
});

describe('a workload that says expose="true"', () => {
  it('is named if nothing leads to it, where something is exposed', async () => {
    const documents = [service('web', 'type: NodePort'), workload('web', open), workload('api', open)];
    expect((await judge(documents)).unreached).toEqual(['shop/deployment/api']);
    expect((await judge(documents.slice(1))).unreached).toEqual([]);
  });
});
