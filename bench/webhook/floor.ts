// The floor: the least that any webhook on Node costs. It uses node:https, parses the body, and
// returns a constant answer with the review's uid. Arguments: PORT CERT KEY.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';

const [port, cert = '', key = ''] = process.argv.slice(2);
createServer({ cert: readFileSync(cert), key: readFileSync(key), keepAliveTimeout: 110_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { request: { uid: string } };
    const answer = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"${review.request.uid}","allowed":true}}`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
}).listen(Number(port), '127.0.0.1');
