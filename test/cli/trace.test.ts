import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import {
  type ChromeSlice,
  type ChromeTrace,
  chromeTraceSchema,
  crossingSlices,
  slicesByLane,
  unmatchedFlows,
} from '../support/chromeTrace.ts';
import { systole, temporaryFolder } from '../support/cli.ts';
import { readPerfetto } from '../support/perfettoTrace.ts';
import { LONG } from '../support/sweep.ts';

const isVerify = process.env['SYSTOLE_VERIFY'] === '1';
const RESNET50 = ['-c', 'HI3', '-t', 'resnet50'];
const RESNET18 = ['-c', 'HI3', '-t', 'resnet18'];

/** Runs `systole trace` into a file of its own folder and returns the file. */
function trace(file: string, ...args: string[]): string {
  const path = join(temporaryFolder(), file);
  const { status, stdout } = systole('trace', ...args, '-o', path);
  expect([status, stdout]).toEqual([0, '']);
  return path;
}

/** Traces by their arguments: several tests look at the same. */
const traces = new Map<string, ChromeTrace>();

function chrome(...args: string[]): ChromeTrace {
  const key = args.join(' ');
  const known = traces.get(key);
  if (known !== undefined) return known;
  const file = chromeTraceSchema.parse(JSON.parse(readFileSync(trace('trace.json', ...args), 'utf8')));
  traces.set(key, file);
  return file;
}

function cycles(slices: readonly ChromeSlice[]): number {
  return slices.reduce((sum, { dur }) => sum + dur, 0);
}

interface Figures {
  computeCycles: number;
  totalCycles: number;
  waiting: Record<string, number>;
  interfaceBusyCycles: Record<string, number>;
}
interface Report {
  layers: { name: string; unit: string; simulated: Figures }[];
  totals: Record<'SA' | 'SIMD' | 'all', { simulated: Figures }>;
}

/** The values that the counters end with. */
function lastValues({ traceEvents }: ChromeTrace): Set<number> {
  const last = new Map<string, number>();
  for (const event of traceEvents) if (event.ph === 'C') last.set(event.name, Object.values(event.args)[0]!);
  return new Set(last.values());
}

describe('systole trace -o trace.json', () => {
  const file = chrome(...RESNET50);
  const lanes = slicesByLane(file);
  const report = JSON.parse(systole('run', ...RESNET50, '--format', 'json').stdout) as Report;

  it('has a lane for each unit, interface and slot, none of whose slices cross', () => {
    expect([...lanes.keys()]).toEqual([
      ...['Layers', 'PE array', 'SIMD pipeline'],
      ...['weight interface', 'ifmap interface', 'psum interface', 'vmem interface'],
      ...['WBuf slot 0', 'WBuf slot 1', 'IBuf slot 0', 'IBuf slot 1', 'OBuf slot 0', 'OBuf slot 1'],
      ...['BBuf slot 0', 'BBuf slot 1', 'VMem slot 0'],
    ]);
    for (const [lane, slices] of lanes) {
      expect([lane, slices.length > 0, crossingSlices(slices)]).toEqual([lane, true, []]);
    }
  });

  it("adds up, lane by lane and layer by layer, to the run's busy and waiting cycles", () => {
    for (const { name, unit, simulated } of report.layers) {
      const ofLayer = (lane: string): ChromeSlice[] => lanes.get(lane)!.filter(({ args }) => args['layer'] === name);
      const slices = ofLayer(unit === 'SA' ? 'PE array' : 'SIMD pipeline');
      expect(cycles(slices.filter(({ cat }) => cat === 'compute'))).toBe(simulated.computeCycles);
      for (const [cause, waited] of Object.entries(simulated.waiting)) {
        expect(cycles(slices.filter(({ args }) => args['cause'] === cause))).toBe(waited);
      }
      for (const [port, busy] of Object.entries(simulated.interfaceBusyCycles)) {
        expect(cycles(ofLayer(`${port} interface`))).toBe(busy);
      }
      expect(cycles(ofLayer('Layers'))).toBe(simulated.totalCycles);
    }
  });

  it('puts the layers one after another on one axis, a microsecond a cycle, and says how long a cycle really is', () => {
    const layers = lanes.get('Layers')!;
    for (const [place, { ts }] of layers.entries()) expect(ts).toBe(cycles(layers.slice(0, place)));
    expect(cycles(layers)).toBe(report.totals.all.simulated.totalCycles);
    expect(file.otherData).toMatchObject({ hardware: 'HI3', workload: 'resnet50', clockPicoseconds: 965 });
  });

  it('matches every arrow: from a load to a compute, or from a compute to a store', () => {
    expect(unmatchedFlows(file)).toEqual([]);
    // Every tile that travels is at one end of one arrow: all loads and stores but those of SIMD steps that do not
    // compute, of which inference has none.
    const moved = [...lanes.values()].flat().filter(({ cat }) => cat === 'load' || cat === 'store');
    expect(file.traceEvents.filter(({ ph }) => ph === 's')).toHaveLength(moved.length);
  });

  it('names every tile by its coordinates', () => {
    const computes = lanes.get('PE array')!.filter(({ cat }) => cat === 'compute');
    const ofLayer = computes.filter(({ args }) => args['layer'] === 'layer4.0.conv2').map(({ args }) => args);
    const dims = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'];
    const names = ofLayer.map((args) => dims.map((dim) => args[dim]).join(' '));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBe(1 + Math.max(...ofLayer.map(({ step }) => Number(step))));
  });
});

