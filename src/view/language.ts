import { chinese } from './chinese.ts';
import { english, type TextKey, type Texts } from './english.ts';

export const languages = { en: english, zh: chinese } as const satisfies Readonly<Record<string, Texts>>;
export type Language = keyof typeof languages;

/** A text in the language of the page, with its values. */
export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export function speak(language: Language): Say {
  return (key, values = {}) =>
    languages[language][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The tag of a language for HTML (BCP 47). */
export const tags: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

/**
 * The language that was asked for, or the first known one of an Accept-Language header (RFC 9110,
 * 12.5.4), or English.
 */
export function chooseLanguage(asked: string | null, accepted: string | undefined): Language {
  if (isLanguage(asked)) return asked;
  const ranges = (accepted ?? '').split(',').map((part) => {
    const [range = '', ...parameters] = part.trim().split(';');
    const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean);
    return { tag: range.toLowerCase().split('-')[0] ?? '', quality: quality === undefined ? 1 : Number(quality) };
  });
  const best = ranges
    .filter(({ tag, quality }) => isLanguage(tag) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality)[0]?.tag;
  return isLanguage(best) ? best : 'en';
}

function isLanguage(text: string | null | undefined): text is Language {
  return typeof text === 'string' && Object.hasOwn(languages, text);
}
