import type { TextKey } from './english.ts';
import { type Content, type Html, html } from './html.ts';
import { type Scene, table, words } from './scene.ts';

/** How old the data is, and whether newer data is on its way. */
export interface Reading {
  /** Counts the readings, so that an open page knows its own. */
  readonly number: number;
  /** When the model was begun, RFC 3339, and how many seconds ago it was done. */
  readonly at: string;
  readonly seconds: number;
  readonly isReading: boolean;
  /** Whether something that is followed has changed since. */
  readonly hasChanged: boolean;
  /** Why the last attempt to read again failed. */
  readonly failure: string | undefined;
  /** What a live cluster was read from; nothing for files. */
  readonly parts: readonly Part[];
}

/** Something that was read of a live cluster. */
export interface Part {
  /** `pods`, `networkpolicies.networking.k8s.io`, or a key of `ownNames`. */
  readonly name: string;
  /** When it was read, or, if it is followed, when the API server gave the last sign of life. */
  readonly at: string;
  readonly isFollowed: boolean;
  /** Why it is not followed; undefined if the user may not watch it. */
  readonly problem: string | undefined;
}

/** What an open page asks for again and again. */
export interface Newest {
  readonly number: number;
  readonly reading: boolean;
  readonly changed: boolean;
  /** Whether something that is followed has not been heard of for too long. */
  readonly silent: boolean;
  readonly failure: string | null;
  /** By the name of a part. */
  readonly heard: Readonly<Record<string, string>>;
}

/** A watch ends within 51 s (`silenceMs` of the follower), and the next begins with an answer. */
const silentSeconds = 90;

const ownNames: Readonly<Record<string, TextKey>> = {
  configuration: 'configuration',
  'served-kinds': 'servedKinds',
  doctor: 'doctor',
  'flow-logs': 'flowLogs',
};

/** `now` is in milliseconds since 1970. */
export function newestOf({ number, isReading, hasChanged, failure, parts }: Reading, now: number): Newest {
  return {
    number,
    reading: isReading,
    changed: hasChanged,
    failure: failure ?? null,
    silent: parts.some(({ isFollowed, at }) => isFollowed && now - Date.parse(at) > silentSeconds * 1_000),
    heard: Object.fromEntries(parts.map(({ name, at }) => [name, at])),
  };
}

/** The part of a page that says how old its data is. `here` is the address of the page. */
export function freshness(
  scene: Scene,
  here: { readonly page: string | undefined; readonly again: string | undefined },
  reading: Reading,
): Html {
  const { say, model } = scene;
  const { at, parts } = reading;
  const newest = newestOf(reading, Date.now());
  const followed = parts.filter(({ isFollowed }) => isFollowed).length;
  return html`<div class="reading" data-number="${newest.number}">
<p>${say('readFrom', { source: model.source })} · <time datetime="${at}">${sayTime(at)}</time> · ${sayAge(scene, 'age', at, reading.seconds)}</p>
<form method="post" action="${here.again}"><button>${say('readAgain')}</button></form>
<label class="check" hidden><input type="checkbox" data-follow checked> ${say('updates')}</label>
${
  parts.length > 0 &&
  html`<details class="parts"><summary>${say('follows', { followed, all: parts.length })}</summary>
${table(
  scene,
  say('parts'),
  [say('part'), say('state'), say('lastRead')],
  parts.map((part) => rowOf(scene, part)),
)}</details>`
}
</div>
${notice('reading', newest.reading, say('readingNow'))}
${notice('changed', newest.changed, say('hasChanged'))}
${notice('failed', newest.failure !== null, say('readFailed', { why: newest.failure ?? '' }), say('readFailed', { why: '#' }))}
${notice('silent', newest.silent, say('isSilent', { count: silentSeconds }))}
${notice('newer', false, html`<a href="${here.page}">${say('isNewer')}</a>`)}
${notice('gone', false, say('isGone'))}`;
}

/** A sentence that the script shows and hides. It puts the failure in place of `#` in `text`. */
function notice(when: string, isTrue: boolean, content: Content, text?: string): Html {
  const isBad = ['failed', 'silent', 'gone'].includes(when);
  return html`<p class="notice${isBad && ' bad'}" role="status" data-when="${when}"${text !== undefined && html` data-text="${text}"`}${!isTrue && html` hidden`}>${content}</p>`;
}

function rowOf(scene: Scene, { name, at, isFollowed, problem }: Part): readonly Content[] {
  const { say } = scene;
  const own = Object.hasOwn(ownNames, name) ? ownNames[name] : undefined;
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1_000));
  return [
    own === undefined ? name : say(own),
    isFollowed
      ? html`<span class="kind opened">${say('followed')}</span>`
      : problem === undefined
        ? say('mayNotWatch')
        : html`${say('notFollowed')}${problem !== '' && html`<br>${words(scene, problem)}`}`,
    html`<time datetime="${at}" data-part="${name}">${sayAge(scene, 'ago', at, seconds)}</time>`,
  ];
}

function sayTime(at: string): string {
  return `${at.replace('T', ' ').slice(0, 19)} UTC`;
}

/** The script keeps it true. */
function sayAge({ say }: Scene, key: 'age' | 'ago', at: string, seconds: number): Html {
  return html`<span data-since="${at}" data-text="${say(key, { count: '#' })}">${say(key, { count: seconds })}</span>`;
}
