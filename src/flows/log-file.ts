import { isObject } from '../kubernetes/raw-object.ts';
import { createContainerLines } from './container-line.ts';
import type { Format, Intake } from './intake.ts';
import { unknownKind } from './left-out.ts';
import { isEmptyAnswer, unwrap } from './unwrap.ts';

/** Loki's answer to a query has four wrappers, one in the other. */
const mostWrappers = 6;

/** What one file turned out to be. */
export interface LogFile {
  take(line: string): void;
  /** Ends the file. */
  end(): void;
  /** The kind of log, once some line has shown it. */
  readonly format: () => Format | undefined;
  /** How many lines are malformed so far. */
  readonly malformed: () => number;
  /**
   * Why no line so far was read: all are empty, or none is of a known kind. Undefined if one was
   * read, or if all are answers without a flow.
   */
  readonly unread: () => 'empty' | 'unknown' | undefined;
}

/**
 * Reads the lines of one file. The first line that some kind of log has decides for the file. A
 * file may also be one or more JSON objects that are indented, as jq and Goldmane's stream client
 * print them, or a stream of server-sent events. Its lines may be those of a container, with what
 * runtimes and kubectl put around them.
 */
export function readLogFile(formats: readonly Format[], intake: Intake): LogFile {
  let format: Format | undefined;
  let malformed = 0;
  let isStream = false;
  /** The lines of an indented object that has not ended. */
  let indented: string[] = [];
  /** Lines that are no JSON. A log of text has others of its program between its flows. */
  let texts = 0;
  /** JSON objects that are neither of a known kind nor an answer without a flow. */
  let strangers = 0;
  let isEmpty = true;
  let hasAnswer = false;
  const container = createContainerLines(takeLine);
  return {
    take: container.take,
    end,
    format: () => format,
    malformed: () => (format?.readText === undefined ? malformed + texts : malformed),
    unread() {
      if (format !== undefined) return undefined;
      if (isEmpty) return 'empty';
      return hasAnswer && malformed + texts + strangers === 0 ? undefined : 'unknown';
    },
  };

  function takeLine(line: string): void {
    const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
    isEmpty &&= text.trim() === '';
    if (indented.length > 0) {
      if (/^\s/.test(text)) {
        indented.push(text);
        return;
      }
      if (/^[}\]],?\s*$/.test(text)) {
        const whole = [...indented, text.replace(/,\s*$/, '')].join('\n');
        if (takeJson(whole)) indented = [];
        else {
          indented.push(text);
          abandon();
        }
        return;
      }
      // Something else begins before the object ends: its first lines were pieces.
      abandon();
    }
    if (/^[{[]\s*$/.test(text)) indented = [text];
    else takeWhole(text);
  }

  function end(): void {
    container.end();
    abandon();
    if (format?.readText === undefined) return;
    for (; texts > 0; texts -= 1) intake.leaveOut('lines of the agent that are no flow');
  }

  function abandon(): void {
    malformed += indented.filter((line) => line.trim() !== '').length;
    indented = [];
  }

  function takeWhole(line: string): void {
    const text = line.trim();
    if (text === '' || takeText(text)) return;
    // Server-sent events: `data: {…}`. The other fields and the comments carry no flow.
    const isData = text.startsWith('data:');
    isStream ||= isData;
    if (isData) takeWhole(text.slice('data:'.length));
    else if ((isStream || format === undefined) && /^(?::|event:|id:|retry:)/.test(text)) return;
    else if (!text.startsWith('{')) texts += 1;
    else if (!takeJson(text)) malformed += 1;
  }

  /** Whether the text is JSON and holds objects. */
  function takeJson(text: string): boolean {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The caller counts it.
      return false;
    }
    const values = Array.isArray(value) ? value : [value];
    if (!values.every(isObject)) return false;
    for (const one of values) takeObject(one, 0);
    return true;
  }

  function takeText(text: string): boolean {
    if (text.startsWith('{')) return false;
    const found = (format === undefined ? formats : [format]).find((one) => one.readText?.(text, intake) === true);
    format ??= found;
    return found !== undefined;
  }

  function takeObject(line: Readonly<Record<string, unknown>>, wrappers: number): void {
    format ??= formats.find((one) => one.recognises(line));
    if (format?.recognises(line) === true) {
      format.read(line, intake);
      return;
    }
    const inner = wrappers < mostWrappers ? unwrap(line) : [];
    for (const value of inner) {
      if (typeof value === 'string') takeWhole(value);
      else if (isObject(value)) takeObject(value, wrappers + 1);
      else malformed += 1;
    }
    if (inner.length > 0) return;
    if (isEmptyAnswer(line)) hasAnswer = true;
    else {
      strangers += 1;
      intake.leaveOut(unknownKind);
    }
  }
}
