import type { TextKey } from './english.ts';
import { freshness, type Reading } from './freshness.ts';
import { type Content, type Html, html } from './html.ts';
import { type Language, languages, type Say, speak, tags } from './language.ts';
import type { Path, Scene } from './scene.ts';

/** The pages of the navigation, in its order. */
const pages: readonly (readonly [Path, TextKey])[] = [
  ['/', 'map'],
  ['/matrix', 'matrix'],
  ['/flow', 'askTitle'],
  ['/findings', 'findings'],
  ['/fences', 'fences'],
  ['/exceptions', 'exceptions'],
  ['/doctor', 'doctor'],
  ['/what-if', 'whatIf'],
];

/** A whole page around its content. `path` is the page of the navigation that it belongs to. */
export function shell(scene: Scene, path: Path | undefined, title: string, content: Content, reading: Reading): Html {
  const { say, language, asked, href } = scene;
  const here = path ?? '/';
  const parameters = Object.fromEntries([...asked].filter(([key]) => key !== 'lang'));
  const others = (Object.keys(languages) as Language[]).filter((one) => one !== language);
  return html`<!doctype html>
<html lang="${tags[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Ringfence</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script src="/script.js" defer></script>
</head>
<body>
<a class="skip" href="#content">${say('skip')}</a>
<header>
<div class="bar">
<p class="brand">Ringfence</p>
<nav aria-label="${say('pages')}"><ul>${pages.map(
    ([to, key]) =>
      html`<li><a href="${href(to)}"${path === to && html` aria-current="page"`}>${say(key)}</a></li>
`,
  )}</ul></nav>
<nav aria-label="${say('languages')}" class="languages"><ul>${others.map(
    (one) =>
      html`<li><a href="${href(here, { ...parameters, lang: one })}" lang="${tags[one]}" hreflang="${tags[one]}">${speak(one)('language')}</a></li>`,
  )}</ul></nav>
</div>
${freshness(scene, { page: href(here, parameters), again: href(here, { ...parameters, do: 'read' }) }, reading)}
</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

/** A page without the data of a cluster: a refusal or an error. */
export function plainPage(language: Language, title: TextKey, text: string): Html {
  const say: Say = speak(language);
  return html`<!doctype html>
<html lang="${tags[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${say(title)} · Ringfence</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body><main id="content"><h1>${say(title)}</h1><p>${text}</p></main></body>
</html>
`;
}
