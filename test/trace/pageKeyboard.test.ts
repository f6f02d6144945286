/** The page by keyboard alone, in headless Chromium. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser } from '../support/browser.ts';
import { type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { LAYER, type NetworkPage, openNetworkPage, SIMD_LAYER, showsOnly, titled } from '../support/networkPage.ts';
import type { TracePage } from '../support/tracePage.ts';

describe.skipIf(noBrowser !== undefined)(titled('the trace page by keyboard'), () => {
  let shown: TracePage;
  let page: Page;
  let json: ChromeTrace;
  let slicesOf: NetworkPage['slicesOf'];
  let layerSlice: NetworkPage['layerSlice'];

  beforeAll(async () => {
    ({ shown, page, json, slicesOf, layerSlice } = await openNetworkPage());
  });

  afterAll(async () => {
    await shown?.close();
  });

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
    // Back to the compute, to the wait for its bias, a few cycles long, and to that for its weights.
    await shown.press('p', 'p', 'p');
    expect((await shown.fieldsIn('#details'))['start']).toBe(String(slices[place - 2]!.ts));
    await shown.press('Enter');
    expect(showsOnly(await shown.view(), slices[place - 2]!)).toBe(true);
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
    // Down from the PE array: its use, SIMD pipeline, weight interface, its bandwidth.
    await shown.press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown');
    expect(await shown.timelineData('row')).toBe('weight bandwidth');
    const [weight, bias] = slicesOf('weight interface').sort((a, b) => a.ts - b.ts);
    await shown.press('n');
    const first = await shown.fieldsIn('#details');
    expect([first['start'], first['end']]).toEqual([String(weight!.ts), String(weight!.ts + weight!.dur)]);
    expect(first['asked for']).toMatch(/ bit\/cycle$/);
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
    await shown.press('Tab', 'Tab');
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
    for (let place = 0; place < 11; place++) {
      const style: string = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect([await shown.focused(), style]).toEqual([await shown.focused(), 'solid']);
      seen.push(await shown.focused());
      await shown.press('Tab');
    }
    const parts = ['query', 'open-help', 'conv1', 'overview', 'show-path', 'Lanes', 'timeline', 'same-length', 'layer'];
    expect(seen.slice(0, 9)).toEqual(parts);
    // The table and the roofline are at the layer that was shown last.
    expect(seen[9]).toBe('relu');
    expect(seen[10]).toMatch(/^conv1: \d/);
  });

  it('reads every layer of the table and of the roofline', async () => {
    const layers = slicesByLane(json).get('Layers')!;
    await page.locator('#same-length').focus();
    await shown.press('Tab', 'Tab', 'Home');
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
