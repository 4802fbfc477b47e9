// The webhook server on a scene in memory, without a socket.

import inject, { type InjectOptions, type Response } from 'light-my-request';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { buildApp, type ServingCertificate } from '../../src/server/app.ts';
import { defaultLimits, type Limits } from '../../src/server/limits.ts';
import type { ReviewPorts } from '../../src/server/reviews.ts';
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

/** Posts a body and closes the server. */
export async function post(
  ports: Pick<ReviewPorts, 'handle'> & Partial<ReviewPorts>,
  body: string | Buffer,
  { url = webhookPaths.enforced, headers = json }: { readonly url?: string; readonly headers?: object } = {},
): Promise<Answered> {
  const app = build(ports);
  try {
    const answer = await ask(app, { method: 'POST', url, payload: body, headers: { ...headers } });
    // A request that is not a review gets a sentence.
    const isText = String(answer.headers['content-type']).startsWith('text/plain');
    const given: Answered['body'] = isText ? { error: answer.body.trimEnd() } : answer.json();
    return { status: answer.statusCode, headers: answer.headers, body: given };
  } finally {
    await app.close();
  }
}

export function build(
  ports: Pick<ReviewPorts, 'handle'> & Partial<ReviewPorts>,
  limits: Partial<Limits> = {},
  clientAuthority?: string,
): ReturnType<typeof buildApp> {
  const whole = {
    isDraining: () => false,
    written: () => undefined,
    refused: () => undefined,
    release: '0.1.0',
    ...ports,
  };
  return buildApp({ ...certificate, clientAuthority }, whole, { ...defaultLimits, ...limits });
}

/**
 * Injects a request into the server itself. The framework's own injection would bypass the limits
 * of connections and requests.
 */
export async function ask(app: ReturnType<typeof buildApp>, options: InjectOptions): Promise<Response> {
  await app.ready();
  return inject((request, response) => void app.server.emit('request', request, response), options);
}

/** The authority of the server's certificate, in PEM. */
export const { authority, certificate } = await issue();

async function issue(): Promise<{ readonly authority: string; readonly certificate: ServingCertificate }> {
  const validity = { at: Date.now(), lifetimeMs: 3_600_000 };
  const names = { dnsNames: ['ringfence.test'], ipAddresses: ['127.0.0.1'] };
  const pair = await createAuthority(validity);
  return { authority: pair.cert, certificate: await issueCertificate(pair, { ...validity, names }) };
}
