/** The page as a user sees it, in headless Chromium. With SYSTOLE_FIGURES=1 its screenshots go to bench/figures/. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlWriter } from '../../src/trace/htmlTrace.ts';
import { type Lane, type LaneKind, lanesOf } from '../../src/trace/lanes.ts';
import { PALETTE } from '../../src/trace/palette.ts';
import { noBrowser, startBrowser } from '../support/browser.ts';
import { type ChromeSlice, type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { root, systole, temporaryFolder } from '../support/cli.ts';
import { traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';
import { TracePage } from '../support/tracePage.ts';

const NETWORK = ['trace', '-c', 'HI3', '-t', 'resnet50'];
const LAYER = 'layer3.0.conv2';
/** Behind LAYER, on the SIMD array. */
const SIMD_LAYER = 'layer3.0.relu2';
const figures = fileURLToPath(new URL('../../bench/figures/', import.meta.url));

if (noBrowser !== undefined) process.stderr.write(`SKIPPED: the trace page's browser tests: ${noBrowser}\n`);

/** The value of a counter of a JSON trace at a cycle. */
function counterAt({ traceEvents }: ChromeTrace, name: string, cycle: number): number {
  const samples = traceEvents.flatMap((event) => (event.ph === 'C' && event.name === name ? [event] : []));
  const last = samples.filter(({ ts }) => ts <= cycle).at(-1);
  return Object.values(last?.args ?? { value: 0 })[0]!;
}

