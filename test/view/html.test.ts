import { describe, expect, it } from 'vitest';
import { html } from '../../src/view/html.ts';
import { markup } from './scene.ts';

describe('a template of HTML', () => {
  it('escapes every value, in content and in attributes', () => {
    expect(html`<p title="${`"'${markup}`}">${markup} & co</p>`.text).toBe(
      '<p title="&quot;&#39;&lt;img src=x onerror=alert(1)&gt;">&lt;img src=x onerror=alert(1)&gt; & co</p>',
    );
  });

  it('leaves HTML, lists of it and nothing as they are', () => {
    expect(html`<ul>${['a', '<b>'].map((one) => html`<li>${one}</li>`)}${undefined}${false}${0}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>0</ul>',
    );
  });

  it('shows characters that control the direction of text, or nothing', () => {
    expect(html`${'a\u202eb\u0000c\td'}`.text).toBe(String.raw`a\u202eb\u0000c`.concat('\td'));
  });
});
