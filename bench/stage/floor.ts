// Starts the floor, a webhook that decides nothing, in its own process.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { findFreePorts } from '../../test/control-plane/ports.ts';
import type { Supervisor } from '../../test/control-plane/process.ts';
import type { Server } from '../webhook/measure.ts';
import { onFirstCore } from './core.ts';

export async function startFloor(supervisor: Supervisor): Promise<Server> {
  const validity = { at: Date.now(), lifetimeMs: 24 * 3_600_000 };
  const authority = await createAuthority(validity);
  const names = { dnsNames: ['floor.test'], ipAddresses: ['127.0.0.1'] };
  const { cert, key } = await issueCertificate(authority, { ...validity, names });
  const [certFile, keyFile] = [join(supervisor.folder, 'floor.crt'), join(supervisor.folder, 'floor.key')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const [port = 0] = await findFreePorts(1);
  const script = join(import.meta.dirname, '..', 'webhook', 'floor.ts');
  const { pid } = await supervisor.start({
    name: 'floor',
    ...onFirstCore([script, String(port), certFile, keyFile]),
    environment: { PATH: process.env['PATH'] ?? '' },
    logFile: join(supervisor.folder, 'floor.log'),
  });
  return { pid, port, ca: authority.cert };
}
