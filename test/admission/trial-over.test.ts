import { describe, expect, it } from 'vitest';
import { validateNamespace } from '../../src/admission/namespace-review.ts';
import { formatTrialTime, trialAnnotation } from '../../src/baseline/trial.ts';
import { modeLabel } from '../../src/policy/mode.ts';
import { fenced, pod, podLabels, request, serverTime, setUp } from './scene.ts';

describe('a namespace on trial that is raised to enforce', () => {
  it.each([
    ['is fenced until the end of its trial', serverTime + 1_000, 1],
    ['is not fenced from then on, although the mark stands', serverTime, 0],
  ])('%s', async (_, end, refused) => {
    // Outside a fenced namespace this is at most a warning.
    const host = pod(podLabels, { hostNetwork: true });
    const { ports, config } = setUp('warn');
    const residents: typeof ports.residents = {
      list: async (_namespace, { resource }) => ({ objects: resource === 'pods' ? [host] : [], isWhole: true }),
    };
    const onTrial = (labels: object) => ({
      metadata: { name: 'shop', labels, annotations: { [trialAnnotation]: formatTrialTime(end) } },
    });
    const object = onTrial({ ...fenced, [modeLabel]: 'enforce' });
    const update = { name: 'shop', operation: 'UPDATE', oldObject: onTrial(fenced) } as const;
    const review = request('Namespace', object, update);
    const { warnings } = await validateNamespace(review, { ...ports, residents }, config, undefined);
    expect(warnings.filter((text) => text.includes('would be refused'))).toHaveLength(refused);
  });
});
