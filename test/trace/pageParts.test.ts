/** The page of a part of a run, and of lanes that it does not know, in headless Chromium. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { htmlWriter } from '../../src/views/trace/htmlTrace.ts';
import { type Lane, type LaneKind, lanesOf } from '../../src/views/trace/lanes.ts';
import { PALETTE } from '../../src/views/trace/palette.ts';
import { noBrowser, theBrowser } from '../support/browser.ts';
import { type ChromeTrace, slicesByLane } from '../support/chromeTrace.ts';
import { root, systole } from '../support/cli.ts';
import { traceInMemory } from '../support/memoryTrace.ts';
import { LAYER, NETWORK, showsOnly, type TracedNetwork, titled, traceNetwork } from '../support/networkPage.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';
import { TracePage } from '../support/tracePage.ts';

describe.skipIf(noBrowser !== undefined)(titled('the trace page of a part of a run'), () => {
  let folder: string;
  let browser: Browser;
  let layerSlice: TracedNetwork['layerSlice'];

  beforeAll(async () => {
    ({ folder, layerSlice } = traceNetwork());
    browser = await theBrowser();
  });

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

  it('tells row hits, row misses and refreshes of each DRAM channel, in colours of their own', async () => {
    const [part, json] = [join(folder, 'refresh.html'), join(folder, 'refresh.json')];
    const run = ['trace', '-c', 'HI3', '-t', 'test/cases/pad.json', '--batch', '16', '--dram', 'HBM2'];
    for (const output of [part, json]) systole(...run, '-o', output);
    const opened = await TracePage.open(browser, part);
    const legend = await opened.page.locator('#legend li').allInnerTexts();
    expect(legend).toEqual(expect.arrayContaining(['refresh', 'row misses']));
    expect(legend).not.toContain('barrier');
    const colours = await opened.coloursOf('timeline');
    for (const paint of ['refresh', 'rowMiss'] as const) expect(colours).toContain(PALETTE[paint].light);
    const lanes = slicesByLane(JSON.parse(readFileSync(json, 'utf8')) as ChromeTrace);
    const names = [...lanes.keys()].filter((name) => name.startsWith('DRAM channel'));
    const expected = names.map((name) => {
      const sumOf = (field: string): number =>
        lanes.get(name)!.reduce((sum, { args }) => sum + Number(args[field] ?? 0), 0);
      return [name, ...['rowHits', 'rowMisses'].map((field) => sumOf(field).toLocaleString('en'))];
    });
    const rows = await opened.page.locator('#memory tr').all();
    const shown = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
    expect(shown.map((cells) => cells.slice(0, 3))).toEqual(expected);
    // A stretch says them too, as in the JSON; all channels fold into one row.
    const [first] = lanes.get(names[0]!)!.filter(({ args }) => args['rowMisses'] !== 0 && args['bits'] !== undefined);
    await opened.page.evaluate(`location.hash = 'view=${first!.ts}-${first!.ts + first!.dur}&pinned=dram-channel'`);
    await opened.frames();
    await opened.clickAt(names[0]!, first!.ts + first!.dur / 2);
    expect((await opened.fieldsIn('#details'))['rowMisses']).toBe(String(first!.args['rowMisses']));
    await opened.page.locator('#timeline').focus();
    await opened.press('z');
    expect([...(await opened.rows()).keys()].filter((name) => name.startsWith('DRAM'))).toEqual([
      'DRAM channels activity',
    ]);
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  it('shows layers that overlap one below the other, and what each adds to the run', async () => {
    const [part, json] = [join(folder, 'overlapped.html'), join(folder, 'overlapped.json')];
    for (const output of [part, json])
      systole('trace', '-c', 'HI3', '-t', 'resnet18', '--assume', 'prefetch', '-o', output);
    const opened = await TracePage.open(browser, part);
    const lanes = slicesByLane(JSON.parse(readFileSync(json, 'utf8')) as ChromeTrace);
    const names = [...lanes.keys()].filter((name) => name.startsWith('Layers') && lanes.get(name)!.length > 0);
    // Of the lanes that the machine could need, those that it does.
    expect([...(await opened.rows()).keys()].filter((name) => name.startsWith('Layers'))).toEqual(names);
    expect(names.length).toBeGreaterThan(2);
    expect(await opened.page.locator('#left-out').isVisible()).toBe(false);
    const all = names.flatMap((name) => lanes.get(name)!).sort((a, b) => a.ts + a.dur - b.ts - b.dur);
    const plain = (text: string): number => Number(text.replaceAll(',', ''));
    const cells = await opened.page.locator('#layers tr td:nth-child(4)').allInnerTexts();
    const total = all.at(-1)!.ts + all.at(-1)!.dur;
    expect(cells.reduce((sum, cell) => sum + plain(cell), 0)).toBe(total);
    // A layer that is picked is looked at where it adds to the run, and chosen as long as it runs.
    const layer = 'layer1.1.conv1';
    const place = all.findIndex(({ args }) => args['layer'] === layer);
    const [before, own] = [all[place - 1]!, all[place]!];
    await opened.search(layer);
    const added = { ...own, ts: before.ts + before.dur, dur: own.ts + own.dur - before.ts - before.dur };
    expect(own.ts).toBeLessThan(added.ts);
    expect(showsOnly(await opened.view(), added)).toBe(true);
    expect(await opened.fieldsIn('#details')).toMatchObject({ layer, start: String(own.ts), cycles: String(own.dur) });
    // Its unit's time, on the card, is busy or waits.
    const about = await opened.fieldsIn('#about');
    expect(Object.keys(about)).toEqual(expect.arrayContaining(['PE array computes', 'producer', 'ifmap']));
    expect(opened.errors).toEqual([]);
    await opened.close();
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
          version: '1.2.3',
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
    expect(Number(/^[\d.]+/.exec((await opened.fieldsIn('#details'))['asked for']!)![0])).toBeCloseTo(used, 1);
    expect(opened.errors).toEqual([]);
    await opened.close();
  });
});
