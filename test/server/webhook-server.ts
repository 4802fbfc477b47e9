// The webhook server on a scene in memory, asked without a socket.
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { type AppPorts, buildApp, type ServingCertificate } from '../../src/server/app.ts';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';

export const json = { 'content-type': 'application/json' };

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly error?: string;
    readonly response?: {
      readonly uid: string;
      readonly allowed: boolean;
      readonly status?: { readonly message: string };
    };
  };
}

/** Posts a body, as it comes, and closes the server. */
export async function post(
  ports: Pick<AppPorts, 'handle'> & Partial<AppPorts>,
  body: string | Buffer,
  { url = webhookPaths.enforced, headers = json }: { readonly url?: string; readonly headers?: object } = {},
): Promise<Answered> {
  const app = build(ports);
  try {
    const answer = await app.inject({ method: 'POST', url, payload: body, headers: { ...headers } });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
  } finally {
    await app.close();
  }
}

export function build(ports: Pick<AppPorts, 'handle'> & Partial<AppPorts>): ReturnType<typeof buildApp> {
  return buildApp(certificate, { isDraining: () => false, ...ports });
}

const certificate: ServingCertificate = await issue();

async function issue(): Promise<ServingCertificate> {
  const validity = { at: Date.now(), lifetimeMs: 3_600_000 };
  const names = { dnsNames: ['ringfence.test'], ipAddresses: ['127.0.0.1'] };
  return issueCertificate(await createAuthority(validity), { ...validity, names });
}
