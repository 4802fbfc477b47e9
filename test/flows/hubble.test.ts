import { describe, expect, it } from 'vitest';
import { endRules } from '../../src/flows/hubble-ends.ts';
import { leavingRules } from '../../src/flows/hubble-rules.ts';
import { endTraps } from './hubble-end-traps.ts';
import { lineOf, podOf } from './hubble-lines.ts';
import { lineTraps } from './hubble-traps.ts';
import { observe, textOf } from './text.ts';

describe('each trap of a Hubble log', () => {
  it.each([...lineTraps, ...endTraps])('$trap', async ({ lines, flows, leftOut }) => {
    const observation = await observe(lines.join('\n'));
    expect(textOf(observation)).toEqual(flows);
    if (leftOut !== undefined) expect(Object.fromEntries(observation.leftOut)).toEqual(leftOut);
  });

  it('the rules have ids of their own', () => {
    const ids = [...leavingRules, ...endRules].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a Pod', () => {
  it('has its own labels, and those of its namespace, without those of Cilium', async () => {
    const labels = [
      'k8s:a=b=c',
      'k8s:app=web',
      'k8s:io.cilium.k8s.namespace.labels.team=shop',
      'k8s:io.kubernetes.pod.namespace=shop',
      'k8s:io.cilium.k8s.policy.serviceaccount=web',
    ];
    const { flows } = await observe(lineOf({ source: podOf('web', { labels }) }));
    const [from] = flows.map((flow) => flow.from);
    if (from?.kind !== 'pod') throw new Error('no Pod');
    expect(from.labels).toEqual(
      new Map([
        ['a', 'b=c'],
        ['app', 'web'],
      ]),
    );
    expect(from.namespaceLabels).toEqual(new Map([['team', 'shop']]));
  });
});
