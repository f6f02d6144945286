/** The page as a user sees it, in headless Chromium. With SYSTOLE_FIGURES=1 its screenshots go to bench/figures/. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PALETTE } from '../../src/views/trace/palette.ts';
import { noBrowser } from '../support/browser.ts';
import { type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { systole } from '../support/cli.ts';
import { LAYER, type NetworkPage, openNetworkPage, titled } from '../support/networkPage.ts';
import { TracePage } from '../support/tracePage.ts';

const figures = fileURLToPath(new URL('../../bench/figures/', import.meta.url));

if (noBrowser !== undefined) process.stderr.write(`SKIPPED: the trace page's browser tests: ${noBrowser}\n`);

/** The value of a counter of a JSON trace at a cycle. */
function counterAt({ traceEvents }: ChromeTrace, name: string, cycle: number): number {
  const samples = traceEvents.flatMap((event) => (event.ph === 'C' && event.name === name ? [event] : []));
  const last = samples.filter(({ ts }) => ts <= cycle).at(-1);
  return Object.values(last?.args ?? { value: 0 })[0]!;
}

describe.skipIf(noBrowser !== undefined)(titled('the trace page'), () => {
  let folder: string;
  let file: string;
  let browser: Browser;
  let shown: TracePage;
  let page: Page;
  let json: ChromeTrace;
  let slicesOf: NetworkPage['slicesOf'];

  beforeAll(async () => {
    ({ folder, file, browser, shown, page, json, slicesOf } = await openNetworkPage());
  });

  afterAll(async () => {
    await shown?.close();
  });

  it('loads from disk without a request or an error', () => {
    expect(shown.requests).toEqual([`file://${file}`]);
    expect(shown.errors).toEqual([]);
  });

  describe('shows', () => {
    it('the whole network: lanes, every layer, the roofline', async () => {
      const layers = slicesByLane(json).get('Layers')!;
      expect((await shown.view()).to).toBe(layers.at(-1)!.ts + layers.at(-1)!.dur);
      expect(await page.locator('#layers tr').count()).toBe(layers.length);
      expect(await page.locator('#roofline .mark').count()).toBe(layers.length);
      // At least the SA, SIMD, weight, ifmap, psum, store, bias, load and drain paints.
      expect((await shown.coloursOf('timeline')).size).toBeGreaterThan(9);
      const bar = page.locator('#layers tr').first().locator('.bar');
      expect(await bar.getAttribute('aria-label')).toMatch(/PE array computes 61\d,\d{3} .*pipeline fill 4,536 .*bias/);
    });

    it('in the overview the colours of its legend, and the legend names shares that add up', async () => {
      const entries = await page.locator('#shares li[data-paint]').all();
      const colours = await shown.coloursOf('overview');
      let total = 0;
      for (const entry of entries) {
        const share = Number(/([\d.]+) %$/.exec(await entry.innerText())![1]);
        total += share;
        const paint = (await entry.getAttribute('data-paint')) as keyof typeof PALETTE;
        // Half a percent of the bar is 7 pixels wide if it is of one layer; less may be thinner than a pixel.
        if (share >= 0.5) expect([paint, colours.has(PALETTE[paint].light)]).toEqual([paint, true]);
      }
      // Each share is rounded to a tenth.
      expect(Math.abs(total - 100)).toBeLessThanOrEqual(0.05 * entries.length);
      const names = await page.locator('#shares li:not([data-paint])').allInnerTexts();
      expect(names.map((name) => name.replace(/[\d.]+ %:$/, ''))).toEqual([
        'Systolic array ',
        'stalls ',
        'SIMD array ',
        'stalls ',
      ]);
    });

    it('what of the work is useful, beside what is issued', async () => {
      expect(await page.locator('#work').innerText()).toMatch(/ 70\.2 % .* issued MACs, 44\.2 % with useful ones/);
      const cells = await page.locator('#layers tr').first().locator('td.number').allInnerTexts();
      // conv1: 3 of 64 input channels, seven rows and columns of taps with a border.
      expect(cells.slice(-2)).toEqual(['98.6 %', '4.6 %']);
      const label = await page.locator('#roofline .mark').first().getAttribute('aria-label');
      expect(label).toContain('236,027,904 useful operations');
    });

    it('waits by the names that `systole run` has for them', async () => {
      const names = await page.locator('#parts-legend li').allInnerTexts();
      const waits = names.filter((name) => !/computes|fill/.test(name));
      const causes = ['weight', 'bias', 'ifmap', 'psumLoad', 'vmemLoad', 'outputSlot', 'hazard', 'vmemStore', 'drain'];
      expect(waits).toEqual(causes);
    });

    it('slots in stripes, and says in the legend that they hold', async () => {
      const legend = await page.locator('#legend li').allInnerTexts();
      expect(legend).toEqual(expect.arrayContaining(['weight', 'slot holds weight', 'slot holds SIMD operands']));
      expect(await page.locator('#legend .striped').count()).toBe(5);
    });

    it('a scale for every buffer and every interface', async () => {
      const rows = [...(await shown.rows()).keys()];
      for (const sram of ['WBuf', 'IBuf', 'OBuf', 'BBuf', 'VMem']) expect(rows).toContain(`${sram} occupancy`);
      for (const name of ['weight', 'ifmap', 'psum', 'vmem']) {
        expect(rows).toEqual(expect.arrayContaining([`${name} bandwidth`, `${name} outstanding`]));
      }
    });

    it('what a size limit left out', async () => {
      const small = join(folder, 'small.html');
      const { stderr } = systole(
        'trace',
        '-c',
        'HI1',
        '-t',
        'alexnet',
        '--no-critical-path',
        '--max-size',
        '1',
        '-o',
        small,
      );
      const notice = /the size limit of 1 MB is reached: \d+ slices from cycle (\d+) \(\S+\) on are left out/.exec(
        stderr,
      )!;
      const opened = await TracePage.open(browser, small);
      expect(await opened.page.locator('#notice').innerText()).toContain(notice[0]);
      // The charts of the whole network are all there; the timeline opens on what was recorded.
      expect(await opened.page.locator('#layers tr').first().innerText()).toMatch(/^conv1/);
      expect(await opened.page.locator('#layers tr').last().innerText()).toMatch(/^fc3/);
      const { from, to } = await opened.view();
      expect([from, to > Number(notice[1]) && to < 1.1 * Number(notice[1])]).toEqual([0, true]);
      await opened.close();
    });

    it('dark where the user wants it dark', async () => {
      const dark = await TracePage.open(browser, file, { colorScheme: 'dark' });
      const background = (each: Page): Promise<string> =>
        each.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      expect([await background(page), await background(dark.page)]).toEqual(['rgb(255, 255, 255)', 'rgb(21, 24, 30)']);
      for (const [each, scheme] of [
        [shown, 'light'],
        [dark, 'dark'],
      ] as const) {
        const colours = await each.coloursOf('timeline');
        for (const paint of ['sa', 'simd', 'weight', 'heldBias'] as const)
          expect([paint, colours.has(PALETTE[paint][scheme])]).toEqual([paint, true]);
        const swatch = await each.page.evaluate(
          `getComputedStyle(document.querySelector('#legend [data-paint=sa] i')).backgroundColor`,
        );
        const rgb = [1, 3, 5].map((at) => Number.parseInt(PALETTE.sa[scheme].slice(at, at + 2), 16));
        expect(swatch).toBe(`rgb(${rgb.join(', ')})`);
      }
      await dark.close();
    });
  });

  describe('a tile', () => {
    it('has its fields as they are in the JSON, in every lane of the layer', async () => {
      await shown.search(LAYER);
      for (const lane of slicesByLane(json).keys()) {
        // The longest one of the layer can be hit for sure.
        const [slice] = slicesOf(lane).sort((a, b) => b.dur - a.dur);
        if (slice === undefined) continue;
        await shown.clickAt(lane, slice.ts + slice.dur / 2);
        const { ts, dur, name, args } = slice;
        const fields = { slice: name, lane, start: ts, end: ts + dur, ...args };
        const expected = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
        expect(await shown.fieldsIn('#details')).toEqual(expected);
      }
    });

    it('has the same fields beside the pointer', async () => {
      const slice = slicesOf('PE array').find(({ cat }) => cat === 'compute')!;
      await shown.clickAt('PE array', slice.ts + slice.dur / 2);
      const { slice: _, ...fields } = await shown.fieldsIn('#details');
      await page.locator('#timeline').hover({ position: { x: 5, y: 5 } });
      expect(await page.locator('#tip').isVisible()).toBe(false);
      await shown.hoverAt('PE array', slice.ts + slice.dur / 2);
      expect(await shown.fieldsIn('#tip')).toEqual(fields);
    });

    it('has arrows from its loads and to its store', async () => {
      // The first compute needs all four operands but a psum, because it begins one: weight, ifmap, bias.
      const first = slicesOf('PE array').find(({ cat }) => cat === 'compute')!;
      const into = json.traceEvents.filter((event) => event.ph === 'f' && event.ts === first.ts);
      const out = json.traceEvents.filter((event) => event.ph === 's' && event.ts === first.ts + first.dur - 1);
      expect([into.length, out.length]).toEqual([3, 1]);
      await shown.clickAt('PE array', first.ts + first.dur / 2);
      expect(await shown.timelineData('arrows')).toBe('4');
      const words = await page.locator('#flow').innerText();
      expect(words).toMatch(/^load weight [\d,–]+, load ifmap [\d,–]+, load bias [\d,–]+ → compute .* → store ofmap /);
      // The same tile by its load, pointed at.
      await page.keyboard.press('Escape');
      expect(await shown.timelineData('arrows')).toBe('0');
      const load = slicesOf('ifmap interface')[0]!;
      await shown.hoverAt('ifmap interface', load.ts + load.dur / 2);
      expect(await shown.timelineData('arrows')).toBe('4');
    });

    it('lies in a buffer whose occupancy, bandwidth and requests are those of the JSON', async () => {
      const [, , , load] = slicesOf('ifmap interface');
      const cycle = Math.floor(load!.ts + load!.dur / 2);
      const tip = async (row: string): Promise<Record<string, string>> => {
        await shown.hoverAt(row, cycle + 0.5);
        return shown.fieldsIn('#tip');
      };
      const kib = (name: string): number => counterAt(json, `${name} occupancy`, cycle) / 8192;
      // HI3: IBuf has 256 KiB, OBuf 1024.
      for (const [row, name, capacity] of [
        ['IBuf', 'ibuf', 256],
        ['OBuf', 'obuf', 1024],
      ] as const) {
        const held = kib(name);
        expect(held).toBeGreaterThan(0);
        const { held: text, share } = await tip(`${row} occupancy`);
        expect(text).toMatch(/ KiB$/);
        expect(Number(text!.replace(/[, KiB]/g, ''))).toBeCloseTo(held, 1);
        expect(share).toBe(`${((100 * held) / capacity).toFixed(1)} % of ${capacity.toLocaleString('en')} KiB`);
      }
      const used = counterAt(json, 'ifmap interface bandwidth asked for', cycle);
      expect(used).toBeGreaterThan(0);
      const bandwidth = await tip('ifmap bandwidth');
      expect(Number(/^[\d.]+/.exec(bandwidth['asked for']!)![0])).toBeCloseTo(used, 1);
      expect(bandwidth['share']).toBe(`${((100 * used) / 512).toFixed(1)} % of 512 bit/cycle`);
      const requests = counterAt(json, 'ifmap interface outstanding', cycle);
      expect(requests).toBeGreaterThan(0);
      expect((await tip('ifmap outstanding'))['requests']).toBe(String(requests));
    });
  });

  it.runIf(process.env['SYSTOLE_FIGURES'] === '1')('makes the screenshots of the README', async () => {
    const light = await TracePage.open(browser, file);
    await light.page.screenshot({ path: join(figures, 'trace-network.png') });
    await light.close();
    const dark = await TracePage.open(browser, file, { colorScheme: 'dark' });
    await dark.search(LAYER);
    await dark.press('Escape', ...'nnnnn');
    await dark.page.evaluate(`document.getElementById('timeline-section').scrollIntoView()`);
    await dark.frames();
    const clip = { x: 0, y: 0, width: 1400, height: 740 };
    await dark.page.screenshot({ path: join(figures, 'trace-layer.png'), clip });
    await dark.close();
  });
});
