import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProbePorts, probe } from '../../src/doctor/probe.ts';
import { forecast } from '../../src/doctor/probe-forecast.ts';
import { callerScript, listenerScript, probeObjects } from '../../src/doctor/probe-objects.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { isSubject, readSubject } from '../../src/policy/subject.ts';
import { findFreePorts } from '../control-plane/ports.ts';
import { configOf } from './scene.ts';

const identity = { env: 'prod', tier: 'web', team: 'shop' };
const namespace: RawObject = { metadata: { name: 'shop', labels: identity } };
const plan = {
  id: 'abc',
  namespace: 'shop',
  labels: new Map(Object.entries(identity)),
  config: configOf(),
  image: 'ringfence:0.1.0',
  node: '/nodejs/bin/node',
  user: undefined,
};

type Plugin = 'enforces' | 'ignores policies' | 'connects nothing' | 'breaks down';

/** A cluster with a network plugin, in which each poll of the log sees a new attempt. */
function openCluster(plugin: Plugin, { pods = 'Running', others = [] as readonly RawObject[] } = {}) {
  const there = new Map<string, RawObject>();
  const log: string[] = [];
  let [time, attempt] = [0, 0];
  let wasDenied = false;
  const name = ({ metadata }: RawObject): string => metadata.name ?? '';
  const ports: ProbePorts = {
    async create(object) {
      log.push(`create ${name(object)}`);
      there.set(name(object), object);
    },
    async read(object) {
      const status = { phase: pods, podIP: `10.0.0.${name(object).includes('caller') ? 1 : 2}` };
      return { ...object, spec: { ...(object['spec'] as object), nodeName: 'node-1' }, status };
    },
    policies: async () => [...others, ...[...there.values()].filter(({ kind }) => kind === 'NetworkPolicy')],
    async remove(object) {
      log.push(`remove ${name(object)}`);
      there.delete(name(object));
    },
    async lastLine() {
      attempt += 1;
      const denied = there.has('ringfence-probe-deny-abc') && !there.has('ringfence-probe-allow-abc');
      wasDenied ||= denied;
      const works = plugin !== 'connects nothing' && !(plugin === 'breaks down' && wasDenied);
      return { attempt, answered: works && (plugin === 'ignores policies' || !denied) };
    },
    progress: (line) => void log.push(line),
    clock: {
      uptime: () => time,
      async sleep(ms) {
        time += ms;
      },
    },
  };
  return { ports, there, log };
}

function run(ports: ProbePorts, signal = new AbortController().signal) {
  return probe(probeObjects(plan), { namespace, startMs: 5_000, signal }, ports);
}

