import { describe, expect, it } from 'vitest';
import type { HandlerPorts } from '../../src/admission/handler.ts';
import { createHandler } from '../../src/admission/handler.ts';
import { type Phase, webhookPaths } from '../../src/admission/webhooks.ts';
import { fenceMark, type Mode } from '../../src/policy/mode.ts';
import { fenced, identity, namespace, pod, podLabels, request, review, setUp, uid } from './scene.ts';

const unexposed = pod({ env: 'prod', tier: 'api', team: 'shop' });

describe('the handler', () => {
  it('admits what is right, with nothing but the uid', async () => {
    const scene = setUp();
    await scene.answer(request('Pod', pod()));
    expect(await scene.answer(request('Pod', pod()))).toEqual({ uid, allowed: true });
  });

  it('refuses as Forbidden, and annotates the audit log of the API server', async () => {
    const scene = setUp();
    expect(await scene.answer(request('Pod', unexposed))).toEqual({
      uid,
      allowed: false,
      status: {
        code: 403,
        reason: 'Forbidden',
        message: expect.stringMatching(/^Pod shop\/web: 1 label keeps it out\n/),
      },
      auditAnnotations: {
        uid,
        decision: 'denied',
        mode: 'enforce',
        findings: 'required-labels metadata.labels.expose',
        baseline: 'made',
      },
    });
  });

  it.each<[Mode, boolean, number]>([
    ['observe', true, 0],
    ['warn', true, 1],
    ['enforce', false, 0],
  ])('in %s answers a finding with allowed=%s and %i warnings', async (mode, allowed, warnings) => {
    const response = await setUp(mode).answer(request('Pod', unexposed));
    expect(response.allowed).toBe(allowed);
    expect(response.warnings ?? []).toHaveLength(warnings);
  });

  it('annotates a wall that was made, although nothing was found', async () => {
    const { auditAnnotations } = await setUp().answer(request('Pod', pod()));
    expect(auditAnnotations).toEqual({ uid, decision: 'allowed', mode: 'enforce', baseline: 'made' });
  });

  it('keeps annotations short, however much was found', async () => {
    const labels = Object.fromEntries(Object.keys(podLabels).map((key) => [key, 'x'.repeat(5000)]));
    const { auditAnnotations, status } = await setUp().answer(request('Pod', pod(labels)));
    expect(auditAnnotations?.['findings']?.length).toBeLessThanOrEqual(1024);
    const forged = await setUp().answer(request('Pod', pod(labels), { uid: 'x'.repeat(100_000) }));
    expect(forged.auditAnnotations?.['uid']).toBe('x'.repeat(1024));
    expect(status?.message.length).toBeLessThan(2000);
  });

  it('records every decision once, with the subresource and without the object', async () => {
    const scene = setUp();
    const more = { operation: 'UPDATE', subResource: 'status', oldObject: pod(), dryRun: true } as const;
    await scene.answer(request('Pod', unexposed, more));
    expect(scene.audited).toEqual([
      {
        uid,
        operation: 'UPDATE',
        resource: 'pods/status',
        kind: 'Pod',
        namespace: 'shop',
        name: 'web',
        user: 'dev',
        groups: ['developers', 'system:authenticated'],
        mode: 'enforce',
        modeSource: 'cluster',
        configVersion: '7',
        decision: 'denied',
        findings: [expect.objectContaining({ check: 'required-labels', field: 'metadata.labels.expose' })],
        durationMs: expect.any(Number),
        dryRun: true,
        baseline: 'not-needed',
        identity: {
          rules: expect.stringMatching(/^[0-9a-f]{16}$/),
          labels: { ...identity, sensitivity: null, expose: null, internal: null },
          old: { expose: 'false' },
          namespace: { ...identity, sensitivity: null, expose: null, internal: null },
          fenced: true,
        },
      },
    ]);
  });

  it('takes the name from the object where the request has none', async () => {
    const scene = setUp();
    const { name: _, ...unnamed } = request('Pod', { metadata: { generateName: 'web-', labels: podLabels }, spec: {} });
    await scene.answer(unnamed);
    expect(scene.audited[0]?.name).toBe('web-*');
  });

  it('marks a new namespace at mutation, which is no decision', async () => {
    const scene = setUp();
    const { patch } = await scene.answer(request('Namespace', namespace(identity)), 'mark');
    expect(JSON.parse(Buffer.from(patch ?? '', 'base64').toString())).toEqual([
      { op: 'add', path: `/metadata/labels/${fenceMark.replace('/', '~1')}`, value: 'true' },
    ]);
    expect(scene.audited).toEqual([]);
  });

  it.each<Mode>(['observe', 'warn', 'enforce'])(
    'marks by what the API server has been told, in a replica that has heard of %s',
    async (mode) => {
      const isPatched = async (object: unknown, phase: Phase) =>
        (await setUp(mode).answer(request('Namespace', object), phase)).patch !== undefined;
      expect(await isPatched(namespace(identity), 'mark')).toBe(true);
      expect(await isPatched(namespace(identity), 'markAsked')).toBe(false);
      expect(await isPatched(namespace({ ...identity, 'ringfence.dev/mode': 'enforce' }), 'markAsked')).toBe(true);
    },
  );

  it('has no patch for a namespace that is marked', async () => {
    expect(await setUp().answer(request('Namespace', namespace(fenced)), 'mark')).toEqual({ uid, allowed: true });
  });
});

