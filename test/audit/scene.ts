// A cluster in objects, and its audit.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Audit, auditCollection } from '../../src/audit/audit.ts';
import type { Cause } from '../../src/audit/causes.ts';
import { createCollector, keepObject } from '../../src/audit/collection.ts';
import type { AuditReport } from '../../src/audit/report.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Config } from '../../src/config/config.ts';
import { config } from '../policy/minimal.ts';

type Manifest = Readonly<Record<string, unknown>>;
type LabelMap = Readonly<Record<string, string>>;

export const now = Date.parse('2026-11-29T00:00:00Z');
export const identity = { env: 'prod', tier: 'api', team: 'shop' } as const;
export const own = { ...identity, expose: 'false' } as const;
export const marked = { ...identity, 'ringfence.dev/fence': 'true' } as const;

export function namespace(name: string, labels: LabelMap = identity, metadata: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, ...metadata } };
}

export function pod(home: string, name: string, labels: LabelMap = own, more: object = {}): Manifest {
  const { spec, status, ...metadata } = more as { spec?: object; status?: object };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: home, uid: `uid-${name}`, labels, ...metadata },
    spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8443 }] }], ...spec },
    status: { phase: 'Running', ...status },
  };
}

/** The controlling owner of an object (meta/v1 OwnerReference). */
export function ownedBy(kind: string, name: string, apiVersion = 'apps/v1'): object {
  return { ownerReferences: [{ apiVersion, kind, name, uid: `uid-${name}`, controller: true }] };
}

export function workload(
  home: string,
  kind: string,
  name: string,
  labels: LabelMap = own,
  more: object = {},
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: home, ...more },
    spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } } },
  };
}

export function policy(home: string, name: string, spec: object, labels: LabelMap = identity): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: home, labels },
    spec,
  };
}

/** The baseline of a fenced namespace, as Ringfence makes it. */
export function baseline(name: string, labels: LabelMap = marked, as: Config = config): readonly Manifest[] {
  return desiredBaseline({ name, labels: new Map(Object.entries(labels)) }, as).map((one) => ({ ...one }));
}

/** A namespace with the mark and its baseline. */
export function fenced(name: string): readonly Manifest[] {
  return [namespace(name, marked), ...baseline(name)];
}

export async function audit(objects: readonly Manifest[], as: Config = config): Promise<Audit> {
  const collector = createCollector(as);
  for (const object of objects) collector.add(keepObject(object));
  return auditCollection(collector.take(), as, now);
}

export async function reportOn(objects: readonly Manifest[], as: Config = config): Promise<AuditReport> {
  const at = new Date(now).toISOString();
  return { ...(await audit(objects, as)), at, doctor: undefined, requests: undefined, strict: false };
}

/** `2 Namespace shop: message [checks]` of each cause: how many findings, where, and what. */
export function causesIn({ causes }: Pick<Audit, 'causes'>): readonly string[] {
  return causes.map(sayCause);
}

function sayCause({ count, at, message, checks }: Cause): string {
  return `${count} ${at.join(', ')}: ${message.split('; ')[0]} [${checks.join(', ')}]`;
}

const read = (name: string) => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')) as object;

/** Validates the answer of `-o json`. */
export const validateJson = new Ajv2020({ strict: true }).addSchema(read('doctor')).compile(read('cluster-audit'));
