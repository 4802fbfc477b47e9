// A real Chromium for tests: that of CHROMIUM, or of an npm package that carries one for Linux on
// x64, or an installed one.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import packaged, { inflate } from '@sparticuz/chromium';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { cacheRoot, publish } from '../control-plane/cache.ts';
import { withLock } from '../control-plane/lock.ts';

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
    const folder = await unpack();
    const env = { PATH: process.env['PATH'] ?? '', LD_LIBRARY_PATH: join(folder, 'al2023/lib') };
    return { executablePath: join(folder, 'chromium'), env };
  }
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('no Chromium here: name one in CHROMIUM');
  return { executablePath };
}

/**
 * Returns the folder of the unpacked Chromium, which is made once for each machine. The package
 * unpacks into the folder for temporary files, and takes a file that is there for a whole one, so
 * it gets a folder of its own, which moves into its place when it is complete.
 */
async function unpack(): Promise<string> {
  const entry = import.meta.resolve('@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', entry), 'utf8')) as { version: string };
  const place = cacheRoot(process.env, join('chromium', version));
  if (existsSync(place)) return place;
  const say = (line: string) => process.stderr.write(`chromium: ${line}\n`);
  return withLock(`${place}.lock`, say, async () => {
    if (existsSync(place)) return place;
    const draft = await mkdtemp(`${place}-`);
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = draft;
    try {
      await Promise.all([inflate(fileURLToPath(new URL('../bin/al2023.tar.br', entry))), packaged.executablePath()]);
      await publish(draft, place);
    } finally {
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
      await rm(draft, { recursive: true, force: true });
    }
    return place;
  });
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
