/** Two runs in one page, in headless Chromium. With SYSTOLE_FIGURES=1 its screenshot goes to bench/figures/. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayerDifference, RunDifference } from '../../src/studies/check/difference.ts';
import type { PathReport } from '../../src/views/report/pathReport.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { noBrowser, theBrowser } from '../support/browser.ts';
import { type ChromeSlice, type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { showsOnly, titled } from '../support/networkPage.ts';
import { TracePage } from '../support/tracePage.ts';

const figures = fileURLToPath(new URL('../../bench/figures/', import.meta.url));

const A = '-c HI3 -t resnet18';
/** Another machine, on which some layers are fused. */
const B = '-c HI2 -t resnet18 --fuse pairs';
/** It takes longer in B and is as alone there. */
const LAYER = 'layer4.0.conv2';
const FUSED = 'layer1.0.add';

/** A number as the page writes it. */
const digits = (value: number): string => value.toLocaleString('en');
const signed = (value: number): string => `${value > 0 ? '+' : ''}${digits(value).replace('-', '−')}`;
const plain = (text: string): number => Number(text.replace('−', '-').replace(/[,+]| .*/g, ''));

function made(...args: string[]): void {
  const { status, stderr } = systole(...args);
  if (status !== 0) throw new Error(stderr);
}

