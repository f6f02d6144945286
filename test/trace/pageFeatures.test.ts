/** What the page does for who asks why, in headless Chromium: one page of a small network for all. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PALETTE } from '../../src/views/trace/palette.ts';
import { noBrowser } from '../support/browser.ts';
import { type ChromeSlice, type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { systole } from '../support/cli.ts';
import { NETWORK, type NetworkPage, openNetworkPage, showsOnly, titled } from '../support/networkPage.ts';
import { TracePage } from '../support/tracePage.ts';

const RUN = NETWORK.slice(1);
const LAYER = 'layer4.0.conv2';

interface RunLayer {
  readonly name: string;
  readonly simulated: { readonly totalCycles: number };
  readonly closedForm: { readonly totalCycles: number };
}

/** A critical path as `systole critical-path --segments` has it, as far as it is compared. */
interface Path {
  readonly totalCycles: number;
  readonly resources: readonly {
    readonly resource: string;
    readonly pathCycles: number;
    readonly twiceBoundCycles: number;
    readonly twiceRunCycles?: number;
  }[];
  readonly segments: readonly { readonly from: number; readonly to: number; readonly resource: string }[];
}

/** What resources, and their lanes, are called. */
const NAMES: Readonly<Record<string, string>> = {
  peArray: 'PE array',
  simdPipeline: 'SIMD pipeline',
  weight: 'weight interface',
  ifmap: 'ifmap interface',
  psum: 'psum interface',
  vmem: 'vmem interface',
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

describe.skipIf(noBrowser !== undefined)(titled('the trace page'), () => {
  let browser: Browser;
  let file: string;
  let shown: TracePage;
  let page: Page;
  let json: ChromeTrace;
  let layers: readonly RunLayer[];
  let layerSlice: NetworkPage['layerSlice'];

  beforeAll(async () => {
    ({ browser, file, shown, page, json, layerSlice } = await openNetworkPage());
    layers = (JSON.parse(systole('run', ...RUN, '--format', 'json').stdout) as { layers: RunLayer[] }).layers;
  });

  afterAll(async () => {
    await shown?.close();
  });

  /** Whether rows of the timeline lie within the window. */
  async function areInWindow(names: readonly string[]): Promise<boolean> {
    const box = (await page.locator('#timeline').boundingBox())!;
    const rows = await shown.rows();
    return names.every((name) => box.y + rows.get(name)! > 0 && box.y + rows.get(name)! < 900);
  }

  const rowNames = async (): Promise<string[]> => [...(await shown.rows()).keys()];
  const columnOf = (place: number): Promise<string[]> =>
    page.locator(`#layers tr td:nth-child(${place})`).allInnerTexts();

  describe('brings the timeline into view', () => {
    const place = (): number => layers.findIndex(({ name }) => name === LAYER);
    const click = (what: string, target: () => Locator) =>
      it(`at a layer by ${what}, with the closed form and its error beside the layer`, async () => {
        await shown.press('Escape');
        await page.evaluate('scrollTo(0, document.body.scrollHeight)');
        await target().dispatchEvent('click'); // layers of the same shape have dots in the same place
        expect(showsOnly(await shown.view(), layerSlice(LAYER))).toBe(true);
        expect(await areInWindow(['Layers', 'PE array', 'SIMD pipeline'])).toBe(true);
        const { simulated, closedForm } = layers[place()]!;
        const about = await shown.fieldsIn('#about');
        expect(about['closed form']).toBe(String(Math.round(closedForm.totalCycles)));
        const error = (100 * (closedForm.totalCycles - simulated.totalCycles)) / simulated.totalCycles;
        expect(Number(about['its error']!.replace('−', '-').replace(' %', ''))).toBeCloseTo(error, 1);
        expect((await shown.fieldsIn('#details'))['cycles']).toBe(String(simulated.totalCycles));
        // The card is beside the layer: below its lane, in the window.
        const card = (await page.locator('#card').boundingBox())!;
        const box = (await page.locator('#timeline').boundingBox())!;
        expect(card.y).toBeGreaterThan(box.y + (await shown.rows()).get('Layers')!);
        expect(card.y + card.height).toBeLessThanOrEqual(900);
      });
    click('its name', () => page.locator('#layers button').nth(place()));
    click('its bar', () => page.locator('#layers .bar').nth(place()));
    click('its dot in the roofline', () => page.locator('#roofline .mark').nth(place()));

    it('by search, and keeps layers and units in sight whatever is scrolled', async () => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await shown.search(LAYER);
      await shown.scrollRows(1000);
      expect(await areInWindow(['Layers', 'PE array', 'SIMD pipeline'])).toBe(true);
      await shown.scrollRows(-1000);
      await shown.press('Escape', 'Escape');
      expect(await page.locator('#card').isVisible()).toBe(false);
    });
  });

  it('sorts the layers by any column, largest first, then smallest, then as the program has them', async () => {
    const inOrder = layers.map(({ name }) => name);
    expect(await columnOf(1)).toEqual(inOrder);
    const head = page.locator('#layer-heads button').filter({ hasText: /^cycles$/ });
    const byCycles = [...layers].sort((a, b) => b.simulated.totalCycles - a.simulated.totalCycles);
    const cycles = byCycles.map(({ simulated }) => simulated.totalCycles.toLocaleString('en'));
    await head.click();
    expect(await columnOf(4)).toEqual(cycles);
    expect(await page.locator('#layer-heads th[aria-sort=descending]').innerText()).toContain('cycles');
    // Keys go through the rows as they are now.
    await page.locator('#layers button').first().focus();
    await shown.press('ArrowDown');
    expect(await shown.focused()).toBe(byCycles[1]!.name);
    await head.click();
    expect(await columnOf(4)).toEqual([...cycles].reverse());
    await head.click();
    expect(await columnOf(1)).toEqual(inOrder);
    // A layer without MACs has no use of PEs: it comes last, whichever end is first.
    const useful = page.locator('#layer-heads button').filter({ hasText: 'useful' });
    for (let clicks = 0; clicks < 2; clicks++) {
      await useful.click();
      expect((await columnOf(9)).at(-1)).toBe('');
      expect((await columnOf(9))[0]).not.toBe('');
    }
    await useful.click();
  });

  it('folds, hides and pins components, by key, by pointer and from the list', async () => {
    const before = await rowNames();
    await shown.clickAt('WBuf slot 0', layerSlice(LAYER).ts);
    await page.locator('#timeline').focus();
    await shown.press('z');
    expect(await rowNames()).toEqual(before.filter((name) => !name.startsWith('WBuf slot')));
    await shown.press('z');
    expect(await rowNames()).toEqual(before);
    const { y } = await shown.positionOf('IBuf occupancy', 0);
    await page.locator('#timeline').click({ position: { x: 10, y } });
    expect(await rowNames()).toEqual(before.filter((name) => !name.startsWith('IBuf slot')));
    await page.locator('#lane-menu summary').click();
    await page.getByLabel('IBuf folded').uncheck();
    await page.getByLabel('OBuf shown').uncheck();
    expect(await rowNames()).toEqual(before.filter((name) => !name.startsWith('OBuf')));
    // An interface folds to its lane.
    await page.getByLabel('ifmap interface folded').check();
    expect(await rowNames()).not.toContain('ifmap bandwidth');
    expect(await rowNames()).toContain('ifmap interface');
    await page.getByLabel('ifmap interface folded').uncheck();
    await page.getByLabel('VMem pinned').check();
    expect((await rowNames()).slice(0, 7)).toEqual([
      'Layers',
      'Critical path',
      'PE array',
      'PE use',
      'SIMD pipeline',
      'VMem occupancy',
      'VMem slot 0',
    ]);
    await page.getByLabel('VMem pinned').uncheck();
    await page.locator('#lane-menu summary').click();
    await page.locator('#timeline').focus();
    await shown.press('u');
    expect(await rowNames()).toEqual(before);
  });

  /** What slices of a lane have within a range. */
  function within(lane: string, from: number, to: number, amount: (slice: ChromeSlice, cycles: number) => number) {
    let sum = 0;
    for (const slice of slicesByLane(json).get(lane)!) {
      const cycles = Math.min(slice.ts + slice.dur, to) - Math.max(slice.ts, from);
      if (cycles > 0) sum += amount(slice, cycles);
    }
    return sum;
  }

  it('adds up what happens in a dragged range: busy, waiting by cause, bits', async () => {
    await shown.search(LAYER);
    await page.locator('#timeline').focus();
    const { ts, dur } = layerSlice(LAYER);
    const box = (await page.locator('#timeline').boundingBox())!;
    const [a, b] = [await shown.positionOf('Layers', ts - 900), await shown.positionOf('Layers', ts + dur / 2)];
    await page.mouse.move(box.x + a.x, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + b.x, box.y + 8, { steps: 3 });
    await page.mouse.up();
    await page.waitForSelector('#measured:not([hidden])');
    const fields = await shown.fieldsIn('#measured');
    const plain = (text: string): number => Number(text.replace(/ .*/, '').replaceAll(',', ''));
    const [from, to] = [plain(fields['from']!), plain(fields['to']!)];
    // The pointer lies on a pixel, not on a cycle.
    expect([Math.abs(from - (ts - 900)) < dur / 500, Math.abs(to - (ts + dur / 2)) < dur / 500]).toEqual([true, true]);
    expect(plain(fields['cycles']!)).toBe(to - from);
    const ofUnit = async (unit: string): Promise<Record<string, string>> =>
      shown.fieldsIn(`#measured section[data-part="${unit}"]`);
    const array = await ofUnit('PE array');
    const busy = within('PE array', from, to, ({ cat }, cycles) => (cat === 'compute' ? cycles : 0));
    expect(plain(array['busy']!)).toBe(busy);
    const weight = within('PE array', from, to, ({ args }, cycles) => (args['cause'] === 'weight' ? cycles : 0));
    expect(weight).toBeGreaterThan(0);
    expect(plain(array['awaits weight']!)).toBe(weight);
    const sum = Object.values(array).reduce((all, text) => all + plain(text), 0);
    expect(sum).toBe(to - from);
    const bits = within(
      'ifmap interface',
      from,
      to,
      ({ args, dur: all }, cycles) => (args['bits'] as number) * (cycles / all),
    );
    const interfaces = await ofUnit('Interfaces');
    expect(plain(interfaces['ifmap interface']!) / bits).toBeCloseTo(1, 6);
    await shown.press('Escape', 'Escape');
    await page.waitForSelector('#measured', { state: 'hidden' });
  });

  it('tells how far two marks are apart', async () => {
    await shown.search(LAYER);
    await shown.press('Escape');
    const computes = slicesByLane(json)
      .get('PE array')!
      .filter(({ cat, args }) => cat === 'compute' && args['layer'] === LAYER);
    for (const slice of computes.slice(0, 2)) {
      await shown.clickAt('PE array', slice.ts + slice.dur / 2);
      await shown.press('m');
    }
    await shown.frames();
    const { distance } = await shown.fieldsIn('#measured');
    expect(distance).toBe(`${(computes[1]!.ts - computes[0]!.ts).toLocaleString('en')} cycles`);
    await shown.press('Escape', 'Escape');
    await page.waitForSelector('#measured', { state: 'hidden' });
  });

  it("shows how much of the PEs' use is useful, layer by layer", async () => {
    await shown.search('conv1');
    await shown.press('Escape');
    const { ts, dur } = layerSlice('conv1');
    await shown.hoverAt('PE use', ts + dur / 2);
    // 3 of 64 input channels are no padding.
    const { issued, useful } = await shown.fieldsIn('#tip');
    const row = page.locator('#layers tr').first().locator('td');
    expect([issued, useful]).toEqual([await row.nth(7).innerText(), await row.nth(8).innerText()]);
    expect(Number.parseFloat(useful!)).toBeLessThan(Number.parseFloat(issued!) / 20);
  });

  describe('knows the critical path', () => {
    let path: Path;

    beforeAll(() => {
      const { stdout } = systole('critical-path', ...RUN, '--segments', '--format', 'json');
      path = (JSON.parse(stdout) as { criticalPath: Path }).criticalPath;
    });

    it('says at the top what limits the network, by how much, and what would help', async () => {
      const [longest] = path.resources;
      const saved = (each: Path['resources'][number]): number =>
        1 - (each.twiceRunCycles ?? each.twiceBoundCycles) / path.totalCycles;
      const best = [...path.resources].sort((a, b) => saved(b) - saved(a))[0]!;
      const words = await page.locator('#verdict-words').innerText();
      const share = percent(longest!.pathCycles / path.totalCycles);
      expect(words).toContain(`The end waits for the ${NAMES[longest!.resource]} in ${share} of the time.`);
      expect(words).toContain(`saves ${percent(saved(best))}`);
      const chips = await page.locator('#verdict-shares li').allInnerTexts();
      expect(chips.length).toBe(path.resources.length);
      path.resources.forEach((each, place) => {
        expect(chips[place]).toContain(`${NAMES[each.resource]} ${percent(each.pathCycles / path.totalCycles)}`);
      });
      const { name } = [...layers].sort((a, b) => b.simulated.totalCycles - a.simulated.totalCycles)[0]!;
      await page.locator('#verdict-layers button').first().click();
      expect(showsOnly(await shown.view(), layerSlice(name))).toBe(true);
    });

    it('has it as a lane, from which a key leads to what it goes through', async () => {
      await shown.search(LAYER);
      await shown.press('Escape');
      const { ts, dur } = layerSlice(LAYER);
      const own = path.segments.filter(({ from, to }) => from >= ts && to <= ts + dur);
      for (const segment of own.filter(({ from, to }) => to - from > dur / 40).slice(0, 3)) {
        await shown.clickAt('Critical path', (segment.from + segment.to) / 2);
        const { start, end, slice } = await shown.fieldsIn('#details');
        expect([Number(start), Number(end), slice]).toEqual([segment.from, segment.to, NAMES[segment.resource]]);
        await shown.press('f');
        const through = await shown.fieldsIn('#details');
        expect([through['lane'], through['end']]).toEqual([NAMES[segment.resource], String(segment.to)]);
      }
      // The layer's share of each resource adds up to all its cycles.
      await shown.clickAt('Layers', ts + dur / 2);
      await shown.press('r');
      await page.waitForSelector('#measured section');
      const sums = await shown.fieldsIn('#measured section[data-part="The end waits for"]');
      for (const [resource, name] of Object.entries(NAMES)) {
        const cycles = own
          .filter((segment) => segment.resource === resource)
          .reduce((sum, { from, to }) => sum + to - from, 0);
        expect(sums[name] ?? '0').toMatch(new RegExp(`^${cycles.toLocaleString('en')}( |$)`));
      }
      await shown.press('Escape', 'Escape');
    });

    it('fades what is not on it, by key and by box', async () => {
      const { ts, dur } = layerSlice(LAYER);
      const load = slicesByLane(json)
        .get('ifmap interface')!
        .find((slice) => slice.args['layer'] === LAYER && slice.ts > ts + dur / 3)!;
      const colourAt = async (): Promise<string> => {
        const { x, y } = await shown.positionOf('ifmap interface', load.ts + load.dur / 2);
        const colours = await shown.coloursOf('timeline', {
          x: Math.round(x),
          y: Math.round(y) - 7,
          width: 1,
          height: 1,
        });
        return [...colours][0]!;
      };
      const computes = async (): Promise<boolean> => (await shown.coloursOf('timeline')).has(PALETTE.sa.light);
      const plain = await colourAt();
      await page.locator('#timeline').focus();
      await shown.press('c');
      await shown.frames();
      // A load of the ifmap is nothing that this layer's end waits for; the PE array is.
      expect(await colourAt()).not.toBe(plain);
      expect(await computes()).toBe(true);
      expect(await page.locator('#show-path').isChecked()).toBe(true);
      await page.locator('#show-path').uncheck();
      await shown.frames();
      expect(await colourAt()).toBe(plain);
    });

    it('is left out where it is not wanted', async () => {
      const part = `${file}.part.html`;
      systole('trace', ...RUN, '--layer', 'fc', '-o', part);
      const without = await TracePage.open(browser, part);
      expect(await without.page.locator('#verdict-words').innerText()).toMatch(/^Most of the time: .* %\.$/);
      expect([...(await without.rows()).keys()]).not.toContain('Critical path');
      expect(await without.page.locator('#path-toggle').isVisible()).toBe(false);
      await without.page.locator('#timeline').focus();
      await without.press('c');
      expect(without.errors).toEqual([]);
      await without.close();
      const { status, stderr } = systole('trace', ...RUN, '--critical-path', '-o', `${file}.csv`);
      expect([status, stderr]).toEqual([2, expect.stringContaining('--critical-path')]);
    });
  });

  it('keeps what was set in the address, and opens from it', async () => {
    await page.locator('#timeline').focus();
    await shown.search(LAYER);
    await shown.press('Escape');
    await shown.clickAt('WBuf slot 0', layerSlice(LAYER).ts + 2000);
    await shown.press('z', 'r', 'm');
    await page.locator('#layer-heads button').filter({ hasText: 'stall' }).click();
    const { from, to } = await shown.view();
    await expect.poll(() => page.url()).toContain('sort=-stall');
    await expect.poll(() => page.url()).toContain(`view=${Math.round(from)}-${Math.round(to)}`);
    const again = await TracePage.open(browser, `${file}${new URL(page.url()).hash}`);
    expect((await again.view()).from).toBeCloseTo(from, -1);
    expect([...(await again.rows()).keys()]).toEqual(await rowNames());
    expect(await again.fieldsIn('#measured')).toEqual(await shown.fieldsIn('#measured'));
    expect(await again.page.locator('#layers tr').first().innerText()).toBe(
      await page.locator('#layers tr').first().innerText(),
    );
    // What is no address of ours does no harm.
    await again.page.evaluate(`location.hash = 'view=9-3&folded=,&hidden=nobody&range=x&marks=1e9,-3&sort=%00&more'`);
    await again.frames();
    expect((await again.view()).from).toBe(0);
    expect(again.errors).toEqual([]);
    await again.close();
  });

  it('fits a narrow window', async () => {
    const narrow = await TracePage.open(browser, file, { viewport: { width: 400, height: 700 } });
    expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    expect(Number(await narrow.timelineData('gutter'))).toBeLessThan(130);
    await narrow.search(LAYER);
    await narrow.clickAt('PE array', layerSlice(LAYER).ts + layerSlice(LAYER).dur / 2);
    expect((await narrow.fieldsIn('#details'))['layer']).toBe(LAYER);
    const card = (await narrow.page.locator('#card').boundingBox())!;
    expect([card.x >= 0, card.x + card.width <= 400]).toEqual([true, true]);
    expect(narrow.errors).toEqual([]);
    await narrow.close();
  });

  it('has done all that without an error', () => {
    expect(shown.errors).toEqual([]);
  });
});
