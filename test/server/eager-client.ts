// A client on its own thread that sends the next request as soon as it gets an answer, as the API
// server does under load.
import type { MessagePort } from 'node:worker_threads';
import { workerData } from 'node:worker_threads';
import { open, whole } from './sockets.ts';

/** The data that the client and its starter share. */
export interface EagerClient {
  readonly port: number;
  readonly questions: number;
  /** The number of requests sent so far; it is notified at each change. */
  readonly asked: Int32Array;
  /** Receives the number of answers when the connection is closed or every request is answered. */
  readonly answers: MessagePort;
}

const { port, questions, asked, answers } = workerData as EagerClient;
const socket = await open(port);
let count = 0;
let sent = 0;

function send(): void {
  socket.write(whole(), () => {
    sent += 1;
    Atomics.store(asked, 0, sent);
    Atomics.notify(asked, 0);
  });
}

socket.on('data', (part: Buffer) => {
  if (!part.toString('latin1').includes('HTTP/1.1 200')) return;
  count += 1;
  if (count < questions) send();
  else socket.destroy();
});
socket.once('close', () => {
  answers.postMessage(count);
  answers.close();
});
send();
