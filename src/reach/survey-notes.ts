import { listOf } from '../wording/number.ts';
import type { Desk } from './desk.ts';
import { allGroups } from './group.ts';
import type { Note } from './note.ts';
import type { SurveyQuestion } from './survey.ts';
import { sayUnevaluated, type Unevaluated } from './unevaluated.ts';

/**
 * The policies of other kinds that select the ends of a survey, and so could change its flows: a
 * note for each set of policies, with all ends that it selects. `objects` are the policies.
 */
export function surveyNotes({ from, to }: Pick<SurveyQuestion, 'from' | 'to'>, desk: Desk): readonly Note[] {
  const sides = [
    { ends: from, others: to, direction: 'egress' },
    { ends: to, others: from, direction: 'ingress' },
  ] as const;
  const found = sides.flatMap(({ ends, others, direction }) => {
    const isOutside = others?.some(({ kind }) => kind === 'address') ?? true;
    // Pods of one group may differ in labels that only policies of other kinds ask about.
    const pods = (ends ?? allGroups(desk)).flatMap((group) => (group.kind === 'pods' ? group.pods : []));
    return pods.flatMap((pod) =>
      desk.others.at({ name: '', pods: [pod] }, direction, isOutside).map((one) => ({ one, pod })),
    );
  });
  const alike = Map.groupBy(found, ({ one }) => JSON.stringify(one));
  return [...alike].map(([key, members]): Note => {
    const one = JSON.parse(key) as Unevaluated;
    const pods = members.map(({ pod }) => pod);
    return {
      id: 'unevaluated',
      message: `${one.direction}: ${sayUnevaluated({ ...one, name: listOf(desk.namesOf(pods)) })}`,
      objects: one.policies,
      overlooked: true,
      namespaces: [...new Set(pods.map(({ namespace }) => namespace))],
    };
  });
}
