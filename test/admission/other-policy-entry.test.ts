import { describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import type { Config } from '../../src/config/config.ts';
import { openingKinds } from '../../src/kubernetes/other-policies.ts';
import { modes } from '../../src/policy/mode.ts';
import { configIn } from './scene.ts';

const service = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };
const webhooksOf = (config: Config) => desiredConfigurations(config, service, 'ringfence').validating.webhooks;

describe('the entries for policies of other kinds', () => {
  it.each(modes)('leave cluster-scoped kinds to one of them, whose failure is that of %s', (mode) => {
    const asking = webhooksOf(configIn(mode)).filter(({ rules }) =>
      rules.some(({ apiGroups, scope }) => scope === 'Cluster' && apiGroups[0] !== ''),
    );
    const enforced = ['otherpolicies.ringfence.dev', 'Fail'];
    const unenforced = ['otherpolicies.unenforced.ringfence.dev', 'Ignore'];
    expect(asking.map(({ name, failurePolicy }) => [name, failurePolicy])).toEqual([
      mode === 'enforce' ? enforced : unenforced,
    ]);
  });

  it('are not there where the configuration leaves these to others', () => {
    const groups = webhooksOf({ ...configIn('enforce'), otherPolicies: false }).flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups }) => apiGroups),
    );
    expect(openingKinds.filter(({ group }) => groups.includes(group))).toEqual([]);
  });
});