describe('an answer is told in a word', () => {
  it.each<[string, Mode, Phase, unknown]>([
    ['allowed', 'enforce', 'enforced', review(request('Pod', pod()))],
    ['allowed', 'observe', 'unenforced', review(request('Pod', unexposed))],
    ['warned', 'warn', 'unenforced', review(request('Pod', unexposed))],
    ['denied', 'enforce', 'enforced', review(request('Pod', unexposed))],
    ['denied', 'enforce', 'early', review(request('Pod', unexposed))],
    ['allowed', 'warn', 'early', review(request('Pod', pod()))],
    ['patched', 'enforce', 'mark', review(request('Namespace', namespace(identity)))],
    ['allowed', 'enforce', 'mark', review(request('Namespace', namespace(fenced)))],
    ['malformed', 'enforce', 'enforced', {}],
    ['denied', 'enforce', 'enforced', review({ uid })],
    ['allowed', 'observe', 'unenforced', review({ uid })],
  ])('%s, in %s by %s', async (outcome, mode, phase, body) => {
    const scene = setUp(mode);
    await scene.handle(phase, body);
    expect(scene.reviewed).toEqual([`${phase} ${outcome}`]);
  });
});

describe('a body that is no review', () => {
  it.each<[Mode, boolean]>([
    ['enforce', false],
    ['observe', true],
  ])('in %s is answered under its uid, where it has one, with allowed=%s', async (mode, allowed) => {
    const scene = setUp(mode);
    const answer = await scene.handle(mode === 'enforce' ? 'enforced' : 'unenforced', {
      ...review({ uid }),
      apiVersion: 'admission.k8s.io/v1beta1',
    });
    expect(answer).toMatchObject({ review: { apiVersion: 'admission.k8s.io/v1', response: { uid, allowed } } });
    expect(scene.malformed).toEqual([expect.stringContaining('not an admission.k8s.io/v1 AdmissionReview')]);
    expect(scene.audited).toEqual([]);
  });

  it.each([null, [], 'text', 7, {}])('without a uid (%j) is a bad request', async (body) => {
    for (const phase of Object.keys(webhookPaths) as Phase[])
      expect(await setUp().handle(phase, body)).toEqual({ badRequest: expect.stringContaining('the body ') });
  });
});

describe('a defect of ours', () => {
  const broken = new TypeError('cannot read "secret" of the object');
  /** An object that throws at every read. */
  const exploding = () =>
    new Proxy(
      {},
      {
        has: () => true,
        getOwnPropertyDescriptor: () => {
          throw broken;
        },
      },
    );

  it.each<[Mode, boolean]>([
    ['enforce', false],
    ['warn', true],
    ['observe', true],
  ])('in %s is answered with allowed=%s, under the uid, and shows nothing of the error', async (mode, allowed) => {
    const scene = setUp(mode);
    const response = await scene.answer(request('Pod', exploding()));
    expect(response).toMatchObject({ uid, allowed });
    expect(JSON.stringify(response)).not.toContain('secret');
    expect(scene.defects).toEqual([broken]);
    expect(scene.audited).toMatchObject([{ decision: 'errored', findings: [{ check: 'internal-error' }] }]);
  });

  it('at mutation gives no patch: validation sees what came out', async () => {
    const scene = setUp();
    expect(await scene.answer(request('Namespace', exploding()), 'mark')).toEqual({ uid, allowed: true });
    expect(scene.defects).toEqual([broken]);
  });

  it.each<[string, Partial<HandlerPorts>]>([
    ['the audit log', { audit: fail }],
    ['the audit log and the log', { audit: fail, defect: fail, malformed: fail }],
    ['the metrics', { reviewed: fail }],
  ])('in %s takes no answer with it', async (_, ports) => {
    const scene = setUp();
    const handle = createHandler({ ...scene.ports, ...ports }, () => scene.config);
    expect(await handle('enforced', review(request('Pod', pod())))).toMatchObject({
      review: { response: { allowed: true } },
    });
    expect(await handle('enforced', review(request('Pod', exploding())))).toMatchObject({
      review: { response: { allowed: false } },
    });
    expect(await handle('mark', review(request('Namespace', exploding())))).toMatchObject({
      review: { response: { uid } },
    });
    expect(await handle('enforced', review({ uid }))).toMatchObject({ review: { response: { allowed: false } } });
  });
});

function fail(): never {
  throw new Error('ENOSPC: no space left on device');
}
