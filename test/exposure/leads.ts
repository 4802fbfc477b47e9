// Exposures from YAML, as lines.
import { parseAllDocuments } from 'yaml';
import { createExposures } from '../../src/exposure/exposure.ts';
import { textAt } from '../../src/kubernetes/raw-object.ts';

/** Reads YAML documents. Objects without a namespace are in `shop`. */
export function exposuresOf(text: string, namespaces: Readonly<Record<string, Record<string, string>>> = {}) {
  const taker = createExposures();
  for (const document of parseAllDocuments(text)) {
    const object: unknown = document.toJS();
    taker.add(object, textAt(object, 'metadata', 'namespace') ?? 'shop');
  }
  const labelsOf = (name: string) => {
    const labels = namespaces[name];
    return labels && new Map(Object.entries(labels));
  };
  return taker.take(labelsOf).all;
}

/** `Kind/name: field text -> port` of each lead. */
export function leadsOf(
  text: string,
  namespaces?: Readonly<Record<string, Record<string, string>>>,
): readonly string[] {
  return exposuresOf(text, namespaces).flatMap(({ kind, name, leads }) =>
    leads.map(
      ({ field, text: how, ports, nowhere }) =>
        `${kind}/${name}: ${field} (${how}) -> ${nowhere ?? ports.map(({ protocol, port, target }) => `${protocol} ${port}:${target}`).join(' ')}`,
    ),
  );
}

/** A Service that lets nobody in by itself. */
export const web = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: web}, {name: metrics, port: 9090}, {name: dns, port: 53, protocol: UDP}]
`;
