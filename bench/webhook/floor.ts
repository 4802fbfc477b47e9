// The floor: what any webhook on Node pays. node:https, the body parsed, a constant answer under
// the review's uid. Arguments: PORT CERT KEY.
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
