// A real Chromium for tests: that of CHROMIUM, or of an npm package that carries one for Linux on
// x64, or an installed one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import packaged, { inflate } from '@sparticuz/chromium';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Names that lead to this machine, as a name does whose owner rebinds it. */
export const reboundName = 'rebound.example';

/** Starts a browser. Throws if there is none, or if it does not run. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(await findChromium()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${reboundName} 127.0.0.1`,
    ],
  });
}

/** Finds a Chromium, and the libraries that a machine without a desktop lacks. */
async function findChromium(): Promise<{ readonly executablePath: string; readonly env?: Record<string, string> }> {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return { executablePath: named };
  if (process.platform === 'linux' && process.arch === 'x64') {
    const libraries = await inflate(
      fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))),
    );
    const env = { PATH: process.env['PATH'] ?? '', LD_LIBRARY_PATH: join(libraries, 'lib') };
    return { executablePath: await packaged.executablePath(), env };
  }
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('no Chromium here: name one in CHROMIUM');
  return { executablePath };
}

/** What a page did that it must not do. */
export interface Trouble {
  /** Errors and warnings of the console, errors of scripts, and dialogs. */
  readonly said: string[];
  /** Requests to anything but the origin. */
  readonly elsewhere: string[];
}

/** Watches a page from now on. `origin` is where it may send requests. */
export function watchPage(page: Page, origin: string): Trouble {
  const trouble: Trouble = { said: [], elsewhere: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.said.push(message.text());
  });
  page.on('pageerror', (error) => trouble.said.push(error.message));
  page.on('dialog', (dialog) => {
    trouble.said.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) trouble.elsewhere.push(url);
  });
  return trouble;
}

/** The violations of WCAG 2.2 AA and of good practice that axe finds: rule and place. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`,
  );
}
