// The laws for every answer. A broken law throws, and fast-check then makes the case smaller.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { auditMessage } from '../../src/telemetry/audit.ts';
import { isEnvelope } from './envelope.ts';
import { secret } from './objects.ts';
import { applyPatch, type Operation } from './patch.ts';
import { contentTypes, type Sent } from './reviews.ts';
import { type Expected, foretell } from './verdicts.ts';
import { cities, type Traces, type World } from './world.ts';

/** The received answer. */
export interface Received {
  readonly status: number;
  readonly body: string;
}

interface Response {
  readonly uid?: unknown;
  readonly allowed?: unknown;
  readonly status?: { readonly code?: unknown; readonly reason?: unknown; readonly message?: unknown };
  readonly warnings?: readonly unknown[];
  readonly auditAnnotations?: Readonly<Record<string, unknown>>;
  readonly patchType?: unknown;
  readonly patch?: unknown;
}

const auditSchema: object = JSON.parse(
  readFileSync(new URL('../../schemas/audit.schema.json', import.meta.url), 'utf8'),
);
const isAuditLine = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(auditSchema);

/** The guards that deny in every mode. */
const guards = ['lower', 'baseline-guard'];

/**
 * Mutations that move a value to another place. Only without them is the place of the secret known.
 */
const carriers = new Set(['exchange', 'graft', 'text']);

/** Checks an answer and its log lines against the sent review. */
export function assertLaws(sent: Sent, body: Buffer, received: Received | undefined, world: World): void {
  assertStatus(received);
  assert.ok(received, 'a whole request is answered');
  const { status, body: text } = received;
  const traces = world.takeTraces();
  const parsed = parse(body.toString('utf8'));
  const isJson = contentTypes.right.some((type) => type === sent.contentType);
  const expected: Expected =
    parsed === undefined || !isJson ? 'bad request' : foretell(parsed.value, sent.phase, world.config);
  assert.deepEqual(traces.defects, [], 'nothing was thrown where nothing should throw');
  const answer = parse(text)?.value as { readonly response?: Response } | undefined;
  assertTraces(traces, world.config.mode);
  if (sent.damaged.does === 'none' && !sent.mutations.some(({ does }) => carriers.has(does)))
    assert.ok(!text.includes(secret) && !traces.lines.join('').includes(secret), 'a secret is told');
  if (expected === 'bad request') {
    assert.equal(status, isJson ? 400 : 415);
    assert.match(text, /^[^{].{10,300}\n$/);
    assert.deepEqual(traces.records, []);
    return;
  }
  assert.equal(status, 200);
  const { request } = (parsed ?? { value: {} }).value as { readonly request: { readonly uid: string } };
  const response = answer?.response ?? {};
  assert.deepEqual(answer, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  assert.equal(response.uid, request.uid);
  assert.equal(response.allowed, expected === 'allowed', `it must be ${expected}`);
  assertForm(response);
  const isValidation =
    sent.phase === 'enforced' || sent.phase === 'unenforced' || (sent.phase === 'early' && expected === 'denied');
  assert.equal(traces.records.length, isEnvelope(parsed?.value) && isValidation ? 1 : 0, 'one line for one decision');
  assertWall(parsed?.value, sent, expected, world);
  if (response.patch !== undefined) assertPatch(parsed?.value, response);
}

/**
 * Checks the metrics at the end: they contain only series of our own words, and nothing that was
 * sent.
 */
export function assertMetrics(text: string): void {
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.ok(series.length < 1_500, `there are ${series.length} series`);
  assert.ok(!text.includes(secret), 'a secret is counted');
}

/** An answer, if there is one, is a review or an error of the client. */
export function assertStatus(received: Received | undefined): void {
  const status = received?.status ?? 400;
  assert.ok(status === 200 || (status >= 400 && status < 500), `the status is ${status}`);
}

function assertForm({ allowed, status, warnings = [], auditAnnotations = {} }: Response): void {
  if (allowed === false) {
    assert.equal(status?.code, 403);
    assert.equal(status?.reason, 'Forbidden');
    assert.ok(typeof status?.message === 'string' && status.message.length > 20 && status.message.length < 30_000);
  }
  for (const warning of warnings) assert.ok(typeof warning === 'string' && warning.length <= 120, 'a warning is cut');
  for (const value of Object.values(auditAnnotations)) assert.ok(typeof value === 'string' && value.length <= 1024);
}

function assertTraces({ lines, records }: Traces, cluster: string): void {
  for (const line of lines) {
    assert.ok(line.indexOf('\n') === line.length - 1, 'a line is one line');
    assert.ok(line.length < 200_000, 'a line has a bound');
    const entry = JSON.parse(line) as { readonly msg: string };
    if (entry.msg === auditMessage) assert.ok(isAuditLine(entry), JSON.stringify(isAuditLine.errors));
  }
  for (const { decision, mode, findings, kind } of records) {
    // A Namespace is judged by several modes at once. verdicts.ts says by which.
    if (decision !== 'denied' || mode === 'enforce' || cluster === 'enforce' || kind === 'Namespace') continue;
    const denying = findings.filter(({ action }) => action === 'deny').map(({ check }) => check);
    assert.ok(
      denying.length > 0 && denying.every((check) => guards.includes(check)),
      `${denying.join()} refuse in ${mode}`,
    );
  }
}

/**
 * No Pod is admitted to a fenced namespace that enforces before its wall exists, and a dry run
 * writes nothing.
 */
function assertWall(parsed: unknown, sent: Sent, expected: Expected, world: World): void {
  if (!isEnvelope(parsed)) return;
  const { kind, operation, namespace = '', dryRun, resource } = parsed.request;
  const city = Object.hasOwn(cities, namespace) ? cities[namespace] : undefined;
  if (dryRun === true) assert.equal(world.writes(), 0, 'a dry run has written');
  if (sent.phase !== 'enforced' || expected !== 'allowed' || kind.kind !== 'Pod' || operation !== 'CREATE') return;
  if (dryRun === true || city === undefined || !Object.hasOwn(city.labels, 'ringfence.dev/fence')) return;
  if (resource.resource === 'namespaces' || city.terminating || city.silent || kind.version !== 'v1' || kind.group)
    return;
  assert.ok(world.isWalled(namespace), 'a Pod is admitted before the wall');
}

/** A patch can be applied to the sent object, and it only adds labels. */
function assertPatch(parsed: unknown, { patch, patchType, allowed }: Response): void {
  assert.equal(patchType, 'JSONPatch');
  assert.equal(allowed, true);
  assert.ok(isEnvelope(parsed) && typeof patch === 'string');
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  for (const { op, path } of operations) {
    assert.equal(op, 'add');
    assert.match(path, /\/metadata(?:\/labels(?:\/[^/]+)?)?$/);
  }
  applyPatch(parsed.request.object, operations);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
