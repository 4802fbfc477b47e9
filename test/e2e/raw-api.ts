// The API server for a program: whole answers with their warnings, over a few open connections.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { kinds } from '../../src/kubernetes/kinds.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';

export interface Answer {
  readonly code: number;
  /** meta/v1 Status.message of a refusal; empty for any other answer. */
  readonly message: string;
  /** The texts of the Warning headers (RFC 7234, 5.5), unescaped. */
  readonly warnings: readonly string[];
  /** The object, or the Status. */
  readonly body: unknown;
}

export interface RawApi {
  /** `accept` is a media type for an answer other than the usual JSON. */
  send(method: 'POST' | 'PUT' | 'DELETE' | 'GET', path: string, body?: unknown, accept?: string): Promise<Answer>;
  close(): void;
}

/** Connects as a declared user of the control plane. */
export function openApi(controlPlane: ControlPlane, user: string): RawApi {
  const kubeconfig = JSON.parse(readFileSync(controlPlane.kubeconfigFor(user), 'utf8')) as {
    users: readonly [{ user: { token: string } }];
  };
  const [{ user: credentials }] = kubeconfig.users;
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: readFileSync(controlPlane.caFile) });
  return {
    send(method, path, body, accept = 'application/json') {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const headers = { authorization: `Bearer ${credentials.token}`, accept, 'content-type': 'application/json' };
      const call = request(`${controlPlane.url}${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          // The answer for a group that is not served is plain text.
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          const answer = (isJson ? JSON.parse(text) : { kind: 'Status', message: text }) as {
            kind?: string;
            message?: string;
          };
          const message = answer.kind === 'Status' ? (answer.message ?? '') : '';
          resolve({ code: response.statusCode ?? 0, message, warnings: warningsIn(response.rawHeaders), body: answer });
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
      return promise;
    },
    close: () => agent.destroy(),
  };
}

/**
 * Returns the path of the collection of a judged kind: `/apis/apps/v1/namespaces/shop/deployments`.
 */
export function collectionPath(kind: string, namespace: string): string {
  const judged = kinds.find((one) => one.kind === kind);
  if (judged === undefined) throw new Error(`${kind} is judged by no one`);
  const group = judged.group === '' ? '/api/v1' : `/apis/${judged.group}/v1`;
  return kind === 'Namespace' ? `${group}/namespaces` : `${group}/namespaces/${namespace}/${judged.resource}`;
}

function warningsIn(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((value, index) => {
    if (index % 2 === 0 || rawHeaders[index - 1]?.toLowerCase() !== 'warning') return [];
    return [
      value
        .replace(/^299 \S+ "/, '')
        .replace(/"$/, '')
        .replace(/\\(.)/g, '$1'),
    ];
  });
}
