import { describe, expect, it } from 'vitest';
import { desiredConfigurations, webhookPaths } from '../../src/admission/webhooks.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { vocabularies } from '../../src/process/vocabulary.ts';
import { configIn } from '../admission/scene.ts';

describe('the words of the metrics', () => {
  it('for findings are the ids of all checks, permissions and guards, each once', () => {
    expect(new Set(vocabularies.checks).size).toBe(vocabularies.checks.length);
    expect(vocabularies.checks).toEqual(expect.arrayContaining(checks.map(({ id }) => id)));
    expect(vocabularies.checks).toEqual(
      expect.arrayContaining(['claim', 'relabel', 'lower', 'baseline-guard', 'baseline-gate', 'internal-error']),
    );
  });

  it('for resources are exactly those that the webhooks ask for', () => {
    const caps = new Map([['exposed-unexpected', 'enforce'] as const]);
    const { validating } = desiredConfigurations({ ...configIn('enforce'), caps }, { baseUrl: '' }, '');
    const asked = validating.webhooks.flatMap(({ rules }) => rules.flatMap(({ resources }) => resources));
    expect(new Set(asked)).toEqual(new Set(vocabularies.resources));
  });

  it('for phases are exactly the paths that are called', () => {
    expect(new Set<string>(vocabularies.phases)).toEqual(new Set(Object.keys(webhookPaths)));
  });
});
