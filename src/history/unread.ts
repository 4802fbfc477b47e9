import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { agree, countOf } from '../wording/number.ts';

/** What is known of the objects that a readiness judges, beside their audit. */
export interface UnreadContext {
  readonly isAsked: (namespace: string) => boolean;
  /** Namespaces of judged objects whose Namespace object was not read. */
  readonly undescribed: readonly string[];
  /** How many judged objects name no namespace. */
  readonly homeless: number;
  readonly isLive: boolean;
}

/** What could not be read of the objects and may change whether namespaces are ready: sentences. */
export function unreadOf(
  { notes }: Pick<Audit, 'notes'>,
  { isAsked, undescribed, homeless, isLive }: UnreadContext,
  config: Config,
): readonly string[] {
  const isMeant = (name: string): boolean => isAsked(name) && !isExempt(name, config);
  const overlooked = notes.filter(
    ({ id, overlooked: is, namespaces }) => is && !aboutTraffic.has(id) && (namespaces?.some(isMeant) ?? true),
  );
  return [
    ...new Set(overlooked.map(({ message }) => message)),
    ...undescribed.map((name) =>
      isLive
        ? `Namespace ${name} was not listed, and objects in it were, so its labels are not known: run the command again`
        : `there is no Namespace ${name} in the files, so its labels are not known: add its manifest to them`,
    ),
    ...(homeless === 0
      ? []
      : [
          `${countOf(homeless, 'object')} ${agree(homeless, 'names', 'name')} no namespace, so nothing is known of ${agree(homeless, 'it', 'them')}: set metadata.namespace`,
        ]),
  ];
}

/**
 * What these notes are about decides who reaches whom, and enforce refuses nothing for it. An
 * object that cannot be read is judged all the same: the check `readable` refuses it.
 */
const aboutTraffic: ReadonlySet<Audit['notes'][number]['id']> = new Set([
  'namespace-unknown',
  'not-discovered',
  'not-listed',
  'objects-unreadable',
  'other-policies',
]);
