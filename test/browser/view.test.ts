import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditHtml } from '../../src/view/document.ts';
import { namespace, pod, policy, reportOn } from '../audit/scene.ts';
import { describePrepared } from '../continuous-integration.ts';
import { cluster, markup } from '../view/scene.ts';
import { reboundName, startBrowser, violationsOf, watchPage } from './browser.ts';

const odd = { env: 'prod', tier: 'web', team: markup };
const objects = [...cluster, namespace('odd', odd), pod('odd', markup, { ...odd, app: markup })];
const pages = [
  '/',
  '/?env=prod&lang=zh',
  '/matrix',
  '/flow?from=try&to=store',
  '/flow?from=front/web-1&to=orders/api-1&port=8080/TCP',
  `/flow?from=${encodeURIComponent(markup)}&to=odd`,
  '/namespace?name=odd',
  '/findings',
  '/fences',
  '/exceptions',
  '/doctor',
  '/what-if',
];

await describePrepared(
  'ringfence view in a browser',
  startBrowser,
  'install chromium, or set CHROMIUM to the path of one',
  (browser) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-view-'));
    let child: ChildProcess;
    let address: string;
    let origin: string;
    let context: BrowserContext;
    let page: Page;

    beforeAll(async () => {
      writeFileSync(join(folder, 'cluster.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      child = spawn(process.execPath, ['src/main.ts', 'view', '-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
      const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
      address = String(line).trim();
      origin = new URL(address).origin;
      context = await browser.newContext({ locale: 'en-US' });
      page = await context.newPage();
      await page.goto(address);
    });
    afterAll(async () => {
      await browser.close();
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });

    it('takes the token out of the address, and lets it in only once', async () => {
      expect(page.url()).toBe(`${origin}/`);
      const other = await (await browser.newContext()).newPage();
      expect((await other.goto(address))?.status()).toBe(403);
      expect(await other.textContent('h1')).toBe('This page needs a new address');
      expect((await other.goto(`${origin}/?token=${'0'.repeat(64)}`))?.status()).toBe(403);
      expect((await other.goto(`${origin}/findings`))?.status()).toBe(403);
      await other.context().close();
    });

    it.each(pages)('%s has no error, asks nobody else, and is accessible in light and dark', async (path) => {
      const trouble = watchPage(page, origin);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect((await page.goto(origin + path))?.status()).toBe(200);
        expect(await violationsOf(page)).toEqual([]);
      }
      expect(await page.locator('img').count()).toBe(0);
      expect(trouble).toEqual({ said: [], elsewhere: [] });
    });

    it('is walked with the keyboard: to the content, and from an arrow to its reasons', async () => {
      await page.goto(`${origin}/`);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      const label = "(document.activeElement.getAttribute('aria-label') ?? '')";
      for (let step = 0; step < 20 && !(await page.evaluate<boolean>(`${label}.includes('→')`)); step += 1)
        await page.keyboard.press('Tab');
      // The worst is first.
      expect(await page.evaluate(label)).toMatch(/^open, but forbidden: /);
      await Promise.all([page.waitForURL(/\/flow\?/), page.keyboard.press('Enter')]);
      expect(await page.textContent('h1')).toMatch(/^From /);
    });

    it('shows what chosen files would change, and without the script what is pasted', async () => {
      const wider = policy('store', 'wider', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }, {}] });
      await page.goto(`${origin}/what-if`);
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles([
          { name: 'wider.yaml', mimeType: 'text/yaml', buffer: Buffer.from(JSON.stringify(wider)) },
          { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not this') },
        ]);
      await page.locator('textarea').filter({ hasText: '' }).waitFor();
      await expect.poll(() => page.inputValue('textarea')).toMatch(/^# wider\.yaml\n\{/);
      await page.getByRole('button', { name: 'Show the effect' }).click();
      expect(await page.textContent('#effect')).toContain('store/wider: It is new.');
      expect(await page.locator('.arrow.opened').count()).toBeGreaterThan(0);
      expect(await violationsOf(page)).toEqual([]);

      const plain = await browser.newContext({ javaScriptEnabled: false });
      await plain.addCookies(await context.cookies());
      const quiet = await plain.newPage();
      await quiet.goto(`${origin}/what-if`);
      await quiet.fill('textarea', JSON.stringify(wider));
      await quiet.getByRole('button', { name: 'Show the effect' }).click();
      expect(await quiet.textContent('#effect')).toContain('store/wider: It is new.');
      await quiet.getByRole('button', { name: 'Read again' }).click();
      expect(quiet.url()).toBe(`${origin}/what-if`);
      await plain.close();
    });

    it('refuses a name that is bound to this machine, and a form of another page', async () => {
      const rebound = new URL(origin);
      rebound.hostname = reboundName;
      expect((await page.goto(rebound.href))?.status()).toBe(403);

      const form = `<form method="post" action="${origin}/what-if"><input name="manifests" value="x"></form><script>document.forms[0].submit()</script>`;
      const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(form));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const answers: number[] = [];
      page.on('response', (response) => {
        if (response.url() === `${origin}/what-if`) answers.push(response.status());
      });
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await expect.poll(() => answers).toEqual([403]);
      server.close();
      server.closeAllConnections();
    });

    it.each(['en', 'zh'] as const)('has the same in one file in %s, which needs nothing else', async (language) => {
      const file = join(folder, 'audit.html');
      writeFileSync(file, [...auditHtml(await reportOn(objects), language)].join(''));
      const url = pathToFileURL(file).href;
      const alone = await browser.newPage();
      const trouble = watchPage(alone, 'file://');
      for (const colorScheme of ['light', 'dark'] as const) {
        await alone.emulateMedia({ colorScheme });
        await alone.goto(url);
        expect(await violationsOf(alone)).toEqual([]);
      }
      expect(await alone.evaluate("getComputedStyle(document.querySelector('.map .column')).fill")).not.toBe(
        'rgb(0, 0, 0)',
      );
      const broken = `[...document.querySelectorAll('a[href]')].filter((a) => document.getElementById(a.getAttribute('href').slice(1)) === null).length`;
      expect(await alone.evaluate(broken)).toBe(0);
      expect(trouble).toEqual({ said: [], elsewhere: [] });
      await alone.close();
    });

    it('ends with Ctrl-C', async () => {
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([0, null]);
    });
  },
);
