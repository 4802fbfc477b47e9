// Loaded before `ringfence serve` (`node --import`): the process reaches its own webhook URL even
// if the network does not allow it. So Pods may reach a Service that the API server cannot.
import { Socket } from 'node:net';

const argument = (name: string): string => process.argv[process.argv.indexOf(name) + 1] ?? '';
const from = new URL(argument('--webhook-url')).port;
const to = Number(argument('--port'));
// biome-ignore lint/complexity/noBannedTypes: every form of its arguments is passed on.
const connect = Socket.prototype.connect as Function;

Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
  const [options] = given.flat() as { port?: number | string; host?: string }[];
  if (typeof options === 'object' && String(options.port) === from)
    Object.assign(options, { port: to, host: '127.0.0.1' });
  return connect.apply(this, given) as Socket;
} as typeof Socket.prototype.connect;
