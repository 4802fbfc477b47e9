// What the script does with newer data, in a real Chromium: pages and server as they are, and a
// cluster whose changes the test makes.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildView, type ViewApp } from '../../src/server/view.ts';
import { newestOf, type Reading } from '../../src/view/freshness.ts';
import { pageOf, refusalPage } from '../../src/view/pages.ts';
import { script } from '../../src/view/script.ts';
import { style } from '../../src/view/style.ts';
import { namespace, policy } from '../audit/scene.ts';
import { describePrepared } from '../continuous-integration.ts';
import { cluster, model } from '../view/scene.ts';
import { waiting } from '../waiting.ts';
import { startBrowser, violationsOf, watchPage } from './browser.ts';

/** The time of parts that have none of their own. Followed parts become silent 90 s later. */
const atFirst = new Date().toISOString();

await describePrepared(
  'an open page of ringfence view',
  startBrowser,
  'install chromium, or set CHROMIUM to the path of one',
  (browser) => {
    let app: ViewApp;
    let origin: string;
    let page: Page;
    let shown: Awaited<ReturnType<typeof model>>;
    let reading: Reading;
    let isBroken = false;
    let haste: NodeJS.Timeout;

    /** The cluster gains a namespace. */
    async function change(name: string): Promise<void> {
      await gain(namespace(name, {}));
    }

    async function gain(object: Readonly<Record<string, unknown>>): Promise<void> {
      shown = await model([object, ...cluster], { isLive: true });
      reading = { ...reading, number: reading.number + 1 };
    }

    const notice = (when: string) => page.locator(`[data-when=${when}]`);

    /** The reading with parts that were heard of now, except where the test has set a time. */
    function heard(): Reading {
      const at = new Date().toISOString();
      return { ...reading, parts: reading.parts.map((part) => (part.at === atFirst ? { ...part, at } : part)) };
    }

    beforeAll(async () => {
      shown = await model(cluster, { isLive: true });
      const at = atFirst;
      const parts = [
        { name: 'pods', at, isFollowed: true, problem: undefined },
        { name: 'services', at, isFollowed: false, problem: undefined },
        { name: 'things.example.com', at, isFollowed: false, problem: 'the API server answers 405' },
        { name: 'doctor', at, isFollowed: false, problem: '' },
      ];
      reading = { number: 1, at, seconds: 0, isReading: false, hasChanged: false, failure: undefined, parts };
      app = buildView({
        style,
        script,
        refusal: refusalPage,
        readAgain: async () => undefined,
        newest: () => newestOf(heard(), Date.now()),
        page: async (request) => {
          if (isBroken) throw new Error('broken');
          return pageOf(request, shown, heard());
        },
      });
      origin = await app.listen({ host: '127.0.0.1', port: 0 });
      page = await (await browser.newContext({ locale: 'en-US' })).newPage();
      // The script looks every two seconds of the clock of the page, which now runs faster.
      await page.clock.install();
      haste = setInterval(() => void page.clock.fastForward(2_000).catch(() => undefined), 100);
      await page.goto(origin + app.admission());
    });
    afterAll(async () => {
      clearInterval(haste);
      await browser.close();
      await app.close();
    });

    it('says what is followed and what is not, in light and dark, in two languages', async () => {
      const trouble = watchPage(page, origin);
      for (const path of ['/fences', '/fences?lang=zh'])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(origin + path);
          await page.locator('.parts summary').click();
          expect(await page.locator('.parts tbody tr').count()).toBe(4);
          expect(await violationsOf(page)).toEqual([]);
        }
      expect(trouble).toEqual({ said: [], elsewhere: [] });
    });

    it('shows what is newer without a click, and keeps what is open', async () => {
      await page.goto(`${origin}/fences`);
      await page.locator('.parts summary').click();
      await page.locator('h1').click();
      await change('one');
      await expect.poll(() => page.textContent('main'), waiting).toContain('one');
      expect(await page.locator('.parts').getAttribute('open')).toBe('');
      expect(await page.locator('[data-number]').getAttribute('data-number')).toBe(String(reading.number));
    });

    it('keeps open what was open, also where something new stands before it', async () => {
      await page.goto(`${origin}/namespace?name=orders`);
      const open = page.locator('main details[open] summary');
      await page.locator('main details summary').last().click();
      await page.locator('h1').click();
      expect(await open.allTextContents()).toEqual(['orders/from-web']);
      await gain(policy('orders', 'before', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }));
      await expect.poll(() => page.textContent('main'), waiting).toContain('orders/before');
      expect(await open.allTextContents()).toEqual(['orders/from-web']);
    });

    it('says that there is a newer page where it cannot be shown', async () => {
      await page.goto(`${origin}/fences`);
      isBroken = true;
      await change('hidden');
      await notice('newer').waitFor(waiting);
      expect(await page.textContent('main')).not.toContain('hidden');
      isBroken = false;
      await expect.poll(() => page.textContent('main'), waiting).toContain('hidden');
      expect(await notice('newer').isVisible()).toBe(false);
    });

    it('takes nothing from under the hands of its reader, and has a link instead', async () => {
      await page.goto(`${origin}/fences`);
      await page.locator('main a').first().focus();
      await change('two');
      await notice('newer').waitFor(waiting);
      expect(await page.textContent('main')).not.toContain('two');
      expect(await violationsOf(page)).toEqual([]);
      await notice('newer').locator('a').click();
      expect(await page.textContent('main')).toContain('two');
    });

    it('shows nothing by itself where the reader has switched it off, also on the next page', async () => {
      await page.getByLabel('Show changes by itself').uncheck();
      await page.locator('h1').click();
      await page.goto(`${origin}/fences`);
      await change('three');
      await notice('newer').waitFor(waiting);
      expect(await page.textContent('main')).not.toContain('three');
      await page.getByLabel('Show changes by itself').check();
      await page.locator('h1').click();
      await expect.poll(() => page.textContent('main'), waiting).toContain('three');
    });

    it('leaves what was typed', async () => {
      await page.goto(`${origin}/what-if`);
      await page.fill('textarea', '# mine');
      await page.locator('h1').click();
      await change('four');
      await notice('newer').waitFor(waiting);
      expect(await page.inputValue('textarea')).toBe('# mine');
    });

    it('says what happens meanwhile', async () => {
      await page.goto(`${origin}/`);
      for (const [when, more] of [
        ['changed', { hasChanged: true }],
        ['reading', { isReading: true }],
        ['failed', { failure: 'no <b>answer' }],
        ['silent', { parts: [{ ...(reading.parts[0] as Reading['parts'][0]), at: '2026-01-01T00:00:00Z' }] }],
      ] as const) {
        const before = reading;
        expect(await notice(when).isVisible()).toBe(false);
        reading = { ...reading, ...more };
        await notice(when).waitFor(waiting);
        if (when === 'failed') expect(await notice(when).textContent()).toContain('no <b>answer');
        expect(await violationsOf(page)).toEqual([]);
        reading = before;
        await notice(when).waitFor({ state: 'hidden', ...waiting });
      }
    });

    it('says that nobody answers any more', async () => {
      await page.goto(`${origin}/`);
      await app.close();
      await notice('gone').waitFor(waiting);
      expect(await page.textContent('h1')).toBe('Map');
    });
  },
);
