// What `helm test` runs: it asks the API server, as dry runs, for a namespace without identity labels and for one
// with them. The answers must be those of the mode. Nothing is stored.
import { readFileSync } from 'node:fs';

const { API_SERVER, MODE, RIGHT_LABELS, TOKEN_FILE } = process.env;
const name = `ringfence-test-${Date.now().toString(36)}`;
const problems = [];

const ask = (method, path, body) =>
  fetch(`${API_SERVER}${path}`, {
    method,
    headers: { authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function create(labels) {
  const answer = await ask('POST', '/api/v1/namespaces?dryRun=All', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  const { message, metadata } = await answer.json();
  return { status: answer.status, message, labels: metadata?.labels ?? {}, warning: answer.headers.get('warning') ?? '' };
}

function expect(what, isTrue, found) {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'}  ${what}`);
  if (!isTrue) problems.push(`${what}: ${JSON.stringify(found)}`);
}

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ringfence';
const { metadata } = await (await ask('GET', path)).json();
const reached = metadata?.annotations?.['ringfence.dev/reached-at'];
expect('the API server reaches Ringfence', reached !== undefined, metadata?.annotations);

const wrong = await create({});
const right = await create(JSON.parse(RIGHT_LABELS));
if (MODE === 'enforce') {
  expect('a namespace without identity is refused', wrong.status === 403 && /required-labels/.test(wrong.message), wrong);
  expect('a namespace with an identity is admitted', right.status === 201, right);
  expect('and it is fenced', right.labels['ringfence.dev/fence'] === 'true', right);
} else {
  expect('a namespace without identity is admitted', wrong.status === 201, wrong);
  if (MODE === 'warn') expect('with a warning', /required-labels/.test(wrong.warning), wrong);
  expect('a namespace with an identity is admitted, without a warning', right.status === 201 && right.warning === '', right);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
