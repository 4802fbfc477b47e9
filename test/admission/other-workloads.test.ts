import { describe, expect, it } from 'vitest';
import { inheritLabels } from '../../src/admission/inherit.ts';
import { validate } from '../../src/admission/validate.ts';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import type { Config } from '../../src/config/config.ts';
import { fenced, identity, podLabels, request, setUp, type Wire } from './scene.ts';

const rollouts = {
  group: 'argoproj.io',
  kind: 'Rollout',
  resource: 'rollouts',
  versions: ['*'],
  template: ['spec', 'template'],
};
const timed = {
  group: 'example.org',
  kind: 'TimedRun',
  resource: 'timedruns',
  versions: ['v2', 'v3'],
  template: ['spec', 'jobTemplate', 'spec', 'template'],
};
const workloads = [rollouts, timed];

function rollout(labels: Wire | undefined, spec: Wire = {}, metadata: Wire = {}): Wire {
  const template = labels === undefined ? {} : { template: { metadata: { labels }, spec: {} } };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { replicas: 1, ...template, ...spec },
  };
}

function asked(object: unknown, oldObject: unknown = null, version = 'v1alpha1') {
  return request('Rollout', object, {
    kind: { group: 'argoproj.io', version, kind: 'Rollout' },
    resource: { group: 'argoproj.io', version, resource: 'rollouts' },
    oldObject,
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
  });
}

function judge(admissionRequest: ReturnType<typeof asked>, change: Partial<Config> = {}) {
  const { ports, config } = setUp('enforce');
  return validate(admissionRequest, ports, { ...config, workloads, ...change }, 'enforced');
}

describe('a workload of the configuration', () => {
  it('is told what its Pods would be told, by its own name', async () => {
    const { outcome, message } = await judge(asked(rollout({ env: 'prd', tier: 'data' })));
    expect(outcome).toBe('denied');
    expect(message).toMatch(
      /^Rollout shop\/web: 4 labels of its pod template keep it out\n {2}env {5}"prd" is not one of/,
    );
    expect(message).toContain('Fix, under spec.template.metadata.labels:\n  env: prod\n  tier: api\n');
  });

  it('passes where its template is right', async () => {
    expect(await judge(asked(rollout(podLabels)))).toMatchObject({ outcome: 'allowed', findings: [] });
  });

  it('may not use the network of the node in a fenced namespace', async () => {
    const template = { metadata: { labels: podLabels }, spec: { hostNetwork: true } };
    const { findings } = await judge(asked(rollout(undefined, { template })));
    expect(findings).toMatchObject([
      { check: 'host-network', field: 'spec.template.spec.hostNetwork', action: 'deny' },
    ]);
  });

  it('without a template is said to be undecided, and not refused', async () => {
    const { outcome, warnings, findings } = await judge(asked(rollout(undefined, { workloadRef: { name: 'web' } })));
    expect(outcome).toBe('warned');
    expect(warnings).toEqual([
      'Rollout shop/web: template not decided: there is none at spec.template, so only its Pods are judged [missing-template]',
    ]);
    expect(findings).toMatchObject([{ check: 'missing-template', undecided: true }]);
  });

  it('without a template is refused where the configuration says so', async () => {
    const { outcome, message } = await judge(asked(rollout(undefined)), {
      caps: new Map([['missing-template', 'enforce']]),
    });
    expect(outcome).toBe('denied');
    expect(message).toContain('Rollout shop/web: refused, because it could not be decided:');
  });

  it.each<[string, Wire, string]>([
    ['a list', { template: [] }, 'spec.template  not decided: it is a list where an object belongs'],
    ['labels that are none', { template: { metadata: { labels: 'x' } } }, 'spec.template.metadata.labels  not decided'],
  ])('whose template is %s is refused as doubt', async (_, spec, message) => {
    const verdict = await judge(asked(rollout(undefined, spec)));
    expect(verdict.message).toContain(message);
  });

  it('keeps what was wrong before, and not in a template that changes', async () => {
    const before = rollout({ env: 'prd' });
    expect((await judge(asked(rollout({ env: 'prd' }, { replicas: 3 }), before))).outcome).toBe('warned');
    expect((await judge(asked(rollout({ env: 'prd', app: 'x' }), before))).outcome).toBe('denied');
  });

  it('is judged in the versions that are listed, and there is doubt about others', async () => {
    const of = (version: string) => ({
      ...asked(rollout({})),
      kind: { group: 'example.org', version, kind: 'TimedRun' },
      resource: { group: 'example.org', version, resource: 'timedruns' },
    });
    expect((await judge(of('v2'))).findings).toMatchObject([{ check: 'missing-template' }]);
    expect((await judge(of('v1'))).message).toContain('Ringfence does not judge TimedRun of example.org/v1');
  });

  it('is nobody’s where the configuration does not list it', async () => {
    expect((await judge(asked(rollout(podLabels)), { workloads: [] })).message).toContain('does not judge Rollout');
  });

  it('passes in an exempt namespace, and when it is deleted', async () => {
    const bad = asked(rollout({}));
    expect((await judge({ ...bad, namespace: 'kube-system' })).outcome).toBe('allowed');
    expect((await judge({ ...bad, operation: 'DELETE' })).outcome).toBe('allowed');
  });
});

