import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import type { ApiAnswer, ApiServer } from './api-server.ts';
import type { Faults } from './faults.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';
import type { Watches } from './watches.ts';

/** Called for each call and watch, for the invariants that count. */
type CallCounter = (owner: Owner, isWrite: boolean) => void;

/**
 * The connection of a replica to the API server, in place of `cluster/connection.ts`. It takes
 * time, breaks and repeats calls.
 */
export function connectLine(
  owner: Owner,
  parts: {
    readonly server: ApiServer;
    readonly serverOwner: Owner;
    readonly watches: Watches;
    readonly scheduler: Scheduler;
    readonly faults: Faults;
    readonly trace: Trace;
    readonly count: CallCounter;
  },
): Cluster {
  const { server, serverOwner, watches, scheduler, faults, trace, count } = parts;

  return {
    request<T>(...[method, path, options = {}]: Parameters<Cluster['request']>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const name = `${method} ${path}`;
        let isOver = false;
        const settle = (answer: ApiAnswer | ApiError): void => {
          if (isOver) return;
          isOver = true;
          timeout.isCancelled = true;
          options.signal?.removeEventListener('abort', onAbort);
          trace(() => `${name} → ${textOf(answer)}`);
          if (answer instanceof ApiError) reject(answer);
          else if ('body' in answer) resolve(answer.body as T);
          else reject(new ApiError(`${name}: ${answer.code} ${answer.reason} ${answer.message}`, answer));
        };
        const onAbort = (): void => settle(new ApiError(`${name}: aborted`));
        const timeout = scheduler.after(options.timeoutMs ?? defaultTimeoutMs, owner, () =>
          settle(new ApiError(`${name}: no answer`, { reason: 'Timeout' })),
        );
        if (options.signal?.aborted) return onAbort();
        options.signal?.addEventListener('abort', onAbort, { once: true });
        count(owner, method !== 'GET');
        send();

        function send(): void {
          const fate = faults.fateOf({
            replica: owner.name,
            isWrite: method !== 'GET',
            isList: path.endsWith('s') && options.query?.['limit'] !== undefined,
          });
          if (fate.isLost) {
            trace(() => `${name} is lost`);
            return;
          }
          const back = (answer: ApiAnswer | ApiError): void => {
            scheduler.after(fate.backMs, owner, () => settle(answer));
          };
          const call = {
            method,
            path,
            query: options.query ?? {},
            body: options.body,
            contentType: options.contentType,
          };
          const arrive = (): void => {
            const said = fate.refusal === undefined ? undefined : { ...fate.refusal, message: 'injected' };
            if (fate.reset === 'before') back(new ApiError(`${name}: ECONNRESET`));
            else if (said?.isDone === false) back(said);
            else
              server.handle(call, (answer) => {
                trace(() => `answers ${owner.name}'s ${name}: ${textOf(answer)}`);
                if (fate.reset === 'after') back(new ApiError(`${name}: ECONNRESET`));
                else back(said ?? answer);
              });
          };
          scheduler.after(fate.thereMs, serverOwner, arrive);
          if (fate.repeatedMs !== undefined) scheduler.after(fate.thereMs + fate.repeatedMs, serverOwner, arrive);
        }
      });
    },
    watch(request) {
      count(owner, false);
      return watches.open(owner, request);
    },
    close: async () => undefined,
  };
}

/** The default of `cluster/connection.ts`. */
const defaultTimeoutMs = 5_000;

function textOf(answer: ApiAnswer | ApiError): string {
  if (answer instanceof ApiError) return answer.message;
  if (!('body' in answer)) return `${answer.code} ${answer.reason}`;
  const { metadata } = answer.body as { metadata?: { resourceVersion?: string } };
  return `200 at ${metadata?.resourceVersion}`;
}