describe('a probe', () => {
  it.each<readonly [Plugin, string, RegExp]>([
    ['enforces', 'clean', /^a deny holds: it failed \d\.\d seconds after the policy/],
    ['ignores policies', 'finding', /^it was still answered 20 seconds after/],
    ['connects nothing', 'undecided', /there is no connection although a policy allows it/],
    ['breaks down', 'undecided', /failed while it was denied, and also afterwards/],
  ])('of a plugin that %s is %s, and nothing stays', async (plugin, status, found) => {
    const { ports, there } = openCluster(plugin);
    const { line, left } = await run(ports);
    expect(line).toMatchObject({ examination: 'probe', status, found: expect.stringMatching(found) as unknown });
    expect([...there.keys(), ...left]).toEqual([]);
  });

  it('makes three connections, and each object is there only as long as it is needed', async () => {
    const { ports, log } = openCluster('enforces');
    await run(ports);
    expect(log).toEqual([
      'create ringfence-probe-allow-abc',
      'create ringfence-probe-listener-abc',
      'waiting for the first Pod to run',
      'create ringfence-probe-caller-abc',
      'waiting for the second Pod to run',
      '1: connecting while a policy allows it',
      'create ringfence-probe-deny-abc',
      'remove ringfence-probe-allow-abc',
      '2: connecting while a policy denies it',
      'create ringfence-probe-allow-abc',
      'remove ringfence-probe-deny-abc',
      '3: connecting while a policy allows it again',
      'remove ringfence-probe-allow-abc',
      'remove ringfence-probe-caller-abc',
      'remove ringfence-probe-listener-abc',
    ]);
  });

  it('of Pods that do not run is undecided, says why, and nothing stays', async () => {
    const { ports, there } = openCluster('enforces', { pods: 'Pending' });
    const read: ProbePorts['read'] = async (object) => ({
      ...object,
      status: {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } } }],
      },
    });
    const { line } = await run({ ...ports, read });
    expect(line.found).toBe('not decided: Pod ringfence-probe-listener-abc does not run after 5 seconds: ErrImagePull');
    expect(there.size).toBe(0);
  });

  it('that is stopped cleans up, wherever it is', async () => {
    for (let calls = 1; calls <= 11; calls += 1) {
      const { ports, there } = openCluster('enforces');
      const stop = new AbortController();
      let left = calls;
      const count = (): void => {
        left -= 1;
        if (left === 0) stop.abort();
      };
      const create: ProbePorts['create'] = async (object) => {
        await ports.create(object);
        count();
      };
      const lastLine: ProbePorts['lastLine'] = async (pod) => {
        count();
        return ports.lastLine(pod);
      };
      const { line } = await run({ ...ports, create, lastLine }, stop.signal);
      expect(line.found).toBe('not decided: it was stopped');
      expect(there.size).toBe(0);
    }
  });

  it('says in the words of admission why it may not begin', async () => {
    const { ports } = openCluster('enforces');
    const create = () => Promise.reject(new Error('admission webhook denied the request: 1 label keeps it out'));
    const { line } = await run({ ...ports, create });
    expect(line).toMatchObject({
      status: 'undecided',
      found: expect.stringContaining('1 label keeps it out') as unknown,
    });
  });

  it('says what it could not delete', async () => {
    const { ports } = openCluster('enforces');
    const remove: ProbePorts['remove'] = async (object) => {
      if (object['kind'] === 'Pod') throw new Error('503');
      return ports.remove(object);
    };
    const { line, left } = await run({ ...ports, remove });
    expect([line.status, left]).toEqual([
      'clean',
      ['Pod shop/ringfence-probe-caller-abc: 503', 'Pod shop/ringfence-probe-listener-abc: 503'],
    ]);
  });

  it('decides nothing where another policy allows what it denies', async () => {
    const rules = { ingress: [{}], egress: [{}], policyTypes: ['Ingress', 'Egress'] };
    const open = { metadata: { namespace: 'shop', name: 'open' }, spec: { podSelector: {}, ...rules } };
    const { ports } = openCluster('enforces', { others: [open] });
    const { line } = await run(ports);
    expect(line.found).toMatch(/other NetworkPolicies of the namespace make the connection allowed where .* denied$/);
  });

  it('is possible behind the baseline', async () => {
    const wall = {
      metadata: { namespace: 'shop', name: 'deny-all-baseline' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    };
    const { ports } = openCluster('enforces', { others: [wall] });
    expect((await run(ports)).line.status).toBe('clean');
  });
});

describe('the objects of a probe', () => {
  const { listener, caller, allow, deny } = probeObjects(plan);

  it.each([listener, caller('10.0.0.2'), allow, deny].map((object) => [object.metadata.name ?? '', object] as const))(
    '%s passes the rules of Ringfence in a namespace that enforces',
    (_, object) => {
      const labels = new Map(Object.entries(identity));
      const kind = object['kind'] === 'Pod' ? 'Pod' : 'NetworkPolicy';
      const facts = { known: true, labels, fenced: true } as const;
      const subject = readSubject(kind, object, { operation: 'CREATE', namespace: 'shop', facts });
      if (!isSubject(subject)) throw new Error(subject.expected);
      const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, plan.config);
      expect(findings.filter(({ action }) => action === 'deny')).toEqual([]);
    },
  );

  it('are allowed and denied as they say', () => {
    const pods = { caller: caller('10.0.0.2'), listener, namespace };
    expect(forecast({ ...pods, policies: [allow] }, 8080)).toBe('allowed');
    expect(forecast({ ...pods, policies: [deny] }, 8080)).toBe('denied');
    expect(forecast({ ...pods, policies: [allow, deny] }, 8080)).toBe('allowed');
  });

  it('run: one listens, the other connects and prints a line of JSON for each attempt', async () => {
    const [port = 0] = await findFreePorts(1);
    const start = (script: string) => {
      const child = spawn(process.execPath, ['-e', script, String(port), '127.0.0.1'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    const lines = createInterface({ input: start(callerScript).stdout });
    const next = async (): Promise<unknown> => JSON.parse(String((await once(lines, 'line'))[0]));
    expect(await next()).toEqual({ attempt: 1, answered: false });
    start(listenerScript);
    for (;;) {
      const line = (await next()) as { readonly attempt: number; readonly answered: boolean };
      if (line.answered) break;
      expect(line.attempt).toBeLessThan(40);
    }
  }, 20_000);
});
