/**
 * A body up to this length is not looked at, which would cost as much as parsing it: it weighs what
 * a dense one would. Nearly all are shorter.
 */
const lightBytes = 256 * 1024;

/**
 * Heap that a byte of a light body becomes: `[{},{},…` becomes 21 times its length, an object of
 * the API four.
 */
const lightFactor = 16;

/**
 * Heap for each value, by the brackets and commas that announce it: an empty object in a list (one
 * of each) takes 64.
 */
const markBytes = 48;

/** The text is decoded, and its strings are kept. */
const textFactor = 2;

/**
 * What a body will take on the heap once it is parsed, in bytes, near enough to be bounded by:
 * values are counted, not text, because a large file in a ConfigMap costs its length and a list of
 * empty objects twenty times as much. Never throws; what is no JSON has a weight, too.
 */
export function weighBody(body: Buffer): number {
  if (body.length <= lightBytes) return body.length * lightFactor;
  let marks = 0;
  for (let index = 0; index < body.length; index += 1) {
    switch (body[index]) {
      case quote:
        index = endOfString(body, index + 1);
        break;
      case comma:
      case brace:
      case bracket:
        marks += 1;
    }
  }
  return marks * markBytes + body.length * textFactor;
}

const quote = 0x22;
const comma = 0x2c;
const bracket = 0x5b;
const backslash = 0x5c;
const brace = 0x7b;

/** Where the quote stands that ends a string; the end of the body where there is none. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(quote, start); end !== -1; end = body.indexOf(quote, end + 1)) {
    let backslashes = 0;
    while (end - backslashes > start && body[end - backslashes - 1] === backslash) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return body.length;
}