describe('systole trace in training', () => {
  it('is as sound: steps without instructions, parts per channel, halos', () => {
    // A layer of each kind, of which those that accumulate dW have most of the tiles; all of them under verify.
    const kinds = ['conv1', 'bn1.statistics', 'bn1.normalise', 'maxpool', 'maxpool.grad', 'bn1.grad', 'bn1.gamma-sgd'];
    const ofGradients = ['layer1.1.relu2.grad-sum', 'layer4.1.conv2.dX', 'layer1.1.conv2.dW', 'conv1.sgd'];
    const only = isVerify ? [] : ['--layer', [...kinds, ...ofGradients].join(',')];
    const file = chrome('-c', 'HT3', '-t', 'resnet18', '--phase', 'training', '--batch', '1', ...only);
    expect([...slicesByLane(file).values()].flatMap(crossingSlices)).toEqual([]);
    expect(unmatchedFlows(file)).toEqual([]);
  });
});

describe('systole trace -o trace.csv', () => {
  it('has a row per slice, the same as in the JSON, and one per counter sample', () => {
    const rows = parse(readFileSync(trace('trace.csv', ...RESNET18), 'utf8'), { columns: true }) as Record<
      string,
      string
    >[];
    const file = chrome(...RESNET18);
    const slices = file.traceEvents.filter((event) => event.ph === 'X');
    const counters = file.traceEvents.filter(({ ph }) => ph === 'C');
    expect(rows.length).toBe(slices.length + counters.length);
    const ofSlices = rows.filter(({ kind }) => kind !== 'counter');
    slices.forEach(({ cat, ts, dur, args }, place) => {
      const fields = Object.fromEntries(Object.entries(args).map(([field, value]) => [field, `${value}`]));
      expect(ofSlices[place]).toMatchObject({ kind: cat, startCycle: `${ts}`, endCycle: `${ts + dur}`, ...fields });
    });
  });
});

