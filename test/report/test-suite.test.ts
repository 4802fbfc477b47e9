import { describe, expect, it } from 'vitest';
import { escapeXml } from '../../src/report/test-suite.ts';

describe('text in XML', () => {
  it.each([
    ['a < b & "c" > d', 'a &lt; b &amp; &quot;c&quot; &gt; d'],
    ['already &amp; escaped', 'already &amp;amp; escaped'],
    ['a bell \u0007 and half a pair \uD800', 'a bell \uFFFD and half a pair \uFFFD'],
    ['line\nbreak, tab\t, 網路 and 🚧', 'line\nbreak, tab\t, 網路 and 🚧'],
  ])('%j is %j', (text, expected) => {
    expect(escapeXml(text)).toBe(expected);
  });
});
