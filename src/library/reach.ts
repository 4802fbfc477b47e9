import type { Note } from '../reach/note.ts';
import { outside } from '../reach/outside-question.ts';
import { type OutsideData, outsideData } from '../reach/outside-text.ts';
import { ask, type QuestionAnswer } from '../reach/question.ts';
import { survey } from '../reach/survey.ts';
import { type SurveyData, surveyJson } from '../reach/survey-data.ts';
import { surveyNotes } from '../reach/survey-notes.ts';
import type { Manifest } from './manifests.ts';
import { type Asked, askWays, readPort, resolveQuestion } from './question.ts';
import { readDesks, type WorldOptions } from './read.ts';

/** The answer to one question: a verdict for each pair of ends, with its reasons. */
export interface Reach extends QuestionAnswer {
  readonly notes: readonly Note[];
}

/** Every flow between the ends of a question. */
export type Survey = SurveyData;

/** The ways by which Services, Ingresses and routes lead the outside in. */
export interface FromOutside extends OutsideData {
  readonly notes: readonly Note[];
}

/**
 * Says who reaches whom, as `ringfence reach -o json` does. With both ends and a port, the answer
 * is that to one question. Without one of them, it has every flow. The texts are those of the
 * command: `shop/deployment/web`, `tier=web`, `10.0.0.0/8`; `5432/TCP`, `http`.
 *
 * @throws an Error with one line for each object that cannot be read, or for an end that is not
 *   there
 */
export async function reach(
  manifests: readonly Manifest[],
  question: { readonly from: string; readonly to: string; readonly port: string },
  options?: WorldOptions,
): Promise<Reach>;
export async function reach(
  manifests: readonly Manifest[],
  question?: Asked,
  options?: WorldOptions,
): Promise<Reach | Survey>;
export async function reach(
  manifests: readonly Manifest[],
  question: Asked = {},
  options: WorldOptions = {},
): Promise<Reach | Survey> {
  if (question.from === outside) throw new TypeError(`from: ${outside} is no end here; use reachFromOutside`);
  const { desk } = await readDesks(manifests, options, 'manifests');
  const { from, to, port, groups } = resolveQuestion(question, desk, '');
  if (from !== undefined && to !== undefined && port !== undefined)
    return { ...ask(from, to, port, desk), notes: desk.notes };
  const notes = [...desk.notes, ...surveyNotes(groups, desk)];
  return JSON.parse([...surveyJson(survey(groups, desk), notes)].join('')) as Survey;
}

/**
 * Says what the outside reaches, and by what, as `ringfence reach --from outside -o json` does.
 *
 * @throws as {@link reach}
 */
export async function reachFromOutside(
  manifests: readonly Manifest[],
  question: Omit<Asked, 'from'> = {},
  options: WorldOptions = {},
): Promise<FromOutside> {
  const port = question.port === undefined ? undefined : readPort(question.port, '');
  const both = await readDesks(manifests, options, 'manifests');
  const { answer, notes } = askWays(question.to, port, both.outside, '');
  return { ...outsideData(answer), notes };
}
