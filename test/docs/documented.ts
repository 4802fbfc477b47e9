// Every command that the pages show.
import { type Block, pages, readPage } from './page.ts';
import { readStatements, type Statement } from './shell.ts';

export interface Documented extends Statement {
  /** `docs/check.md:7`. */
  readonly place: string;
  readonly page: string;
}

/** The words after the backticks of blocks with commands. */
const sessions = new Set(['console']);
const scripts = new Set(['sh', 'bash', 'shell']);

function statementsOf(page: string): readonly Documented[] {
  return readPage(page).blocks.flatMap(({ language, text, line }) =>
    sessions.has(language) || scripts.has(language)
      ? readStatements(text, sessions.has(language)).map((statement) => ({
          ...statement,
          page,
          place: `${page}:${line + statement.line}`,
        }))
      : [],
  );
}

/**
 * The statements of all pages. A translation repeats those of its original, which a test compares,
 * so it is left out.
 */
export const documented: readonly Documented[] = pages
  .filter((page) => !/(?:^docs\/|\.)zh[./]/.test(page))
  .flatMap(statementsOf);

/** The blocks that say nothing of what they are, with the page of each. */
export const unlabelled: readonly (Block & { readonly page: string })[] = pages.flatMap((page) =>
  readPage(page)
    .blocks.filter(({ language }) => language === '')
    .map((block) => ({ ...block, page })),
);

/** The commands of Ringfence in sentences, in backticks: `ringfence plan --all`. */
export const mentioned: readonly { readonly page: string; readonly text: string }[] = pages.flatMap((page) =>
  [
    ...readPage(page)
      .text.replaceAll(/^```.*?^```$/gms, '')
      .matchAll(/`((?:npm run -s )?(?:kubectl )?ringfence [^`\n]+)`/g),
  ].map(([, text = '']) => ({ page, text })),
);
