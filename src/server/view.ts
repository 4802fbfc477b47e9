import { randomBytes, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

/** What the server for a person's browser asks of the process. */
export interface ViewPorts {
  readonly page: (request: {
    readonly path: string;
    readonly asked: URLSearchParams;
    readonly sent: URLSearchParams | undefined;
    readonly accepted: string | undefined;
  }) => Promise<{ readonly status: number; readonly html: string }>;
  /** What an open page asks for again and again, as JSON. */
  readonly newest: () => object;
  /** Reads everything again. Never throws. */
  readonly readAgain: () => Promise<void>;
  readonly refusal: (accepted: string | undefined, reason: 'token' | 'request' | 'error', text: string) => string;
  readonly style: string;
  readonly script: string;
}

/** The server, and the addresses by which a browser is let in. */
export interface ViewApp extends FastifyInstance {
  /** A path that lets one browser in, once: `/?token=...`. Earlier ones end. */
  admission(): string;
}

/** A NetworkPolicy is at most 1.5 MB in etcd; a person pastes a few of them. */
const bodyLimit = 4_000_000;

/** Only this origin's own style, script and answers, and no other content (CSP level 3). */
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Every answer. With `no-referrer`, browsers would send no Origin with a form (Fetch, 3.2). */
const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * The server for one person's browser, on loopback. It builds and does not listen. Other programs
 * of the machine and other pages of the browser get nothing: a request needs the cookie that the
 * one-time token gave, a Host of this server (against DNS rebinding), and for writing its Origin.
 */
export function buildView(ports: ViewPorts): ViewApp {
  const session = randomBytes(32);
  let token: Buffer | undefined;
  // fastify's own type lacks `admission`, which is decorated below.
  const app = fastify({ bodyLimit, logger: false, forceCloseConnections: true }) as unknown as ViewApp;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    const problem = problemOf(request, portOf(app));
    if (problem !== undefined) return refuse(request, reply, 403, 'request', problem);
    const asked = urlOf(request).searchParams;
    const given = asked.get('token');
    if (given !== null && request.method === 'GET' && token !== undefined && isSame(given, token)) {
      token = undefined;
      asked.delete('token');
      const rest = asked.toString();
      const cookie = `${cookieName(app)}=${session.toString('hex')}; HttpOnly; SameSite=Strict; Path=/`;
      return reply.header('set-cookie', cookie).redirect(`${urlOf(request).pathname}${rest && `?${rest}`}`, 303);
    }
    // The style says nothing of a cluster, and the refusal needs it.
    if (urlOf(request).pathname === '/style.css') return undefined;
    if (!hasCookie(request, cookieName(app), session)) return refuse(request, reply, 403, 'token', '');
    return undefined;
  });

  app.get('/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(ports.style));
  app.get('/script.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(ports.script));
  // A stream of events would hold one of the six connections that a browser has for an origin.
  app.get('/newest.json', async (_request, reply) => reply.send(ports.newest()));
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    handler: async (request, reply) => {
      const { pathname, searchParams: asked } = urlOf(request);
      if (request.method === 'POST' && asked.get('do') === 'read') {
        await ports.readAgain();
        asked.delete('do');
        const rest = asked.toString();
        return reply.redirect(`${pathname}${rest && `?${rest}`}`, 303);
      }
      const sent = request.method === 'POST' ? ((request.body as URLSearchParams | undefined) ?? none) : undefined;
      const page = await ports.page({ path: pathname, asked, sent, accepted: acceptedOf(request) });
      return reply.code(page.status).type('text/html; charset=utf-8').send(page.html);
    },
  });
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404, 'request', `${request.method} is not served`));
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const isOwn = error.statusCode !== undefined && error.statusCode < 500;
    return refuse(request, reply, error.statusCode ?? 500, isOwn ? 'request' : 'error', error.message);
  });
  app.decorate('admission', () => {
    token = randomBytes(32);
    return `/?token=${token.toString('hex')}`;
  });

  function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    reason: 'token' | 'request' | 'error',
    text: string,
  ): FastifyReply {
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(ports.refusal(acceptedOf(request), reason, text));
  }
  return app;
}

const none = new URLSearchParams();

/** Why a request is not one of this server's own pages; undefined if it may be. */
function problemOf({ headers: sent, method }: FastifyRequest, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(sent.host ?? '')) return 'the Host header is not an address of this server';
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (sent.origin !== `http://${sent.host}`) return 'the Origin header is not this server';
  const site = sent['sec-fetch-site'];
  return site === undefined || site === 'same-origin' ? undefined : 'another site has sent it (Sec-Fetch-Site)';
}

/** Cookies are shared by all ports of a host, so the name has the port. */
function cookieName(app: FastifyInstance): string {
  return `ringfence-view-${portOf(app)}`;
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

function hasCookie({ headers: { cookie = '' } }: FastifyRequest, name: string, session: Buffer): boolean {
  return cookie.split(';').some((part) => {
    const [key, value = ''] = part.trim().split('=');
    return key === name && isSame(value, session);
  });
}

function isSame(text: string, secret: Buffer): boolean {
  const given = Buffer.from(text, 'hex');
  return given.length === secret.length && timingSafeEqual(given, secret);
}

function urlOf({ raw }: FastifyRequest): URL {
  // `..` is resolved here, before anyone reads it. A path that begins with `//` would be a host,
  // also one that does so only when it is resolved.
  const url = new URL(`http://view/${(raw.url ?? '').replace(/^[/\\]+/, '')}`);
  url.pathname = url.pathname.replace(/^\/+/, '/');
  return url;
}

function acceptedOf({ headers: sent }: FastifyRequest): string | undefined {
  return sent['accept-language'];
}
