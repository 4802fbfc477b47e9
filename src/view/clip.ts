/**
 * Text that is cut where it is wider than so many Latin letters. A Han character, and punctuation
 * that goes with it, is as wide as two (Unicode UAX 11, East Asian Width W and F).
 */
export function clip(text: string, most: number): string {
  let [width, kept] = [0, ''];
  for (const char of text) {
    const own = wide.test(char) ? 2 : 1;
    // The ellipsis needs the place of a letter.
    if (width + own < most) kept += char;
    width += own;
  }
  return width > most ? `${kept}…` : text;
}

const wide = /[\p{Script=Han}\u3000-\u303f\uff01-\uff60]/u;
