/**
 * A body up to this length is not scanned, because scanning would cost as much as parsing. It is
 * given the weight of a dense body. Nearly all bodies are shorter.
 */
const lightBytes = 256 * 1024;

/**
 * Bytes of heap for each byte of a light body. `[{},{},…` takes 21 times its length, and an API
 * object takes four times.
 */
const lightFactor = 16;

/**
 * Bytes of heap for each value. Values are counted by the brackets and commas before them. An empty
 * object in a list has one of each and takes 64 bytes.
 */
const markBytes = 48;

/** The text is decoded, and its strings are kept. */
const textFactor = 2;

/**
 * Estimates how many bytes of heap a body takes once it is parsed, closely enough for a limit. It
 * counts values, not text, because a large file in a ConfigMap costs its length, and a list of
 * empty objects costs twenty times its length. Never throws; a text that is not JSON has a weight,
 * too.
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

/** The position of the quote that ends a string. The end of the body if there is none. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(quote, start); end !== -1; end = body.indexOf(quote, end + 1)) {
    let backslashes = 0;
    while (end - backslashes > start && body[end - backslashes - 1] === backslash) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return body.length;
}