describe('the webhook configurations', () => {
  const { config } = setUp('enforce');
  const entriesOf = (change: Partial<Config>) => {
    const { validating, mutating } = desiredConfigurations({ ...config, ...change }, { baseUrl: 'https://x' }, 'me');
    return [...validating.webhooks, ...mutating.webhooks];
  };
  const named = (name: string, change: Partial<Config>) => entriesOf(change).find((one) => one.name === name);

  it('ask for what is listed, as for the workloads of Kubernetes', () => {
    for (const [suffix, failurePolicy] of [
      ['', 'Fail'],
      ['.unenforced', 'Ignore'],
    ] as const) {
      const entry = named(`otherworkloads${suffix}.ringfence.dev`, { workloads });
      const model = named(`workloads${suffix}.ringfence.dev`, { workloads });
      expect(entry?.rules).toEqual([
        {
          apiGroups: ['argoproj.io'],
          apiVersions: ['*'],
          resources: ['rollouts'],
          operations: ['CREATE', 'UPDATE'],
          scope: 'Namespaced',
        },
        {
          apiGroups: ['example.org'],
          apiVersions: ['v2', 'v3'],
          resources: ['timedruns'],
          operations: ['CREATE', 'UPDATE'],
          scope: 'Namespaced',
        },
      ]);
      expect(entry?.failurePolicy).toBe(failurePolicy);
      expect({ ...entry, name: '', rules: [], matchConditions: [] }).toEqual({
        ...model,
        name: '',
        rules: [],
        matchConditions: [],
      });
      expect(entry?.matchConditions.map(({ name }) => name)).toEqual(['template-changes']);
    }
  });

  it('ask for none where none is listed', () => {
    expect(
      entriesOf({ backstop: true, inherit: true }).filter(({ name }) => name.startsWith('otherworkloads')),
    ).toEqual([]);
  });

  it('ask early where the backstop is, and for labels where these are filled in', () => {
    expect(named('otherworkloads.early.ringfence.dev', { workloads, backstop: true })).toBeDefined();
    const rules = named('inherit.ringfence.dev', { workloads, inherit: true })?.rules.flatMap(
      ({ resources }) => resources,
    );
    expect(rules).toEqual(expect.arrayContaining(['rollouts', 'timedruns']));
  });
});

describe('inherit', () => {
  const { config } = setUp('enforce');
  const patchOf = (object: Wire) =>
    inheritLabels(asked(object), new Map(Object.entries(fenced)), { ...config, workloads });

  it('fills the template, as that of a Deployment', () => {
    expect(patchOf(rollout({ ...identity }))).toEqual([
      { op: 'add', path: '/spec/template/metadata/labels/expose', value: 'false' },
    ]);
  });

  it('leaves alone what has no template, and what another object made and compares', () => {
    const ownerReferences = [{ apiVersion: 'example.org/v1', kind: 'App', name: 'web', uid: '1', controller: true }];
    expect(patchOf(rollout(undefined))).toEqual([]);
    expect(patchOf(rollout({}, {}, { ownerReferences }))).toEqual([]);
  });
});
