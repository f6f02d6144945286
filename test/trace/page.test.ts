/** The page as a user sees it, in headless Chromium. With SYSTOLE_FIGURES=1 its screenshots go to bench/figures/. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, startBrowser } from '../support/browser.ts';
import { type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { systole, temporaryFolder } from '../support/cli.ts';

const NETWORK = ['trace', '-c', 'HI3', '-t', 'resnet50'];
const LAYER = 'layer3.0.conv2';
const figures = fileURLToPath(new URL('../../bench/figures/', import.meta.url));

if (noBrowser !== undefined) process.stderr.write(`SKIPPED: the trace page's browser tests: ${noBrowser}\n`);

describe.skipIf(noBrowser !== undefined)(
  `the trace page${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`,
  () => {
    const folder = temporaryFolder();
    const file = join(folder, 'trace.html');
    const requests: string[] = [];
    const errors: string[] = [];
    let browser: Browser;
    let page: Page;
    let json: ChromeTrace;

    async function open(path: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
      const opened = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme });
      opened.on('request', (request) => requests.push(request.url()));
      opened.on('pageerror', (error) => errors.push(error.message));
      opened.on('console', (message) => errors.push(message.text()));
      await opened.goto(`file://${path}`);
      await opened.waitForSelector('html[data-ready]');
      await opened.waitForSelector('#timeline[data-drawn]');
      return opened;
    }

    /** What the timeline shows, in cycles, once it has been drawn again. */
    async function view(): Promise<{ from: number; to: number }> {
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const timeline = page.locator('#timeline');
      return {
        from: Number(await timeline.getAttribute('data-from')),
        to: Number(await timeline.getAttribute('data-to')),
      };
    }

    async function fieldsIn(selector: string): Promise<Record<string, string>> {
      const pairs = await page
        .locator(`${selector} dd`)
        .evaluateAll((all) => all.map((each) => [each.dataset['field'], each.dataset['value']]));
      return Object.fromEntries(pairs) as Record<string, string>;
    }

    /** Where a cycle of a lane is in the timeline. */
    async function positionOf(lane: string, cycle: number): Promise<{ x: number; y: number }> {
      const { from, to } = await view();
      const timeline = page.locator('#timeline');
      const rows = JSON.parse((await timeline.getAttribute('data-rows'))!) as [string, number][];
      const gutter = Number(await timeline.getAttribute('data-gutter'));
      const { width } = (await timeline.boundingBox())!;
      return {
        x: gutter + ((cycle - from) / (to - from)) * (width - gutter),
        y: rows.find(([name]) => name === lane)![1],
      };
    }

    async function clickAt(lane: string, cycle: number): Promise<void> {
      await page.locator('#timeline').click({ position: await positionOf(lane, cycle) });
    }

    beforeAll(async () => {
      expect(systole(...NETWORK, '-o', file).status).toBe(0);
      const jsonFile = join(folder, 'trace.json');
      systole(...NETWORK, '-o', jsonFile);
      json = JSON.parse(readFileSync(jsonFile, 'utf8')) as ChromeTrace;
      browser = await startBrowser();
      page = await open(file);
    });

    afterAll(async () => {
      await browser?.close();
    });

    it('loads from disk without a request or an error', () => {
      expect(requests).toEqual([`file://${file}`]);
      expect(errors).toEqual([]);
    });

    it('draws the whole network: lanes, every layer, the roofline', async () => {
      const layers = slicesByLane(json).get('Layers')!;
      expect((await view()).to).toBe(layers.at(-1)!.ts + layers.at(-1)!.dur);
      expect(await page.locator('#layers tr').count()).toBe(layers.length);
      expect(await page.locator('#roofline circle, #roofline path').count()).toBe(layers.length);
      const colours = await page.evaluate(`(() => {
      const canvas = document.getElementById('timeline');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);
      // At least the SA, SIMD, weight, ifmap, psum, store, bias, load and drain paints.
      expect(colours).toBeGreaterThan(9);
      const bar = page.locator('#layers tr').first().locator('.bar');
      expect(await bar.getAttribute('aria-label')).toMatch(/PE array computes 61\d,\d{3} .*pipeline fill 4,536 .*bias/);
    });

    it('zooms and pans by keys and by wheel', async () => {
      const whole = await view();
      await page.locator('#timeline').focus();
      await page.keyboard.press('+');
      const closer = await view();
      expect(closer.to - closer.from).toBeCloseTo(0.6 * (whole.to - whole.from), 3);
      await page.keyboard.press('ArrowRight');
      const moved = await view();
      expect(moved.from - closer.from).toBeCloseTo(0.15 * (closer.to - closer.from), 3);
      await page.keyboard.press('-');
      await page.keyboard.press('0');
      expect(await view()).toEqual(whole);
      const box = (await page.locator('#timeline').boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + 60);
      await page.mouse.wheel(0, -1000);
      await expect
        .poll(async () => (await view()).to - (await view()).from)
        .toBeLessThan(0.5 * (whole.to - whole.from));
      await page.keyboard.press('0');
    });

    it('finds a layer by name, from the keyboard alone', async () => {
      const layer = slicesByLane(json)
        .get('Layers')!
        .find(({ name }) => name === LAYER)!;
      await page.keyboard.press('/');
      await page.keyboard.type(LAYER);
      await page.keyboard.press('Enter');
      const { from, to } = await view();
      expect([from < layer.ts, to > layer.ts + layer.dur, to - from < 1.1 * layer.dur]).toEqual([true, true, true]);
      expect(await page.locator('#found').innerText()).toBe(`1 of 1: ${LAYER}`);
      await page.keyboard.press('Escape');
      expect(await page.evaluate('document.activeElement.id')).toBe('timeline');
    });

    it("shows a tile's fields as they are in the JSON, in every lane of the layer", async () => {
      for (const [lane, slices] of slicesByLane(json)) {
        // The longest one of the layer can be hit for sure.
        const [slice] = slices.filter(({ args }) => args['layer'] === LAYER).sort((a, b) => b.dur - a.dur);
        if (slice === undefined) continue;
        await clickAt(lane, slice.ts + slice.dur / 2);
        const { ts, dur, name, args } = slice;
        const fields = { slice: name, lane, start: ts, end: ts + dur, ...args };
        const expected = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
        expect(await fieldsIn('#details')).toEqual(expected);
      }
    });

    it('goes from slice to slice by key, and lets go of it', async () => {
      const slices = slicesByLane(json).get('PE array')!;
      const place = slices.findIndex(({ args, cat }) => args['layer'] === LAYER && cat === 'compute');
      await clickAt('PE array', slices[place]!.ts + 1);
      await page.keyboard.press('n');
      expect((await fieldsIn('#details'))['start']).toBe(String(slices[place + 1]!.ts));
      await page.keyboard.press('p');
      await page.keyboard.press('p');
      expect((await fieldsIn('#details'))['start']).toBe(String(slices[place - 1]!.ts));
      await page.keyboard.press('Escape');
      expect(await fieldsIn('#details')).toEqual({});
    });

    it('shows the same fields beside the pointer', async () => {
      const slice = slicesByLane(json)
        .get('PE array')!
        .find(({ args, cat }) => args['layer'] === LAYER && cat === 'compute')!;
      await clickAt('PE array', slice.ts + slice.dur / 2);
      const { slice: _, ...fields } = await fieldsIn('#details');
      const timeline = page.locator('#timeline');
      await timeline.hover({ position: { x: 5, y: 5 } });
      expect(await page.locator('#tip').isVisible()).toBe(false);
      await timeline.hover({ position: await positionOf('PE array', slice.ts + slice.dur / 2) });
      expect(await fieldsIn('#tip')).toEqual(fields);
    });

    it('reaches search, canvases, option and layers by tab, in this order', async () => {
      await page.locator('#query').focus();
      const seen: string[] = ['query'];
      for (let place = 0; place < 4; place++) {
        await page.keyboard.press('Tab');
        seen.push(await page.evaluate('document.activeElement.id || document.activeElement.textContent'));
      }
      expect(seen).toEqual(['query', 'overview', 'timeline', 'same-length', 'conv1']);
    });

    it('says what a size limit left out', async () => {
      const small = join(folder, 'small.html');
      const { stderr } = systole('trace', '-c', 'HI1', '-t', 'resnet50', '--max-size', '1', '-o', small);
      const notice = /the size limit of 1 MB is reached: \d+ slices from cycle \d+ \(\S+\) on are left out/.exec(
        stderr,
      )![0];
      const opened = await open(small);
      expect(await opened.locator('#notice').innerText()).toContain(notice);
      // The charts of the whole network are all there.
      expect(await opened.locator('#layers tr').count()).toBe(slicesByLane(json).get('Layers')!.length);
      await opened.close();
    });

    it('is dark where the user wants it dark', async () => {
      const dark = await open(file, 'dark');
      const background = (each: Page): Promise<string> =>
        each.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      expect([await background(page), await background(dark)]).toEqual(['rgb(255, 255, 255)', 'rgb(21, 24, 30)']);
      await dark.close();
    });

    it.runIf(process.env['SYSTOLE_FIGURES'] === '1')('makes the screenshots of the README', async () => {
      const light = await open(file);
      await light.screenshot({ path: join(figures, 'trace-network.png') });
      await light.close();
      page = await open(file, 'dark');
      await page.keyboard.press('/');
      await page.keyboard.type(LAYER);
      await page.keyboard.press('Enter');
      await page.locator('#timeline').focus();
      for (const key of ['n', 'n', 'n']) await page.keyboard.press(key);
      await view();
      await page.evaluate(`document.getElementById('timeline').parentElement.scrollIntoView()`);
      await page.screenshot({ path: join(figures, 'trace-layer.png'), clip: { x: 0, y: 0, width: 1400, height: 640 } });
    });
  },
);