describe('systole trace -o trace.pftrace', () => {
  it('has the same slices on the same lanes as the JSON, and so the sums of the run', () => {
    const { slices, samples, tracks } = readPerfetto(readFileSync(trace('trace.pftrace', ...RESNET18)));
    const file = chrome(...RESNET18);
    const shown = slices.map(({ track, name, start, end }) => `${track.name}: ${name} ${start}–${end}`);
    const expected = [...slicesByLane(file)].flatMap(([lane, all]) =>
      all.map(({ name, ts, dur }) => `${lane}: ${name} ${ts}–${ts + dur}`),
    );
    expect(shown.sort()).toEqual(expected.sort());
    expect(samples.length).toBe(file.traceEvents.filter(({ ph }) => ph === 'C').length);
    expect([...tracks.values()][0]!.name).toBe('resnet18 inference, batch 1, on HI3');
    const report = JSON.parse(systole('run', ...RESNET18, '--format', 'json').stdout) as Report;
    for (const { name, unit, simulated } of report.layers) {
      const lane = unit === 'SA' ? 'PE array' : 'SIMD pipeline';
      const computes = slices.filter(
        ({ track, category, args }) => track.name === lane && category === 'compute' && args['layer'] === name,
      );
      expect(computes.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(simulated.computeCycles);
    }
  });

  it('is there by either name, by its format, and cut where it may not be larger', () => {
    const only = ['--layer', 'fc'];
    const [named, asked] = [
      trace('a.perfetto-trace', ...RESNET18, ...only),
      trace('a.x', ...RESNET18, ...only, '--format', 'perfetto'),
    ].map((path) => readFileSync(path));
    expect(asked!.equals(named!)).toBe(true);
    const path = join(temporaryFolder(), 'cut.pftrace');
    const { stderr } = systole('trace', '-c', 'HI1', '-t', 'resnet18', '--max-size', '1', '-o', path);
    expect(stderr).toContain('the size limit of 1 MB is reached');
    expect(statSync(path).size).toBeLessThanOrEqual(1_000_000);
    const { marks } = readPerfetto(readFileSync(path));
    expect(marks.at(-1)).toMatchObject({ name: 'cut here', args: { notice: expect.stringContaining('size limit') } });
  });
});

describe('what bounds a trace', () => {
  it('selects layers, lanes, tiles and cycles, and keeps that in the metadata', () => {
    const options = ['--layer', 'conv1,fc', '--lanes', 'pe-array,wbuf', '--steps', '0-1', '--cycles', '0-100000'];
    const file = chrome(...RESNET18, ...options);
    const slices = file.traceEvents.filter((event) => event.ph === 'X');
    expect(new Set(slices.map(({ args }) => args['layer']))).toEqual(new Set(['conv1']));
    // The weight of step 0 serves all 36 steps of conv1.
    expect(new Set(slices.map(({ args }) => args['step']))).toEqual(new Set([0, 1]));
    expect(file.otherData).toMatchObject({
      selection: { layer: 'conv1,fc', lanes: 'pe-array,wbuf', steps: '0-1', cycles: '0-100000' },
    });
  });

  const bounded = (['json', 'csv', 'html'] as const).flatMap((format) => [1, 2].map((most) => [format, most] as const));
  it.each(bounded.filter(([format, most]) => isVerify || most === (format === 'csv' ? 2 : 1)))(
    'is as %s never larger than %i MB where that is asked for, says what is left out, and is whole',
    (format, most) => {
      // A page has more room than a network of a few tiles fills.
      const network = format === 'html' ? 'resnet50' : 'resnet18';
      const path = join(temporaryFolder(), `trace.${format}`);
      const { status, stderr } = systole('trace', '-c', 'HI1', '-t', network, '--max-size', `${most}`, '-o', path);
      expect(status).toBe(0);
      // Progress may come first.
      const pattern = /^systole: (the size limit of \d MB is reached: \d+ slices from cycle \d+ \(\S+\) on are .*)\n/m;
      const [, notice] = pattern.exec(stderr)!;
      expect(statSync(path).size).toBeLessThanOrEqual(most * 1e6);
      // Room is kept for the end, but no more than that takes.
      expect(statSync(path).size).toBeGreaterThan((most - 0.1) * 1e6);
      const text = readFileSync(path, 'utf8');
      if (format === 'json') {
        const file = chromeTraceSchema.parse(JSON.parse(text));
        expect(file.otherData.notice).toBe(notice);
        expect(unmatchedFlows(file)).toEqual([]);
        expect(lastValues(file)).toEqual(new Set([0]));
      } else if (format === 'csv') {
        const rows = parse(text, { columns: true }) as Record<string, string>[];
        expect(rows.at(-1)).toMatchObject({ kind: 'notice', name: notice });
      } else {
        expect(text).toContain(notice!);
        expect(text.trimEnd().endsWith('</html>')).toBe(true);
      }
    },
  );

  it('selects all layers that are named, and tiles by their coordinates', () => {
    const slicesOf = (...options: string[]): ChromeSlice[] =>
      chrome(...RESNET50, ...options).traceEvents.filter((event) => event.ph === 'X');
    const layersOf = (slices: readonly ChromeSlice[]) => new Set(slices.map(({ args }) => args['layer']));
    const named = slicesOf('--layer', 'conv1', '--layer', 'FC,layer1.0.conv1');
    expect(layersOf(named)).toEqual(new Set(['conv1', 'layer1.0.conv1', 'fc']));
    const computes = slicesOf('--layer', 'layer3.0.conv2', '--lanes', 'pe-array,wbuf', '--tile-range', 'oc=1,ow=0');
    const tiles = computes
      .filter(({ cat }) => cat === 'compute')
      .map(({ args }) => [args['oc'], args['oh'], args['ow']]);
    // 2×2 places, of which two have ow 0.
    expect(tiles).toEqual([
      [1, 0, 0],
      [1, 1, 0],
    ]);
    expect(computes.filter(({ cat }) => cat === 'hold').map(({ args }) => [args['tensor'], args['oc']])).toEqual([
      ['weight', 1],
    ]);
  });

  it('writes an empty file and says so where nothing is selected', () => {
    for (const options of [
      ['--cycles', '100000000-200000000'],
      ['--layer', 'conv1', '--lanes', 'simd'],
    ]) {
      const path = join(temporaryFolder(), 'trace.json');
      const { status, stderr } = systole('trace', ...RESNET18, ...options, '-o', path);
      expect(status).toBe(0);
      expect(stderr).toContain(
        `systole: nothing is selected: ${options.join(' ')} holds nothing of this run of 48 layers`,
      );
      const { traceEvents } = chromeTraceSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      expect(new Set(traceEvents.map(({ ph }) => ph))).toEqual(new Set(['M']));
    }
  });

  it('shows DRAM channels by their key, where there are any', () => {
    const file = chrome(
      '-c',
      'HI3',
      '-t',
      LONG.workload,
      '--dram',
      'HBM2',
      '--lanes',
      'dram-channel',
      '--layer',
      'first',
    );
    const lanes = [...slicesByLane(file)].filter(([, slices]) => slices.length > 0);
    expect(lanes.map(([name]) => name)).toEqual(Array.from({ length: 8 }, (_, channel) => `DRAM channel ${channel}`));
    for (const [name, slices] of lanes) expect([name, crossingSlices(slices)]).toEqual([name, []]);
  });

  it('gives the same bytes for the same input', () => {
    for (const name of ['a.json', 'a.csv', 'a.html']) {
      const [first, second] = [trace(name, ...RESNET18), trace(name, ...RESNET18)];
      expect(readFileSync(first, 'utf8') === readFileSync(second, 'utf8')).toBe(true);
      expect(readdirSync(dirname(first))).toEqual([name]);
    }
  });
});

describe('wrong input', () => {
  const wrong: [string, string[], string][] = [
    ['no file to write', [], "required option '-o, --output <file>' not specified"],
    [
      'a name that says no format',
      ['-o', 'trace.txt'],
      '--output: got "trace.txt", expected a name that ends in .json',
    ],
    [
      'a layer that does not run',
      ['-o', 'a.json', '--layer', 'layer4.0.Conv9'],
      '--layer: got "layer4.0.Conv9", expected a layer of the network, such as layer4.0.conv1, layer4.0.conv2, ',
    ],
    [
      'a coordinate that no tile has',
      ['-o', 'a.json', '--tile-range', 'oc=0,x=1'],
      'expected ranges such as oc=0-1,oh=2 of oc, ic, kh, kw, n, oh, ow, g, c, part, h, w; got "x=1"',
    ],
    ['a lane that does not exist', ['-o', 'a.json', '--lanes', 'gpu'], 'expected a list of layers, pe-array'],
    ['a range that runs back', ['-o', 'a.json', '--steps', '5-2'], 'expected FIRST-LAST'],
    [
      'a folder that does not exist',
      ['-o', '/nowhere/a.json'],
      '--output: got "/nowhere/a.json", expected a file that can be',
    ],
  ];
  it.each(wrong)('%s ends with exit 2, one message and no file', (_, args, message) => {
    const { status, stdout, stderr } = systole('trace', ...RESNET18, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(['a.json', 'trace.txt'].some((name) => existsSync(name))).toBe(false);
  });
});
