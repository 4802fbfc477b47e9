// The reviews to send: the request, its user, its text and its bytes.
import fc from 'fast-check';
import { type Phase, webhookPaths } from '../../src/admission/webhooks.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';
import { uid } from '../admission/scene.ts';
import { anyDamage, type Damage, damage, none } from './damage.ts';
import { anyMutation, type Mutation, mutate } from './mutations.ts';
import { anyObject, secret } from './objects.ts';
import { type Tree, textOf, treeOf } from './tree.ts';
import { cities } from './world.ts';

/** One review: the state of the cluster, and what is sent. */
export interface Sent {
  readonly mode: Mode;
  readonly phase: Phase;
  readonly cached: boolean;
  readonly walled: boolean;
  readonly request: Tree;
  readonly mutations: readonly Mutation[];
  /** Whether keys are written as escapes. */
  readonly escaped: boolean;
  readonly damaged: Damage;
  readonly contentType: string | undefined;
  /** The transport: undefined in memory, otherwise over TLS. */
  readonly wire: Wire | undefined;
}

/** One request on a connection of its own. */
export interface Wire {
  /**
   * The lengths of the chunks of `transfer-encoding: chunked`, in turn; empty for a
   * `content-length`.
   */
  readonly chunks: readonly number[];
  /** The damage of the bytes of its head. */
  readonly head: Damage;
}

const anyKinds = [
  ...kinds,
  { group: '', version: 'v1', resource: 'pods', kind: 'Binding' },
  { group: '', version: 'v1', resource: 'bindings', kind: 'Binding' },
  { group: '', version: 'v1', resource: 'secrets', kind: 'Secret' },
  // A group or version that Ringfence does not know.
  { group: 'extensions', version: 'v1beta1', resource: 'networkpolicies', kind: 'NetworkPolicy' },
  { group: 'apps', version: 'v2', resource: 'deployments', kind: 'Deployment' },
];
const heavy = new Set(['Pod', 'Namespace', 'NetworkPolicy', 'Binding']);

const anyUser = fc.constantFrom(
  ...['dev', 'dev', 'keeper', 'ghost', 'nobody'].map((username) => ({
    username,
    uid: secret,
    groups: ['developers'],
    extra: { 'example.com/token': [secret] },
  })),
  {},
  { groups: [] },
);

const anyRequest: fc.Arbitrary<Tree> = fc
  .oneof(...anyKinds.map((kind) => ({ weight: heavy.has(kind.kind) ? 4 : 1, arbitrary: fc.constant(kind) })))
  .chain(({ group, version, resource, kind }) => {
    const object = anyObject[kind] ?? fc.constant({});
    return fc.record({
      kind: fc.constant({ group, version, kind }),
      resource: fc.constant({ group, version, resource }),
      subResource: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        '',
        'status',
        'finalize',
        'binding',
        'ephemeralcontainers',
      ),
      name: fc.constantFrom('web', 'web', 'deny-all-baseline', '', undefined),
      namespace: fc.constantFrom('shop', 'shop', ...Object.keys(cities), 'absent', '', undefined),
      operation: fc.constantFrom('CREATE', 'CREATE', 'CREATE', 'UPDATE', 'UPDATE', 'DELETE', 'CONNECT'),
      userInfo: anyUser,
      object: fc.option(object, { freq: 12 }),
      // The same object again is an update without a change.
      oldObject: fc.option(object, { freq: 3 }),
      same: fc.boolean(),
      dryRun: fc.constantFrom(false, false, false, true, undefined),
      options: fc.constantFrom(null, { kind: 'CreateOptions', fieldManager: secret }),
    });
  })
  .map(({ same, ...request }) => {
    const oldObject = same && request.operation === 'UPDATE' ? request.object : request.oldObject;
    return treeOf({ uid, ...request, oldObject });
  });

/** The content types of reviews, with `application/json` first, and others. */
export const contentTypes = {
  right: ['application/json', 'application/json; charset=utf-8', 'Application/JSON'],
  wrong: ['text/plain', 'application/xml', 'application/jsonx', 'application/json/x', 'x', '', ';', undefined],
} as const;

const anyWire: fc.Arbitrary<Wire> = fc.record({
  chunks: fc.oneof(fc.constant([]), fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 })),
  head: fc.oneof({ weight: 2, arbitrary: fc.constant(none) }, { weight: 1, arbitrary: anyDamage }),
});

/** Reviews. About half of them are unchanged, the others are changed in up to four places. */
export const anySent: fc.Arbitrary<Sent> = fc.record({
  mode: fc.constantFrom<Mode>(...modes, 'enforce', 'enforce', 'enforce'),
  phase: fc.constantFrom<Phase>(...(Object.keys(webhookPaths) as Phase[]), 'enforced', 'enforced', 'unenforced'),
  cached: fc.boolean(),
  walled: fc.boolean(),
  request: anyRequest,
  mutations: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(anyMutation, { minLength: 1, maxLength: 4 }) },
  ),
  escaped: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  damaged: anyDamage,
  contentType: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom<string | undefined>(...contentTypes.right) },
    { weight: 1, arbitrary: fc.constantFrom<string | undefined>(...contentTypes.wrong) },
  ),
  // A handshake costs as much as ten reviews.
  wire: fc.oneof({ weight: 60, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyWire }),
});

/** Returns the bytes of a review. */
export function bodyOf({ request, mutations, escaped, damaged }: Sent): Buffer {
  const whole: Tree = {
    fields: [
      ['kind', 'AdmissionReview'],
      ['apiVersion', 'admission.k8s.io/v1'],
      ['request', request],
    ],
  };
  return damage(Buffer.from(textOf(mutate(whole, mutations), escaped)), damaged);
}
