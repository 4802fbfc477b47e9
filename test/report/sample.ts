import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { rules } from '../../src/judgement/rules.ts';
import type { Report } from '../../src/report/report.ts';
import { config } from '../policy/minimal.ts';

/** One object for each case of a report. */
export const sample = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {env: prod, tier: api, team: shop}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    env: "p<r>&d\\u0007\\n::x"
    tier: api
    expose: "false"
---
apiVersion: v1
kind: Pod
metadata:
  name: lost
  namespace: nowhere
  labels: {env: prod, tier: api, team: shop, expose: "false"}
---
apiVersion: v1
kind: Pod
metadata: {name: dns, namespace: kube-system}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: twice, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
`;

/** A report about manifests, with the given `strict` and problems. */
export async function reportOf(
  text: string = sample,
  options: Partial<Pick<Report, 'strict' | 'problems' | 'skipped' | 'known' | 'notes' | 'ignoreUnreadable'>> & {
    readonly file?: string;
  } = {},
): Promise<Report> {
  const { documents } = parseManifest(text, options.file ?? 'k8s/a b.yaml');
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, config);
  const judgement = await judgeDocuments(documents, inventory, config);
  return {
    ...judgement,
    problems: options.problems ?? [],
    notes: options.notes ?? [],
    ignoreUnreadable: options.ignoreUnreadable ?? false,
    rules,
    strict: options.strict ?? false,
    skipped: options.skipped ?? [],
    known: options.known,
    version: '1.2.3',
    homepage: 'https://docs.example/ringfence',
    config,
  };
}

/** A file that is not YAML, and a missing file. */
export const brokenFiles: Report['problems'] = [
  { file: 'bad.yaml', line: 3, column: 7, message: 'not YAML: a "quote" & <tag>' },
  { file: 'gone.yaml', line: undefined, column: undefined, message: 'there is no such file or folder' },
];
