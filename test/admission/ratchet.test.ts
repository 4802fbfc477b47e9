import { expect, it } from 'vitest';
import { validate } from '../../src/admission/validate.ts';
import { identity, networkPolicy, request, setUp, type Wire } from './scene.ts';

const opens = { ingress: [{ from: [{ podSelector: {} }] }] };

// A rule that was undecided before does not count as an earlier violation.
it.each<[string, Wire, string]>([
  ['rules are changed', { ...opens, egress: [{}] }, 'denied'],
  ['rules are not', opens, 'warned'],
])('an update of a NetworkPolicy whose namespace cannot be read, and whose %s', async (_, spec, outcome) => {
  const scene = setUp();
  scene.cluster.hooks.before = () => Promise.reject(new Error('the API server is not ready'));
  const update = request('NetworkPolicy', networkPolicy('a', identity, spec), {
    operation: 'UPDATE',
    oldObject: networkPolicy('a', identity, opens),
  });
  expect(await validate(update, scene.ports, scene.config)).toMatchObject({ outcome });
});
