// One tenant with NetworkPolicies of 121 KiB, and one replica with the memory of the Deployment.
// The Pods of everyone else must not notice.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { isDoubt } from './doubt.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, networkPolicy, pod } from './objects.ts';
import { type Answer, collectionPath, openApi, type RawApi } from './raw-api.ts';
import { isFullRun, tell } from './scale.ts';
import { failedCalls, ownUser } from './traffic.ts';

/** As in manifests/base/deployment.yaml. */
const environment = { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' };
/** 62 would take more memory than the process has if it kept them as it reads them. */
const policyCount = isFullRun ? 62 : 31;
const policies = collectionPath('NetworkPolicy', 'loud');

/** Rules of one port each: nothing that another policy allows. */
function rules(count: number, first: number, from: object = {}): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({ ...from, ports: [{ protocol: 'TCP', port: first + index }] }));
}

const policy = (name: string, ingress: readonly object[]): Manifest =>
  inNamespace('loud', networkPolicy(name, namespaceLabels, { ingress }));

describeWithSharedControlPlane('a tenant with many large NetworkPolicies', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let api: RawApi;
  let others: RawApi;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ environment });
    await replica.untilReady();
    [api, others] = [openApi(controlPlane(), 'admin'), openApi(controlPlane(), 'admin')];
    const observing = { ...namespaceLabels, [modeLabel]: 'observe' };
    const made = [namespace('quiet'), namespace('loud', observing)].map((one) =>
      api.send('POST', '/api/v1/namespaces', one),
    );
    expect((await Promise.all(made)).map(({ code }) => code)).toEqual([201, 201]);
  });
  afterAll(async () => {
    api.close();
    others.close();
    await installation.end();
  });

  /** Creates Pods of another tenant while something is done, and says how that went. */
  async function beside<T>(what: string, act: () => Promise<T>): Promise<T> {
    const [refused, doubted]: [string[], string[]] = [[], []];
    let [count, workedMs, readMs, isDone] = [0, 0, 0, false];
    const create = async (): Promise<void> => {
      while (!isDone) {
        count += 1;
        const one = inNamespace('quiet', pod(`${what}-${count}`));
        const { code, message } = await others.send('POST', collectionPath('Pod', 'quiet'), one);
        if (code !== 201) (isDoubt(message) ? doubted : refused).push(message);
      }
    };
    // The probe answers from the same event loop, and needs nothing else.
    const probe = async (): Promise<void> => {
      while (!isDone) {
        const before = workedBy(replica.process.pid);
        await fetch(`${replica.adminUrl}/healthz`).catch(() => undefined);
        workedMs = Math.max(workedMs, workedBy(replica.process.pid) - before);
        await delay(5);
      }
    };
    // What the gate reads for each of the Pods.
    const read = async (): Promise<void> => {
      while (!isDone) {
        const begun = performance.now();
        await others.send('GET', `${collectionPath('NetworkPolicy', 'quiet')}/deny-all-baseline`);
        readMs = Math.max(readMs, performance.now() - begun);
        await delay(20);
      }
    };
    const eventsBefore = (await controlPlane().auditEvents()).length;
    const running = [create(), create(), probe(), read()];
    const begun = performance.now();
    const result = await act().finally(() => {
      isDone = true;
    });
    const tookMs = performance.now() - begun;
    await Promise.all(running);
    const called = (await controlPlane().auditEvents())
      .slice(eventsBefore)
      .filter(({ user }) => user.username === ownUser)
      .map(({ objectRef }) => objectRef?.namespace);
    const [callsBeside = 0, otherCalls = 0] = [true, false].map(
      (isBeside) => called.filter((namespace) => (namespace === 'quiet') === isBeside).length,
    );
    tell(
      `${what}: ${tookMs.toFixed(0)} ms, ${count} Pods created beside, ${refused.length} refused, ${doubted.length} in doubt; ` +
        `${callsBeside} calls for them, ${otherCalls} other calls; ` +
        `most work before a probe ${workedMs.toFixed(0)} ms, longest read ${readMs.toFixed(0)} ms`,
    );
    expect(refused).toEqual([]);
    // The gate gives up after two seconds, which an API server that has so much to do may take for
    // a read. It is no slower for what the replica asks of it: one read for each of the Pods, and a
    // number of other calls that does not grow with the policies.
    expect(callsBeside).toBeLessThanOrEqual(count + 10);
    expect(otherCalls).toBeLessThan(policyCount);
    if (readMs < 1_500) expect(doubted.length).toBeLessThan(count / 2);
    expect(workedMs).toBeGreaterThan(0);
    expect(workedMs).toBeLessThan(workLimitMs);
    expect(() => process.kill(replica.process.pid, 0)).not.toThrow();
    return result;
  }

  const dryRun = (object: Manifest): Promise<Answer> => api.send('POST', `${policies}?dryRun=All`, object);

  it('keeps nobody waiting while it creates them', async () => {
    await beside('creating', async () => {
      for (let count = 0; count < policyCount; count += 8) {
        const batch = Array.from({ length: Math.min(8, policyCount - count) }, (_, index) =>
          policy(`large-${count + index}`, rules(3_100, 1 + ((count + index) % 20) * 3_100)),
        );
        const codes = (await Promise.all(batch.map((one) => api.send('POST', policies, one)))).map(({ code }) => code);
        expect(codes).toEqual(batch.map(() => 201));
      }
    });
    await eventually('the cache to hear of them', () =>
      replica.log().some(({ msg }) => msg === 'NetworkPolicies not kept'),
    );
  });

  it('nor while it asks for one more, which is answered with doubt and in time', async () => {
    const asked = [
      ...Array.from({ length: 6 }, (_, index) =>
        policy(`more-${index}`, rules(1_400, 20_000, { from: [{ podSelector: {} }] })),
      ),
      policy('five-thousand', rules(5_000, 1)),
    ];
    const failed = await failedCalls(controlPlane());
    const answers = await beside('dry-run', () => Promise.all(asked.map(dryRun)));
    expect(answers.map(({ code, message }) => [code, message])).toEqual(asked.map(() => [201, '']));
    // The API server gives up after 5 s, and has not.
    expect(await failedCalls(controlPlane())).toEqual(failed);
    for (const one of asked) expect(decisions(nameOf(one))).toHaveLength(1);
    const findings = await eventually('a turn that comes in time', async () => {
      const found = decisions('more-0').at(-1)?.['findings'] as readonly Finding[];
      if (!found.some(({ reason }) => reason.endsWith('too many large NetworkPolicies are being judged; try again')))
        return found;
      await dryRun(asked[0] as Manifest);
      return undefined;
    });
    // Whichever bound is met first: of the namespace, or of the review.
    expect(findings.find(({ check }) => check === 'no-effect')?.reason).toMatch(
      /^not decided: whether it has an effect: (\d+ of the \d+ other NetworkPolicies of namespace loud are too large|comparing it with the other NetworkPolicies: this review has looked at as much as it may)$/,
    );
  });

  it('nor while its namespace is raised to enforce, and gets labels that are no identity', async () => {
    const patch = (labels: Record<string, string>, dry = '') =>
      controlPlane().kubectl(
        [
          'label',
          'namespace',
          'loud',
          '--overwrite',
          ...(dry === '' ? [] : [dry]),
          ...Object.entries(labels).map((pair) => pair.join('=')),
        ],
        {
          as: 'admin',
        },
      );
    const note = await beside('labels', () => patch({ 'example.com/note': 'a' }, '--dry-run=server'));
    expect([note.exitCode, note.stderr]).toEqual([0, '']);
    const raised = await beside('raising', () => patch({ [modeLabel]: 'enforce' }));
    expect([raised.exitCode, raised.stdout]).toEqual([0, expect.stringContaining('labeled')]);
  });

  const decisions = (name: string) =>
    replica.log().filter((line) => line.msg === 'admission decision' && line['name'] === name);
});

interface Finding {
  readonly check: string;
  readonly reason: string;
}

/** The time that the main thread of a process has run, in milliseconds (proc(5), schedstat). */
function workedBy(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function nameOf(manifest: Manifest): string {
  return (manifest['metadata'] as { readonly name: string }).name;
}

/**
 * What the main thread may do before it answers someone else, in milliseconds of processor time. It
 * does a fifth of this where nothing else runs; caches that others use make it slower.
 */
const workLimitMs = 300;
