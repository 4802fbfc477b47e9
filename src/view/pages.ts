import { doctorPage, exceptionsPage, fencesPage } from './fences-page.ts';
import { findingsPage } from './findings-page.ts';
import { flowPage, flowTitle } from './flow-page.ts';
import type { Reading } from './freshness.ts';
import type { Html } from './html.ts';
import { chooseLanguage, type Language, speak } from './language.ts';
import { mapPage } from './map-page.ts';
import { matrixPage } from './matrix-page.ts';
import type { Model } from './model.ts';
import { namespacePage } from './namespace-page.ts';
import type { Parameters, Path, Scene } from './scene.ts';
import { plainPage, shell } from './shell.ts';
import { tryPolicies } from './trial.ts';
import { whatIfPage } from './what-if-page.ts';

/** What a browser asks for. */
export interface PageRequest {
  readonly path: string;
  readonly asked: URLSearchParams;
  /** The fields of a form that was sent; undefined for GET. */
  readonly sent: URLSearchParams | undefined;
  /** The Accept-Language header. */
  readonly accepted: string | undefined;
}

export interface Page {
  readonly status: number;
  readonly html: string;
}

/** The pages that need no sent form. */
const getters: Readonly<Record<string, (scene: Scene) => readonly [title: string, content: Html]>> = {
  '/': (scene) => [scene.say('map'), mapPage(scene)],
  '/matrix': (scene) => [scene.say('matrix'), matrixPage(scene)],
  '/flow': (scene) => [flowTitle(scene), flowPage(scene)],
  '/namespace': (scene) => {
    const name = scene.asked.get('name') ?? '';
    return [`${scene.say('namespace')} ${name}`, namespacePage(scene, name)];
  },
  '/findings': (scene) => [scene.say('findings'), findingsPage(scene)],
  '/fences': (scene) => [scene.say('fences'), fencesPage(scene)],
  '/exceptions': (scene) => [scene.say('exceptions'), exceptionsPage(scene)],
  '/doctor': (scene) => [scene.say('doctor'), doctorPage(scene)],
};

/** Makes the page of a request. */
export async function pageOf(request: PageRequest, model: Model, reading: Reading): Promise<Page> {
  const { path, asked, sent, accepted } = request;
  const language = chooseLanguage(asked.get('lang'), accepted);
  const scene = sceneOf(model, language, asked);
  const getter = Object.hasOwn(getters, path) ? getters[path] : undefined;
  if (path === '/what-if') {
    const text = sent?.get('manifests') ?? '';
    const trial = sent === undefined ? undefined : await tryPolicies(text, model);
    return done(shell(scene, path, scene.say('whatIf'), whatIfPage(scene, text, trial), reading));
  }
  if (getter === undefined || sent !== undefined)
    return { status: 404, html: plainPage(language, 'noSuchPage', '').text };
  const [title, content] = getter(scene);
  return done(shell(scene, path as Path, title, content, reading));
}

function done(page: Html): Page {
  return { status: 200, html: page.text };
}

function sceneOf(model: Model, language: Language, asked: URLSearchParams): Scene {
  // An address that names the language keeps it.
  const kept: Parameters = asked.has('lang') ? { lang: language } : {};
  return {
    model,
    language,
    asked,
    say: speak(language),
    href(path, parameters = {}) {
      const all = new URLSearchParams(
        Object.entries({ ...kept, ...parameters }).filter(([, value]) => value !== ''),
      ).toString();
      return all === '' ? path : `${path}?${all}`;
    },
  };
}

/** The page for a browser that may not see anything. */
export function refusalPage(accepted: string | undefined, reason: 'token' | 'request' | 'error', text: string): string {
  const language = chooseLanguage(null, accepted);
  if (reason === 'token') return plainPage(language, 'notAdmitted', speak(language)('notAdmittedText')).text;
  return plainPage(language, reason === 'request' ? 'refused' : 'failed', text).text;
}
