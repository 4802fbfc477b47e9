// A NetworkPolicy that was admitted under other facts, judged again by two replicas.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { inNamespace, namespace, namespaceLabels, networkPolicy } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('a policy that exists', (controlPlane) => {
  let installation: Installation;
  let replicas: readonly Replica[];
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    const args = { arguments: ['--rejudge-seconds', '1'] };
    replicas = await Promise.all([installation.start(args), installation.start(args)]);
    await Promise.all(replicas.map((replica) => replica.untilReady()));
    await admin.run('create -f -', namespace('shop', { ...namespaceLabels, 'ringfence.dev/mode': 'observe' }));
    await admin.run(
      'create -f -',
      inNamespace('shop', networkPolicy('open', { ...namespaceLabels, expose: 'true' }, { ingress: [{}] })),
      inNamespace('shop', networkPolicy('right')),
    );
  });
  afterAll(() => installation.end());

  /** What each replica counts of a check: the policies that would be refused now. */
  const counted = (check: string) =>
    Promise.all(
      replicas.map(async ({ adminUrl }) => {
        const text = await (await fetch(`${adminUrl}/metrics`)).text();
        const pattern = new RegExp(`^ringfence_standing_findings\\{check="${check}",action="deny"\\} (\\d+)$`, 'm');
        return pattern.exec(text)?.[1];
      }),
    );
  const events = async () => {
    const { items } = await admin.get<{ items: readonly StoredEvent[] }>(
      'events -n shop --field-selector reason=WouldBeRefused',
    );
    return items;
  };

  it('under a mode that does not refuse is nothing to tell of', async () => {
    await expect.poll(() => counted('ingress-from-anyone'), { timeout: 60_000 }).toEqual(['0', '0']);
    expect(await events()).toEqual([]);
  });

  it('and would be refused once the namespace enforces is counted, and told of once on the policy', async () => {
    await admin.run('label namespace shop --overwrite ringfence.dev/mode=enforce');
    await expect.poll(() => counted('ingress-from-anyone'), { timeout: 60_000 }).toEqual(['1', '1']);
    await eventually('the Event', async () => (await events()).length > 0);
    // Several more sweeps of both replicas.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const found = await events();
    expect(found).toMatchObject([
      {
        count: 1,
        type: 'Warning',
        involvedObject: { kind: 'NetworkPolicy', name: 'open', namespace: 'shop' },
        message: expect.stringMatching(
          /^NetworkPolicy shop\/open: exists, but would be refused .*\[ingress-from-anyone, /,
        ),
      },
    ]);
    const [event] = found;
    // The replica that came second was told that the Event exists.
    const writes = (await controlPlane().auditEvents()).filter(
      ({ objectRef, responseStatus }) => objectRef?.name === event?.metadata.name && responseStatus?.code === 201,
    );
    expect(writes.map(({ verb }) => verb)).toEqual(['create']);
  });

  it('that is mended is counted no more', async () => {
    await admin.run('delete networkpolicy open -n shop');
    await expect.poll(() => counted('ingress-from-anyone'), { timeout: 60_000 }).toEqual(['0', '0']);
  });
});

interface StoredEvent {
  readonly metadata: { readonly name: string };
  readonly count: number;
  readonly message: string;
}
