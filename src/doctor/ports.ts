import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { ServedCertificate } from './facts.ts';

/** What the doctor asks of the cluster: reads alone. Errors carry the HTTP status as `code`. */
export interface DoctorPorts {
  /** One object or answer; an error with the code 404 if there is none. */
  readonly get: (path: string, accept?: string) => Promise<unknown>;
  /** A whole collection, page by page. */
  readonly list: (
    path: string,
    query: Readonly<Record<string, string>>,
    onObject: (raw: RawObject) => void,
  ) => Promise<void>;
  /** The configuration, or why it cannot be used. */
  readonly config: () => Promise<{ readonly config: Config } | { readonly problems: readonly string[] }>;
  /** Shakes hands with a TLS server. Rejects where it does not answer. */
  readonly dial: (address: string) => Promise<ServedCertificate>;
}
