import { expect, it } from 'vitest';
import { proofName, reachEntry, reachWarning, reachWarnings } from '../../src/admission/reach.ts';

const own = { namespace: 'ringfence-system', username: 'system:serviceaccount:ringfence-system:ringfence' };
const nonce = 'a9e5b0d2-6c1f-4c8e-9f0a-1b2c3d4e5f60';

it('a replica warns with the name of the proof, whoever asked', () => {
  expect(reachWarnings({ name: proofName(nonce) })).toEqual([reachWarning(proofName(nonce))]);
});

it.each([{}, { name: '' }, { name: 'web' }, { name: `${proofName(nonce)}x` }, { name: `x${proofName(nonce)}` }])(
  'it repeats nothing else: %j',
  (request) => {
    expect(reachWarnings(request)).toEqual([]);
  },
);

it("the entry is called for nobody's writes but Ringfence's own dry run in its own namespace", () => {
  const { failurePolicy, namespaceSelector, rules, matchConditions } = reachEntry(
    { baseUrl: 'https://a.example' },
    own,
  );
  expect({ failurePolicy, namespaceSelector, rules, matchConditions }).toEqual({
    failurePolicy: 'Fail',
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['ringfence-system'] }],
    },
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['events'], operations: ['CREATE'], scope: 'Namespaced' },
    ],
    matchConditions: [
      {
        name: 'own-proof',
        expression:
          'request.userInfo.username == "system:serviceaccount:ringfence-system:ringfence" && ' +
          'has(request.dryRun) && request.dryRun == true && ' +
          'has(request.name) && request.name.startsWith("ringfence-reach-")',
      },
    ],
  });
});