/** The JSON that a command prints. */
function jsonOf<Result>(command: string, options: string): Result {
  return JSON.parse(systole(command, ...options.split(' '), '--format', 'json').stdout) as Result;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The trace of a run as JSON. */
function traceOf(options: string, output: string): ChromeTrace {
  made('trace', ...options.split(' '), '-o', output);
  return JSON.parse(readFileSync(output, 'utf8')) as ChromeTrace;
}

/** The slice of the lane of layers with a layer in its name. */
function layerSlice(trace: ChromeTrace, name: string): ChromeSlice {
  return slicesByLane(trace)
    .get('Layers')!
    .find((slice) => slice.name.split(' + ').includes(name))!;
}

describe.skipIf(noBrowser !== undefined)(titled('two runs in one page'), () => {
  const folder = temporaryFolder();
  const file = join(folder, 'compared.html');
  let browser: Browser;
  let shown: TracePage;
  let page: Page;
  let [inA, inB]: ChromeTrace[] = [];
  let difference: RunDifference;
  const of = (name: string): LayerDifference => difference.layers.find((layer) => layer.name === name)!;

  beforeAll(async () => {
    made('trace', ...A.split(' '), '--compare', B, '-o', file);
    [inA, inB] = [traceOf(A, join(folder, 'a.json')), traceOf(B, join(folder, 'b.json'))];
    difference = JSON.parse(systole('diff', '--format', 'json', '--', A, B).stdout) as RunDifference;
    browser = await theBrowser();
    shown = await TracePage.open(browser, file);
    page = shown.page;
  });

  afterAll(async () => {
    await shown?.close();
  });

  const columnOf = async (title: string): Promise<string[]> => {
    const heads = await page.locator('#layer-heads th').allInnerTexts();
    const place = heads.findIndex((head) => head.startsWith(title)) + 1;
    return page.locator(`#layers tr td:nth-child(${place})`).allInnerTexts();
  };
  const textAt = async (row: string, cycle: number): Promise<Record<string, string>> => {
    await shown.clickAt(row, cycle);
    return shown.fieldsIn('#details');
  };

  /** Nothing is chosen, both runs begin at cycle 0, and all of them is in view. */
  const backToStart = async (): Promise<void> => {
    await page.locator('#alignment button').click();
    await page.locator('#timeline').focus();
    await shown.press('Escape', '0');
  };

  it('says what sets them apart, what B costs or saves, and where most of it is', async () => {
    expect(await page.title()).toContain('resnet18 inference, batch 1, on HI3 ↔ resnet18 inference, batch 1, on HI2');
    expect(await page.locator('#title').innerText()).toContain('on HI2 with --fuse pairs');
    const { cycles, causes, layers } = difference;
    const words = await page.locator('#comparison-words').innerText();
    const share = `${((100 * cycles.difference) / cycles.a).toFixed(1)} %`;
    expect(words).toBe(`B costs ${digits(cycles.difference)} cycles (+${share}).`);
    const [first] = Object.entries(causes);
    expect(await page.locator('#comparison-causes li').first().innerText()).toBe(
      `${first![0]} ${signed(first![1].difference)}`,
    );
    const [largest] = layers;
    expect(await page.locator('#comparison-layers').innerText()).toContain(
      `${largest!.name} ${signed(largest!.cycles.difference)}`,
    );
    expect(await page.locator('#summary').innerText()).toContain(`B: ${digits(cycles.b)} cycles`);
  });

  it('says of both what limits them, and shows the layers of either that take most', async () => {
    for (const [id, name, options] of [
      ['verdict', 'A', A],
      ['second-verdict', 'B', B],
    ] as const) {
      const { resources, totalCycles } = jsonOf<Pick<PathReport, 'criticalPath'>>(
        'critical-path',
        options,
      ).criticalPath;
      const [longest] = resources;
      expect(longest!.resource).toBe('peArray');
      const words = await page.locator(`#${id}-words`).innerText();
      const share = percent(longest!.pathCycles / totalCycles);
      expect(words).toContain(`${name}: The end waits for the PE array in ${share} of the time.`);
      expect(words).toContain(`saves ${percent(1 - longest!.twiceBoundCycles / totalCycles)} at best`);
      const shares = await page.locator(`#${id}-shares li`).allInnerTexts();
      expect(shares).toHaveLength(resources.filter(({ pathCycles }) => pathCycles > 0).length);
    }
    const longest = slicesByLane(inB!)
      .get('Layers')!
      .reduce((a, b) => (b.dur > a.dur ? b : a));
    const button = page.locator('#second-verdict-layers button').first();
    expect(await button.innerText()).toBe(longest.name);
    await button.click();
    await shown.clickAt('Layers B', longest.ts + longest.dur / 2);
    expect(await shown.fieldsIn('#details')).toMatchObject({ run: 'B', layer: longest.name });
    await shown.press('Escape', 'Escape');
    expect((await page.locator('#work').innerText()).split('\n').map((line) => line.slice(0, 20))).toEqual([
      'A: The PEs are busy ',
      'B: The PEs are busy ',
    ]);
    await backToStart();
  });

  it('has marks and roofs of both in the roofline, told apart by form', async () => {
    const runs = [jsonOf<RunReport>('run', A), jsonOf<RunReport>('run', B)];
    for (const [run, selector] of [
      [runs[0]!, '.mark:not(.second)'],
      [runs[1]!, '.mark.second'],
    ] as const) {
      // A group has a mark for each of its sides: that of the SIMD array stands for all its members.
      const sides = run.layers.filter(({ group, unit }) => group === undefined || unit === 'SA').length;
      const groups = run.groups?.length ?? 0;
      expect(await page.locator(`#roofline ${selector}`).count()).toBe(sides + groups);
      const marks = page.locator(`#roofline ${selector}`);
      const name = selector === '.mark.second' ? 'B' : 'A';
      const labels = await marks.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')!));
      const { simulated } = run.layers.find((layer) => layer.name === LAYER)!;
      const bytes = Object.values(simulated.dramBits).reduce((sum, bits) => sum + bits, 0) / 8;
      const own = labels.find((label) => label.startsWith(`${name}, ${LAYER}: `))!;
      expect(own).toContain(` ${digits(simulated.ops)} operations,`);
      expect(own).toContain(`${(simulated.ops / bytes).toPrecision(3)} operations per byte`);
      expect(own).toContain(`${(simulated.ops / simulated.totalCycles).toPrecision(4)} operations per cycle`);
    }
    const fillOf = (selector: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('#roofline ${selector}')).fillOpacity`);
    expect([await fillOf('.mark:not(.second)'), await fillOf('.mark.second')]).toEqual(['0.8', '0']);
    // Half as many rows, columns and bits per cycle: both roofs of B are others.
    expect(await page.locator('#roofline .roof').count()).toBe(4);
    expect(await page.locator('#roofline .roof.second').count()).toBe(2);
    await shown.press('/');
    await page.keyboard.type(LAYER);
    expect(await page.locator('#roofline .found').count()).toBe(2);
    await shown.press('Escape');
    const [ofA, ofB] = ['A', 'B'].map((run) => page.locator(`#roofline .mark[aria-label^="${run}, ${LAYER}:"]`));
    await ofB!.focus();
    expect(await ofA!.getAttribute('class')).toBe('mark like');
    await ofB!.press('Enter');
    expect(await page.locator('#alignment').innerText()).toContain(`so that ${LAYER} begins in both`);
    await backToStart();
  });

  it('has the difference of each layer in the table, as systole diff has it, and sorts by it', async () => {
    const names = await columnOf('layer');
    const [differences, ofB, causes] = [
      await columnOf('B − A'),
      await columnOf('cycles B'),
      await columnOf('by cause'),
    ];
    for (const [place, name] of names.entries()) {
      const { cycles, causes: byCause } = of(name);
      expect([name, differences[place]]).toEqual([name, signed(cycles.difference)]);
      // A layer that B fuses has no cycles of its own there.
      expect([name, ofB[place]]).toEqual([name, cycles.b === 0 ? '' : digits(cycles.b)]);
      const [first] = Object.entries(byCause);
      expect(causes[place]).toContain(`${first![0]} ${signed(first![1].difference)}`);
    }
    const group = layerSlice(inB!, FUSED).name;
    expect(group).toContain(' + ');
    expect(causes[names.indexOf(FUSED)]).toContain(`in B fused: ${group}`);
    const head = page.locator('#layer-heads button').filter({ hasText: 'B − A' });
    await head.click();
    const sorted = (await columnOf('B − A')).map(plain);
    expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
    await head.click();
    await head.click();
  });

  it('has both timelines under one ruler, from the same cycle on', async () => {
    const rows = [...(await shown.rows()).keys()];
    for (const row of ['Layers', 'Critical path', 'PE array', 'WBuf slot 1', 'vmem outstanding']) {
      expect(rows).toContain(row);
      expect(rows).toContain(`${row} B`);
    }
    expect(rows.slice(0, 4)).toEqual(['Layers', 'Layers B', 'Critical path', 'Critical path B']);
    const [a, b] = [layerSlice(inA!, LAYER), layerSlice(inB!, LAYER)];
    expect(await textAt('Layers', a.ts + a.dur / 2)).toMatchObject({ run: 'A', layer: LAYER, start: String(a.ts) });
    expect(await textAt('Layers B', b.ts + b.dur / 2)).toMatchObject({ run: 'B', layer: LAYER, start: String(b.ts) });
  });

  it('begins both with the layer that is picked, and says so', async () => {
    const [a, b] = [layerSlice(inA!, LAYER), layerSlice(inB!, LAYER)];
    await shown.search(LAYER);
    expect(showsOnly(await shown.view(), a)).toBe(true);
    expect(await page.locator('#alignment').innerText()).toContain(`shifted by ${signed(a.ts - b.ts)} cycles`);
    // The first compute of either is where its own trace has it, that of B shifted.
    for (const [row, trace, shift] of [
      ['PE array', inA, 0],
      ['PE array B', inB, a.ts - b.ts],
    ] as const) {
      const compute = slicesByLane(trace!)
        .get('PE array')!
        .find(({ cat, args }) => cat === 'compute' && args['layer'] === LAYER)!;
      const fields = await textAt(row, compute.ts + shift + compute.dur / 2);
      expect([fields['start'], fields['end']]).toEqual([String(compute.ts), String(compute.ts + compute.dur)]);
      expect(Number(await shown.timelineData('arrows'))).toBeGreaterThan(0);
    }
    const card = async (row: string): Promise<Record<string, string>> => {
      await shown.clickAt(row, a.ts + a.dur / 2);
      return shown.fieldsIn('#compared');
    };
    const { cycles, causes } = of(LAYER);
    const ofA = await card('Layers');
    expect([ofA['cycles in A'], ofA['cycles in B']]).toEqual([String(cycles.a), String(cycles.b)]);
    for (const [cause, change] of Object.entries(causes)) {
      expect(ofA[`B − A: ${cause}`]).toBe(signed(change.difference));
    }
    expect(await card('Layers B')).toEqual(ofA);
    // Beside each other, on either's lane, what is known of both.
    const rows = await page.locator('#about-both tr').allInnerTexts();
    const both = new Map(rows.map((row) => row.split('\t')).map(([name, ...values]) => [name!, values]));
    expect(both.get('')).toEqual(['A', 'B']);
    const layers = [A, B].map(
      (options) => jsonOf<RunReport>('run', options).layers.find(({ name }) => name === LAYER)!,
    );
    expect(both.get('closed form')).toEqual(layers.map(({ closedForm }) => digits(Math.round(closedForm.totalCycles))));
    for (const cause of ['weight', 'psumLoad', 'hazard'] as const) {
      const waits = layers.map(({ simulated: { waiting, totalCycles } }) => [waiting[cause], totalCycles] as const);
      expect(both.get(cause)).toEqual(waits.map(([cycles, all]) => `${digits(cycles)} (${percent(cycles / all)})`));
    }
    expect(await page.locator('#about').innerText()).toBe('');
    expect(both.get('end waits for PE array')).toHaveLength(2);
    // By key both begin at 0 again, and with the layer.
    await shown.press('a');
    await shown.press('Escape');
    expect(await page.locator('#alignment').innerText()).toContain('Both runs begin at cycle 0');
    await shown.clickAt('Layers', a.ts + a.dur / 2);
    await shown.press('a');
    expect(await page.locator('#alignment').innerText()).toContain(LAYER);
    await shown.press('Escape');
  });

  it('shows the layer of B that is picked in its bar of the network', async () => {
    const slice = slicesByLane(inB!)
      .get('Layers')!
      .find(({ name }) => name === LAYER)!;
    const { width, height } = (await page.locator('#overview').boundingBox())!;
    // The bar is as long as the ruler.
    await page.locator('#timeline').focus();
    await shown.press('0');
    const { to: cycles } = await shown.view();
    const position = { x: ((slice.ts + slice.dur / 2) / cycles) * width, y: 0.75 * height };
    await page.locator('#overview').dblclick({ position });
    expect(await page.locator('#alignment').innerText()).toContain(`so that ${LAYER} begins in both`);
    expect(showsOnly(await shown.view(), layerSlice(inA!, LAYER))).toBe(true);
    await backToStart();
  });

  it('aligns a layer that B fuses at its group’s conv', async () => {
    await page.locator('#layers button').filter({ hasText: FUSED }).click();
    const conv = layerSlice(inB!, FUSED).name.split(' + ')[0]!;
    const shift = layerSlice(inA!, conv).ts - layerSlice(inB!, conv).ts;
    expect(await page.locator('#alignment').innerText()).toContain(`shifted by ${signed(shift)} cycles`);
    expect((await shown.fieldsIn('#compared'))['compared']).toBe(`in B fused: ${layerSlice(inB!, FUSED).name}`);
    await shown.press('Escape');
  });

  it('adds a range up in both, folds and hides both', async () => {
    await shown.search(LAYER);
    await page.locator('#timeline').focus();
    await shown.press('r');
    await page.waitForSelector('#measured section');
    const [a, b] = [layerSlice(inA!, LAYER), layerSlice(inB!, LAYER)];
    const busyOf = (trace: ChromeTrace, from: number): number =>
      slicesByLane(trace)
        .get('PE array')!
        .filter(({ cat }) => cat === 'compute')
        .reduce((sum, { ts, dur }) => sum + Math.max(0, Math.min(ts + dur, from + a.dur) - Math.max(ts, from)), 0);
    for (const [unit, trace, from] of [
      ['PE array', inA, a.ts],
      ['PE array B', inB, b.ts],
    ] as const) {
      const { busy } = await shown.fieldsIn(`#measured section[data-part="${unit}"]`);
      expect(plain(busy!)).toBe(busyOf(trace!, from));
    }
    await shown.press('Escape', 'Escape');
    const before = [...(await shown.rows()).keys()];
    await page.locator('#lane-menu summary').click();
    await page.getByLabel('WBuf folded').check();
    await page.getByLabel('psum interface shown').uncheck();
    const kept = before.filter((row) => !/^(WBuf slot|psum)/.test(row));
    expect([...(await shown.rows()).keys()]).toEqual(kept);
    await page.getByLabel('WBuf folded').uncheck();
    await page.getByLabel('psum interface shown').check();
    await page.locator('#lane-menu summary').click();
  });

  it('keeps at which layer they are aligned in the address, and fits a narrow window', async () => {
    await shown.search(LAYER);
    await expect.poll(() => page.url()).toMatch(/at=\d+/);
    const again = await TracePage.open(browser, `${file}${new URL(page.url()).hash}`, {
      viewport: { width: 400, height: 700 },
    });
    expect(await again.page.locator('#alignment').innerText()).toBe(await page.locator('#alignment').innerText());
    expect(await again.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    await again.page.evaluate(`location.hash = 'at=999999'`);
    await again.frames();
    expect(await again.page.locator('#alignment').innerText()).toContain('begin at cycle 0');
    expect(again.errors).toEqual([]);
    await again.close();
  });

  it('takes B from the JSON of a run: all but its timeline', async () => {
    const run = join(folder, 'run.json');
    const path = join(folder, 'file.html');
    made('run', ...B.split(' '), '-o', run);
    made('trace', ...A.split(' '), '--no-critical-path', '--lanes', 'layers', '--compare', run, '-o', path);
    const opened = await TracePage.open(browser, path);
    expect(await opened.page.locator('#title').innerText()).toContain(`${run}: resnet18 inference, batch 1, on HI2`);
    expect(await opened.page.locator('#comparison-words').innerText()).toBe(
      await page.locator('#comparison-words').innerText(),
    );
    expect([...(await opened.rows()).keys()]).not.toContain('Layers B');
    // Why, and how they would come, which is what the other page of this file was asked for.
    expect(await opened.page.locator('#left-out').innerText()).toContain('B has no rows: it comes from a file');
    expect(await opened.page.locator('#left-out').innerText()).toContain(
      `With its options (${B}) in place of the file`,
    );
    expect(await opened.page.locator('#second-verdict-words').innerText()).toMatch(/^B: Most of the time: .* %\.$/);
    expect(await opened.page.locator('#roofline .second').count()).toBe(0);
    expect(await opened.page.locator('#roofline-runs').innerText()).toContain('Of A alone');
    await opened.search(FUSED);
    expect((await opened.fieldsIn('#compared'))['B − A']).toContain(signed(of(FUSED).cycles.difference));
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  it('fades what is not on the path of B where A, on banked memory, has none', async () => {
    const relu = { name: 'relu', op: 'relu', inputs: ['input'], dimensions: { C: 64, H: 8, W: 8 } };
    const workload = temporaryFile('one.json', { name: 'one', input: { C: 64, H: 8, W: 8 }, layers: [relu] });
    const path = join(folder, 'banked.html');
    made('trace', '-c', 'HI3', '-t', workload, '--dram', 'HBM2', '--compare', '--dram ideal', '-o', path);
    const opened = await TracePage.open(browser, path);
    expect([...(await opened.rows()).keys()].filter((row) => row.startsWith('Critical'))).toEqual(['Critical path B']);
    expect(await opened.page.locator('#path-toggle').isVisible()).toBe(true);
    expect(await opened.page.locator('#verdict-words').innerText()).toMatch(/^A: Most of the time: /);
    expect(await opened.page.locator('#second-verdict-words').innerText()).toMatch(/^B: The end waits for /);
    await opened.close();
  });

  describe('of a training iteration and an inference', () => {
    const training = '-c HT1 -t resnet18 --phase training --batch 1';
    /** One of either kind of convolution: forward, and what only training has. */
    const [forward, gradient] = ['layer4.0.downsample.conv', 'layer4.0.downsample.conv.dW'];
    const selected = `${training} --layer ${forward},${gradient}`;
    let both: TracePage;
    let trace: ChromeTrace;

    beforeAll(async () => {
      const path = join(folder, 'training.html');
      made('trace', ...selected.split(' '), '--compare', '--phase inference', '-o', path);
      trace = traceOf(selected, join(folder, 'training.json'));
      both = await TracePage.open(browser, path);
    });

    afterAll(async () => {
      await both?.close();
    });

    const cyclesOf = (name: string): number => layerSlice(trace, name).dur;

    it('names the phase, and the layers that only one of them has', async () => {
      expect(await both.page.locator('#title').innerText()).toBe(
        'resnet18 training, batch 1, on HT1 ↔ resnet18 inference, batch 1, on HT1',
      );
      const layers = await both.page.locator('#layers tr').allInnerTexts();
      const only = layers.find((text) => text.startsWith(gradient))!;
      expect(only).toContain(signed(-cyclesOf(gradient)));
      expect(only).toContain('only in A');
      expect(layers.find((text) => text.split('\t')[0] === forward)).not.toContain('only in');
      expect(await both.page.locator('#comparison-layers').innerText()).toMatch(/\d+ layers only in A, [\d,]+ cycles$/);
    });

    it('opens on what was recorded, with the first layer of it in both', async () => {
      expect(await both.page.locator('#alignment').innerText()).toContain(`so that ${forward} begins in both`);
      const { ts, dur } = layerSlice(trace, forward);
      await both.search(forward);
      await both.clickAt('PE array B', ts + dur / 2);
      expect((await both.fieldsIn('#details'))['layer']).toBe(forward);
    });

    it('brings a gradient into view, with its closed form, its use of the PEs and its sums', async () => {
      await both.search(gradient);
      const slice = layerSlice(trace, gradient);
      expect(showsOnly(await both.view(), slice)).toBe(true);
      const run = JSON.parse(systole('run', ...training.split(' '), '--format', 'json').stdout) as {
        readonly layers: readonly { readonly name: string; readonly closedForm: { readonly totalCycles: number } }[];
      };
      const { closedForm } = run.layers.find(({ name }) => name === gradient)!;
      expect((await both.fieldsIn('#about'))['closed form']).toBe(String(Math.round(closedForm.totalCycles)));
      expect(await both.fieldsIn('#compared')).toMatchObject({ compared: 'only in A', 'cycles in B': '0' });
      await both.page.locator('#timeline').focus();
      await both.press('r');
      await both.page.waitForSelector('#measured section');
      const busy = slicesByLane(trace)
        .get('PE array')!
        .filter(({ cat, args }) => cat === 'compute' && args['layer'] === gradient)
        .reduce((sum, { dur }) => sum + dur, 0);
      expect(plain((await both.fieldsIn('#measured section[data-part="PE array"]'))['busy']!)).toBe(busy);
      await both.press('Escape', 'Escape');
      await both.hoverAt('PE use', slice.ts + slice.dur / 2);
      const { issued, useful } = await both.fieldsIn('#tip');
      const row = both.page.locator('#layers tr').filter({ has: both.page.getByText(gradient, { exact: true }) });
      const cells = await row.locator('td.number').allInnerTexts();
      expect(cells.slice(-2)).toEqual([issued, useful]);
      // A tile's loads, its compute and its store, if it has one.
      const compute = slicesByLane(trace)
        .get('PE array')!
        .find(({ cat, args }) => cat === 'compute' && args['layer'] === gradient)!;
      await both.clickAt('PE array', compute.ts + compute.dur / 2);
      expect(Number(await both.timelineData('arrows'))).toBeGreaterThanOrEqual(2);
      expect(both.errors).toEqual([]);
    });
  });

  it('has done all that without a request or an error', () => {
    expect(shown.errors).toEqual([]);
    expect(shown.requests).toEqual([`file://${file}`]);
  });

  it.runIf(process.env['SYSTOLE_FIGURES'] === '1')('makes the screenshot of the README', async () => {
    const path = join(folder, 'figure.html');
    made('trace', ...A.split(' '), '--compare', '--fuse pairs', '-o', path);
    const light = await TracePage.open(browser, path);
    await light.page.screenshot({ path: join(figures, 'trace-comparison.png') });
    await light.close();
  });
});
