// Reviews only from the API server: it has a client certificate (--admission-control-config-file),
// and Ringfence requires one (--client-ca).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthority } from '../../src/tls/authority.ts';
import { writeWebhookClient } from '../control-plane/admission-configuration.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { open, read, whole } from '../server/sockets.ts';
import { issueClientCertificate } from '../tls/client-certificate.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { namespace, pod } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const validity = { at: Date.now(), lifetimeMs: 24 * 3_600_000 };
const [first, second] = await Promise.all([createAuthority(validity), createAuthority(validity)]);
const [old, next] = await Promise.all([issueClientCertificate(first), issueClientCertificate(second)]);

const options = { controllers: false, disableAdmissionPlugins: ['ServiceAccount'], webhookClient: old };

describeWithControlPlane('an API server with a client certificate', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let caFile: string;

  beforeAll(async () => {
    caFile = join(controlPlane().folder, 'client-ca.crt');
    writeFileSync(caFile, first.cert);
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--client-ca', caFile, '--config-seconds', '0.2'] });
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
  });
  afterAll(() => installation.end());

  /** Returns the answer to a review that somebody else sends. */
  async function forge(client: ConnectionOptions): Promise<number | undefined> {
    const socket = await open(Number(new URL(replica.url).port), client);
    socket.write(whole());
    const { codes } = await read(socket, 1);
    socket.destroy();
    return codes[0];
  }

  it('is answered, in both phases', async () => {
    expect(await admin.run('create -f -', namespace('shop'))).toContain('created');
    expect((await admin.get('namespace shop')).metadata.labels).toHaveProperty(['ringfence.dev/fence']);
    expect(await admin.run('create -f -', pod('right'))).toContain('created');
    expect(await admin.refused('create -f -', pod('wrong', {}))).toContain('4 labels keep it out');
  });

  it('is the only one: who forges a review is told what is missing, and nothing is written of it', async () => {
    const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision').length;
    const before = decisions();
    expect([await forge({}), await forge(next)]).toEqual([403, 403]);
    expect(decisions()).toBe(before);
    expect(replica.log()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'requests refused',
        reason: expect.stringContaining('--client-ca'),
      }),
    );
  });

  it('changes its certificate and its authority, and no write fails', async () => {
    const changed = (times: number) =>
      eventually(
        'the authority to be followed',
        () => replica.log().filter(({ msg }) => msg === 'client authority changed').length === times,
      );
    writeFileSync(caFile, `${first.cert}\n${second.cert}`);
    await changed(1);
    expect(await admin.run('create -f -', pod('both'))).toContain('created');
    writeWebhookClient(controlPlane().folder, next);
    await controlPlane().stopApiServer();
    await controlPlane().startApiServer();
    expect(await admin.run('create -f -', pod('next'))).toContain('created');
    writeFileSync(caFile, second.cert);
    await changed(2);
    expect(await admin.run('create -f -', pod('last'))).toContain('created');
    expect([await forge(old), await forge(next)]).toEqual([403, 200]);
  });

  it('that loses its certificate is refused, in enforce with what is missing in the message', async () => {
    writeWebhookClient(controlPlane().folder, old);
    await controlPlane().stopApiServer();
    await controlPlane().startApiServer();
    const { exitCode, stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
      input: JSON.stringify(pod('late')),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/failed calling webhook "pods\.ringfence\.dev"/);
    expect(stderr).toContain('certificate of the authority in --client-ca');
  });
});
