import { describe, expect, it } from 'vitest';
import { chinese } from '../../src/view/chinese.ts';
import { english } from '../../src/view/english.ts';
import { chooseLanguage, speak } from '../../src/view/language.ts';

const valuesIn = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/\{\w+\}/g)].map(([value]) => value));

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(chinese)).toEqual(Object.keys(english));
  });

  it.each(Object.entries(english))('of %s have the same values in both languages', (key, text) => {
    expect(valuesIn(chinese[key as keyof typeof english])).toEqual(valuesIn(text));
    expect(chinese[key as keyof typeof english].trim()).not.toBe('');
  });

  it('take their values', () => {
    expect(speak('en')('flowFromTo', { from: 'a', to: '{to}' })).toBe('From a to {to}');
    expect(speak('zh')('age', { count: 3 })).toBe('3 秒前读取');
  });
});

describe('the language of a page', () => {
  it.each([
    [null, undefined, 'en'],
    ['zh', 'en', 'zh'],
    ['fr', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    [null, 'en;q=0.5, zh-TW;q=0.7', 'zh'],
    [null, 'zh;q=0, de', 'en'],
    ['__proto__', 'constructor', 'en'],
  ] as const)('asked for %s, with Accept-Language %s, is %s', (asked, accepted, language) => {
    expect(chooseLanguage(asked, accepted)).toBe(language);
  });
});