describe.skipIf(noBrowser !== undefined)(
  `the trace page${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`,
  () => {
    const folder = temporaryFolder();
    const file = join(folder, 'trace.html');
    let browser: Browser;
    let shown: TracePage;
    let page: Page;
    let json: ChromeTrace;

    /** The slices of a lane that belong to a layer. */
    const slicesOf = (lane: string, layer = LAYER): ChromeSlice[] =>
      slicesByLane(json)
        .get(lane)!
        .filter(({ args }) => args['layer'] === layer);
    const layerSlice = (layer: string): ChromeSlice => slicesOf('Layers', layer)[0]!;
    /** Whether a view shows a layer and little more. */
    const showsOnly = ({ from, to }: { from: number; to: number }, { ts, dur }: ChromeSlice): boolean =>
      from <= ts && to >= ts + dur && to - from < 1.1 * dur;

    beforeAll(async () => {
      expect(systole(...NETWORK, '-o', file).status).toBe(0);
      const jsonFile = join(folder, 'trace.json');
      systole(...NETWORK, '-o', jsonFile);
      json = JSON.parse(readFileSync(jsonFile, 'utf8')) as ChromeTrace;
      browser = await startBrowser();
      shown = await TracePage.open(browser, file);
      page = shown.page;
    });

    afterAll(async () => {
      await browser?.close();
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
        expect(await bar.getAttribute('aria-label')).toMatch(
          /PE array computes 61\d,\d{3} .*pipeline fill 4,536 .*bias/,
        );
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
        const { stderr } = systole('trace', '-c', 'HI1', '-t', 'resnet50', '--max-size', '1', '-o', small);
        const notice = /the size limit of 1 MB is reached: \d+ slices from cycle (\d+) \(\S+\) on are left out/.exec(
          stderr,
        )!;
        const opened = await TracePage.open(browser, small);
        expect(await opened.page.locator('#notice').innerText()).toContain(notice[0]);
        // The charts of the whole network are all there; the timeline opens on what was recorded.
        expect(await opened.page.locator('#layers tr').count()).toBe(slicesByLane(json).get('Layers')!.length);
        const { from, to } = await opened.view();
        expect([from, to > Number(notice[1]) && to < 1.1 * Number(notice[1])]).toEqual([0, true]);
        await opened.close();
      });

      it('dark where the user wants it dark', async () => {
        const dark = await TracePage.open(browser, file, { colorScheme: 'dark' });
        const background = (each: Page): Promise<string> =>
          each.evaluate('getComputedStyle(document.documentElement).backgroundColor');
        expect([await background(page), await background(dark.page)]).toEqual([
          'rgb(255, 255, 255)',
          'rgb(21, 24, 30)',
        ]);
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
        expect(words).toMatch(
          /^load weight [\d,–]+, load ifmap [\d,–]+, load bias [\d,–]+ → compute .* → store ofmap /,
        );
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
        const used = counterAt(json, 'ifmap interface bandwidth used', cycle);
        expect(used).toBeGreaterThan(0);
        const bandwidth = await tip('ifmap bandwidth');
        expect(Number(/^[\d.]+/.exec(bandwidth['used']!)![0])).toBeCloseTo(used, 1);
        expect(bandwidth['share']).toBe(`${((100 * used) / 512).toFixed(1)} % of 512 bit/cycle`);
        const requests = counterAt(json, 'ifmap interface outstanding', cycle);
        expect(requests).toBeGreaterThan(0);
        expect((await tip('ifmap outstanding'))['requests']).toBe(String(requests));
      });
    });

    describe('by keyboard', () => {
      it('zooms and pans, as by wheel', async () => {
        await page.locator('#timeline').focus();
        await shown.press('0');
        const whole = await shown.view();
        await shown.press('+');
        const closer = await shown.view();
        expect(closer.to - closer.from).toBeCloseTo(0.6 * (whole.to - whole.from), 3);
        await shown.press('ArrowRight');
        const moved = await shown.view();
        expect(moved.from - closer.from).toBeCloseTo(0.15 * (closer.to - closer.from), 3);
        await shown.press('End');
        expect((await shown.view()).to).toBe(whole.to);
        await shown.press('Home');
        expect((await shown.view()).from).toBe(0);
        await shown.press('-', '0');
        expect(await shown.view()).toEqual(whole);
        const box = (await page.locator('#timeline').boundingBox())!;
        await page.mouse.move(box.x + box.width / 2, box.y + 60);
        await page.mouse.wheel(0, -1000);
        await expect
          .poll(async () => (await shown.view()).to - (await shown.view()).from)
          .toBeLessThan(0.5 * (whole.to - whole.from));
        await shown.press('0');
      });

      it('finds a layer by name', async () => {
        await shown.search(LAYER);
        expect(showsOnly(await shown.view(), layerSlice(LAYER))).toBe(true);
        expect(await page.locator('#found').innerText()).toBe(`1 of 1: ${LAYER}`);
        await shown.press('Escape');
        expect(await shown.focused()).toBe('timeline');
      });

      it('goes on with the slices of the layer that was found, on either unit', async () => {
        for (const [layer, row] of [
          [SIMD_LAYER, 'SIMD pipeline'],
          [LAYER, 'PE array'],
          [SIMD_LAYER, 'SIMD pipeline'],
        ] as const) {
          await shown.search(layer);
          await shown.press('Escape', 'n');
          const { layer: found, lane, start } = await shown.fieldsIn('#details');
          expect([found, lane, start]).toEqual([layer, row, String(layerSlice(layer).ts)]);
          expect(await shown.timelineData('row')).toBe(row);
          expect(showsOnly(await shown.view(), layerSlice(layer))).toBe(true);
        }
      });

      it('goes from slice to slice, zooms to one, and lets go of it', async () => {
        await shown.search(LAYER);
        const slices = slicesByLane(json).get('PE array')!;
        const place = slices.findIndex(({ args, cat }) => args['layer'] === LAYER && cat === 'compute');
        await shown.clickAt('PE array', slices[place]!.ts + 1);
        await shown.press('n');
        expect((await shown.fieldsIn('#details'))['start']).toBe(String(slices[place + 1]!.ts));
        await shown.press('p', 'p');
        expect((await shown.fieldsIn('#details'))['start']).toBe(String(slices[place - 1]!.ts));
        await shown.press('Enter');
        expect(showsOnly(await shown.view(), slices[place - 1]!)).toBe(true);
        await shown.press('Escape');
        expect(await shown.fieldsIn('#details')).toEqual({});
      });

      it('follows the arrows of a tile: its loads, its compute, its store', async () => {
        await shown.search(LAYER);
        await shown.clickAt('PE array', layerSlice(LAYER).ts + 100);
        await shown.press('Escape', 'n');
        // The first slice waits for the operands of the first step; its way begins with the load of the weights.
        const names: string[] = [];
        for (let count = 0; count < 5; count++) {
          await shown.press('f');
          names.push((await shown.fieldsIn('#details'))['slice']!);
        }
        expect(names).toEqual(['load weight', 'load ifmap', 'load bias', 'compute', 'store ofmap']);
      });

      it('reads the measures: every stretch of a value, one after the other', async () => {
        await shown.search(LAYER);
        await shown.clickAt('PE array', layerSlice(LAYER).ts + 100);
        await shown.press('Escape');
        // Down from the PE array: SIMD pipeline, weight interface, its bandwidth.
        await shown.press('ArrowDown', 'ArrowDown', 'ArrowDown');
        expect(await shown.timelineData('row')).toBe('weight bandwidth');
        const [weight, bias] = slicesOf('weight interface').sort((a, b) => a.ts - b.ts);
        await shown.press('n');
        const first = await shown.fieldsIn('#details');
        expect([first['start'], first['end']]).toEqual([String(weight!.ts), String(weight!.ts + weight!.dur)]);
        expect(first['used']).toMatch(/ bit\/cycle$/);
        await shown.press('n');
        expect((await shown.fieldsIn('#details'))['start']).toBe(String(bias!.ts));
        await shown.press('p');
        expect(await shown.fieldsIn('#details')).toEqual(first);
      });

      it('walks the overview from layer to layer', async () => {
        const layers = slicesByLane(json).get('Layers')!;
        await page.locator('#timeline').focus();
        await shown.press('0');
        await page.locator('#open-help').focus();
        await shown.press('Tab');
        expect(await shown.focused()).toBe('overview');
        const valueText = (): Promise<string | null> => page.locator('#overview').getAttribute('aria-valuetext');
        await shown.press('Home');
        expect(await valueText()).toMatch(/^conv1: op conv, unit SA, start 0, cycles 623,488, /);
        await shown.press('ArrowRight', 'ArrowRight', 'ArrowLeft');
        expect(await valueText()).toContain(`${layers[1]!.name}: `);
        expect(await page.locator('#tip strong').innerText()).toBe(layers[1]!.name);
        // The whole network is in view, so that nothing moves until Enter zooms.
        expect((await shown.view()).from).toBe(0);
        await shown.press('Enter');
        expect(showsOnly(await shown.view(), layers[1]!)).toBe(true);
        // From here on the view comes along, as wide as it is.
        const { from, to } = await shown.view();
        await shown.press('End');
        const end = await shown.view();
        expect(end.to).toBe(layers.at(-1)!.ts + layers.at(-1)!.dur);
        expect(end.to - end.from).toBeCloseTo(to - from, 3);
        await shown.press('Shift+ArrowLeft');
        expect((await shown.view()).from).toBeCloseTo(end.from - 0.15 * (to - from), 3);
        await shown.press('0');
        expect((await shown.view()).from).toBe(0);
        await shown.press('Escape');
        expect(await page.locator('#tip').isVisible()).toBe(false);
      });

      it('reaches every part by Tab, each one stop, with a ring around it', async () => {
        await page.locator('#query').focus();
        const seen: string[] = [];
        for (let place = 0; place < 7; place++) {
          const style: string = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
          expect([await shown.focused(), style]).toEqual([await shown.focused(), 'solid']);
          seen.push(await shown.focused());
          await shown.press('Tab');
        }
        expect(seen.slice(0, 5)).toEqual(['query', 'open-help', 'overview', 'timeline', 'same-length']);
        // The table and the roofline are at the layer that was shown last.
        expect(seen[5]).toBe('relu');
        expect(seen[6]).toMatch(/^conv1: \d/);
      });

      it('reads every layer of the table and of the roofline', async () => {
        const layers = slicesByLane(json).get('Layers')!;
        await page.locator('#same-length').focus();
        await shown.press('Tab', 'Home');
        expect(await shown.focused()).toBe(layers[0]!.name);
        await shown.press('ArrowDown', 'ArrowDown');
        await shown.frames();
        const { cycles, unit } = await shown.fieldsIn('#tip');
        expect([await shown.focused(), cycles, unit]).toEqual([layers[2]!.name, String(layers[2]!.dur), 'SIMD']);
        await shown.press('Tab', 'End');
        await shown.frames();
        expect(await shown.focused()).toMatch(new RegExp(`^${layers.at(-1)!.name}: .* operations per byte`));
        expect((await shown.fieldsIn('#tip'))['cycles']).toBe(String(layers.at(-1)!.dur));
        await shown.press('Enter');
        expect(showsOnly(await shown.view(), layers.at(-1)!)).toBe(true);
      });

      it('shows all keys on ?, and closes them on Escape', async () => {
        await page.locator('#timeline').focus();
        await shown.press('?');
        const help = page.locator('#help');
        expect(await help.isVisible()).toBe(true);
        expect(await help.innerText()).toContain('follow the arrows');
        await shown.press('Escape');
        expect([await help.isVisible(), await shown.focused()]).toEqual([false, 'timeline']);
        await page.locator('#query').fill('');
        await page.keyboard.type('?');
        expect([await help.isVisible(), await page.locator('#query').inputValue()]).toEqual([false, '?']);
        await shown.press('Escape');
      });
    });

    describe('of a part of a run', () => {
      it('opens on the layer that was recorded and hatches the rest', async () => {
        const part = join(folder, 'layer.html');
        systole(...NETWORK, '--layer', LAYER, '-o', part);
        const opened = await TracePage.open(browser, part);
        expect(showsOnly(await opened.view(), layerSlice(LAYER))).toBe(true);
        expect([...(await opened.rows()).keys()]).toContain('SIMD pipeline');
        expect(await opened.page.locator('#left-out').isVisible()).toBe(false);
        // Before the layer there is a pattern where an idle lane would be all background.
        const rowAt = async (row: string, cycle: number): Promise<Set<string>> => {
          const { x, y } = await opened.positionOf(row, cycle);
          return opened.coloursOf('timeline', { x: Math.round(x) - 8, y: Math.round(y) - 4, width: 8, height: 8 });
        };
        const { ts, dur } = layerSlice(LAYER);
        expect((await rowAt('SIMD pipeline', ts)).size).toBeGreaterThan(1);
        expect((await rowAt('SIMD pipeline', ts + dur / 2)).size).toBe(1);
        // The layers are known all the same.
        await opened.page.locator('#timeline').focus();
        await opened.press('0');
        await opened.clickAt('Layers', 1000);
        expect((await opened.fieldsIn('#details'))['layer']).toBe('conv1');
        expect(opened.errors).toEqual([]);
        await opened.close();
      });

      it('shows the lanes that were recorded, and names the others', async () => {
        const part = join(folder, 'lanes.html');
        systole(...NETWORK, '--lanes', 'ifmap-interface,ibuf', '-o', part);
        const opened = await TracePage.open(browser, part);
        expect([...(await opened.rows()).keys()]).toEqual([
          'Layers',
          'ifmap interface',
          'ifmap bandwidth',
          'ifmap outstanding',
          'IBuf occupancy',
          'IBuf slot 0',
          'IBuf slot 1',
        ]);
        const words = await opened.page.locator('#left-out').innerText();
        expect(words).toMatch(/^Lanes not recorded: PE array, SIMD pipeline, weight interface,/);
        expect(await opened.page.locator('#legend li').allInnerTexts()).toEqual([
          'PE array computes',
          'SIMD array computes',
          'ifmap',
          'slot holds ifmap',
        ]);
        // Without the array's lane a found layer is looked at in a lane that there is, and nothing has arrows.
        await opened.search(LAYER);
        await opened.press('Escape', 'ArrowDown', 'n');
        expect((await opened.fieldsIn('#details'))['layer']).toBe(LAYER);
        expect(await opened.timelineData('arrows')).toBe('0');
        expect(opened.errors).toEqual([]);
        await opened.close();
      });
    });

    it('shows lanes that it does not know: DRAM channels, several lanes of an interface, new kinds', async () => {
      const hardware = hardwarePreset('HI3');
      const layers = inferenceLayers('resnet18', hardware).slice(0, 4);
      const { slices, runs } = traceInMemory(layers, hardware);
      const lanes: Lane[] = [...lanesOf(hardware).all];
      const add = (kind: string, key: string, name: string): Lane => {
        const lane = { index: lanes.length, kind: kind as LaneKind, key, name };
        lanes.push(lane);
        return lane;
      };
      const second = add('interface', 'weight-interface', 'weight interface 2');
      const channels = [0, 1, 2, 3].map((channel) => add('channel', 'channels', `Channel ${channel}`));
      const strange = add('bank', 'bank', 'Bank 0');
      const path = join(folder, 'unknown.html');
      const texts: string[] = [];
      const writer = htmlWriter(
        {
          lanes: lanes.map((lane) => ({ ...lane })),
          settings: {
            hardware: 'HI3',
            workload: 'resnet18',
            phase: 'inference',
            batch: 1,
            assumptions: ['reload-operands'],
            dram: 'ideal',
            clockPicoseconds: 965,
            selection: {},
          },
          limit: { megabytes: 10, longestNotice: '', layers },
          hardware,
          template: readFileSync(join(root, 'dist/page/index.html'), 'utf8'),
          toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
        },
        (text) => texts.push(text),
      );
      let weights = 0;
      for (const slice of slices) {
        const isWeight = slice.lane.key === 'weight-interface';
        // Weight and bias of a layer by turns on one lane and on the other.
        const isSecond = isWeight && weights++ % 4 >= 2;
        writer.slice(isSecond ? { ...slice, lane: second } : slice);
        if (isWeight) writer.slice({ ...slice, lane: channels[weights % 4]! });
        if (slice.lane.key === 'layers') writer.slice({ ...slice, lane: strange, kind: 'something new' as 'load' });
      }
      writer.end({ runs, notice: undefined, counterEnds: [] });
      writeFileSync(path, texts.join(''));
      const opened = await TracePage.open(browser, path);
      const rows = (JSON.parse(await opened.timelineData('rows')) as [string, number][]).map(([label]) => label);
      const first = rows.indexOf('weight interface');
      expect(rows.slice(first, first + 3)).toEqual(['weight interface', 'weight interface 2', 'weight bandwidth']);
      expect(rows.slice(-5)).toEqual(['Channel 0', 'Channel 1', 'Channel 2', 'Channel 3', 'Bank 0']);
      expect(await opened.page.locator('#legend li').allInnerTexts()).toContain('other');
      // The weights of the second conv, and what the interface moves meanwhile, whichever of its lanes it is on.
      const weight = slices.filter(({ lane, tensor }) => lane.key === 'weight-interface' && tensor === 'weight')[1]!;
      await opened.search(weight.traced.layer.name);
      const cycle = (weight.start + weight.end) / 2;
      await opened.clickAt('weight interface 2', cycle);
      expect((await opened.fieldsIn('#details'))['start']).toBe(String(weight.start));
      await opened.clickAt('weight bandwidth', cycle);
      const used = weight.bits / (weight.end - weight.start);
      expect(Number(/^[\d.]+/.exec((await opened.fieldsIn('#details'))['used']!)![0])).toBeCloseTo(used, 1);
      expect(opened.errors).toEqual([]);
      await opened.close();
    });

    it.runIf(process.env['SYSTOLE_FIGURES'] === '1')('makes the screenshots of the README', async () => {
      const light = await TracePage.open(browser, file);
      await light.page.screenshot({ path: join(figures, 'trace-network.png') });
      await light.close();
      const dark = await TracePage.open(browser, file, { colorScheme: 'dark' });
      await dark.search(LAYER);
      await dark.press('Escape', ...'nnnnn');
      await dark.page.evaluate(`document.getElementById('timeline').parentElement.scrollIntoView()`);
      await dark.frames();
      const clip = { x: 0, y: 0, width: 1400, height: 740 };
      await dark.page.screenshot({ path: join(figures, 'trace-layer.png'), clip });
      await dark.close();
    });
  },
);
