import { describe, expect, it } from 'vitest';
import { guardNamespace } from '../../src/admission/namespace-guard.ts';
import { explainDenial } from '../../src/policy/explain.ts';
import { fenceMark, modeLabel, modes } from '../../src/policy/mode.ts';
import { permissionText } from '../../src/policy/permissions.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { subjectOf } from '../policy/minimal.ts';
import { configIn, namespace, request, setUp } from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;

const names = ['kube-system', 'kube-public', 'kube-node-lease', 'ringfence-system'];
const named = (name: string, labels: LabelMap): Subject => subjectOf('Namespace', namespace(labels, name), undefined);

describe.each(modes)('in a cluster in %s', (mode) => {
  /** Guards a change by a user who has every permission except `missing`. */
  async function guard(name: string, before: LabelMap | undefined, now: LabelMap, missing: readonly string[] = []) {
    const subject = named(name, now);
    const config = configIn(mode);
    const isAllowed = async (_: unknown, permission: Parameters<typeof permissionText>[0]) =>
      !missing.includes(permissionText(permission));
    const old = before === undefined ? undefined : named(name, before);
    const { findings } = await guardNamespace(subject, old, { username: 'dana' }, { isAllowed }, config);
    const acts = findings.map(({ check, action, because }) => `${check} ${action} (${because})`);
    return { acts, refusal: explainDenial(subject, findings, config) };
  }

  describe.each(names)('%s', (name) => {
    it('is not marked, whatever one may', async () => {
      const { acts, refusal } = await guard(name, {}, { [fenceMark]: '' });
      expect(acts).toEqual(['never-fenced deny (guard)']);
      expect(refusal).toContain(
        `${name} is never fenced: a deny-all in it could stop the cluster, or Ringfence itself  [never-fenced]`,
      );
      expect((await guard(name, undefined, { [fenceMark]: 'false' })).acts).toEqual(['never-fenced deny (guard)']);
    });

    it('stays under the guard for the rest of the request', async () => {
      const now = { [fenceMark]: '', env: 'prod' };
      const { acts } = await guard(name, {}, now, [`relabel fences/${name}`]);
      expect(acts.map((act) => act.split(' ')[0])).toEqual(['never-fenced', 'relabel']);
    });

    it('keeps the mark that it has, so that its other labels can be repaired, and loses it', async () => {
      const marked = { [fenceMark]: '', [modeLabel]: 'observe' };
      expect((await guard(name, marked, { ...marked, [fenceMark]: 'true', colour: 'blue' })).acts).toEqual([]);
      expect((await guard(name, marked, { [modeLabel]: 'observe' })).acts).toEqual([]);
    });
  });

  it('default is marked by those who may, and by nobody else', async () => {
    expect((await guard('default', {}, { [fenceMark]: '' })).acts).toEqual([]);
    expect((await guard('default', {}, { [fenceMark]: '' }, ['fence fences/default'])).acts).toEqual([
      expect.stringMatching(/^fence /),
    ]);
  });

  it('the refusal is in the audit lines, for the namespace itself and for its status', async () => {
    const { audited, answer } = setUp(mode);
    for (const subResource of ['', 'status', 'finalize'])
      await answer(
        request('Namespace', namespace({ [fenceMark]: '' }, 'kube-system'), {
          operation: 'UPDATE',
          subResource,
          name: 'kube-system',
          namespace: 'kube-system',
          oldObject: namespace({}, 'kube-system'),
        }),
      );
    expect(audited.map(({ name, resource, decision }) => [name, resource, decision])).toEqual([
      ['kube-system', 'namespaces', 'denied'],
      ['kube-system', 'namespaces/status', 'denied'],
      ['kube-system', 'namespaces/finalize', 'denied'],
    ]);
  });

  it('default is not told to carry a mark that nobody gives it', async () => {
    const { audited, answer } = setUp(mode);
    const created = request('Namespace', namespace({}, 'default'), { name: 'default', namespace: 'default' });
    await answer(created);
    expect(audited[0]?.findings.map(({ check }) => check)).not.toContain('fence-mark');
  });
});
