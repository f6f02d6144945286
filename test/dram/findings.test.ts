/** The tables of dram/FINDINGS.md are what the commands that it names say; those that take long under `npm run verify`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { changedSweep, parseChange } from '../../src/doors/cli/sweep/changes.ts';
import { peakGigabytesPerSecond } from '../../src/studies/characterise/characterise.ts';
import { AS_GIVEN } from '../../src/studies/sweep/memories.ts';
import { settingAt } from '../../src/studies/sweep/setting.ts';
import { digitsOf, latticeSize } from '../../src/studies/sweep/space.ts';
import { prepareSweep } from '../../src/studies/sweep/sweep.ts';
import { memoryOf } from '../../src/studies/sweep/sweepMemories.ts';
import { parseSweep } from '../../src/studies/sweep/sweepSpec.ts';
import { check, run } from '../readme/outputs.ts';
import { DRAM_PRESETS } from '../support/dram.ts';
import { hardwarePreset, memoryPreset, workloadPreset } from '../support/presets.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('src/model/dram/FINDINGS.md', root), 'utf8');
const isVerify = process.env['SYSTOLE_VERIFY'] === '1';

/** The rows of the table below a heading, by their first cell. */
function tableBelow(heading: string): Map<string, readonly string[]> {
  const from = page.indexOf(`## ${heading}\n`);
  expect([heading, from]).not.toEqual([heading, -1]);
  const lines = page.slice(from).split('\n## ')[0]!.split('\n');
  const rows = lines.filter((line) => DRAM_PRESETS.some((name) => line.startsWith(`| ${name} |`)));
  return new Map(
    rows.map((line) => {
      const [first, ...cells] = line.split('|').slice(1, -1);
      return [first!.trim(), cells.map((cell) => cell.trim())];
    }),
  );
}

const drams = Object.fromEntries(DRAM_PRESETS.map((name) => [name, memoryPreset(name)]));
const file = JSON.parse(readFileSync(new URL('hw/sweeps/nine-memories.json', root), 'utf8')) as unknown;

/** `nine-memories` with changes, by what it costs at a point and which memory that has. */
function nineMemories(...changes: string[]) {
  const given = changes.flatMap((text) => parseChange(text));
  const spec = parseSweep(changedSweep(file, given), 'nine-memories');
  const hardware = hardwarePreset(spec.hardware);
  const input = {
    file: 'nine-memories',
    spec,
    hardwares: { [spec.hardware]: hardware },
    workloads: { [spec.workload]: workloadPreset(spec.workload) },
    drams,
    energies: {},
  };
  const { space, costs } = prepareSweep(input);
  const digitsAt = (values: Readonly<Record<string, string>>) => {
    const all = Array.from({ length: latticeSize(space.axes) }, (_, index) => digitsOf(space.axes, index));
    return all.find((digits) =>
      space.axes.every(({ parameter, values: own }, place) => own[digits[place]!] === values[parameter]),
    )!;
  };
  const pointOf = (dram: string, layout: string, mapping: string) =>
    digitsAt({ dram, 'dram.layout': layout, 'dram.mapping': mapping });
  return {
    cycles: (dram: string, layout: string, mapping: string): number =>
      costs('simulated on varying memory').at(pointOf(dram, layout, mapping))!.cycles,
    memory: (dram: string) => {
      const memory = memoryOf(drams, 'nine-memories')(settingAt(space, pointOf(dram, 'tiles', AS_GIVEN)));
      if (memory.kind !== 'banked') throw new Error(`${dram} has no banks`);
      return memory.spec;
    },
  };
}

const SPREAD = 'rorasibacobgpcch';
const CASES = {
  'ResNet-18 inference': ['hardware=HI3', 'phase=inference'],
  'ResNet-50 inference': ['hardware=HI3', 'phase=inference', 'workload=resnet50'],
} as const;
const IDEAL = {
  'ResNet-18 inference': '-c HI3 -t resnet18',
  'ResNet-50 inference': '-c HI3 -t resnet50',
} as const;
const names = Object.keys(CASES) as (keyof typeof CASES)[];

const idealCycles = (name: keyof typeof CASES): number => run(IDEAL[name]).totals.all.simulated.totalCycles;
const inWords = (count: number): string => count.toLocaleString('en-US');

/** What ResNet-18's inference opens and closes of HBM3 with its own mapping, as one of the nine. */
function onHbm3(options: string) {
  const { totals, dramCounts } = run(
    `-c HI3 -t resnet18 --dram HBM3-6400 --dram-channels 4 --dram-clock 250 ${options}`,
  );
  const { read, write } = dramCounts!.all;
  return {
    cycles: totals.all.simulated.totalCycles,
    misses: read.rowMisses + write.rowMisses,
    conflicts: read.rowConflicts + write.rowConflicts,
  };
}

const over = (cycles: number, ideal: number): string => `+${(100 * (cycles / ideal - 1)).toFixed(1)}`;

describe('the nine memories', () => {
  const rows = tableBelow('Nine memories at one peak bandwidth');
  const { memory } = nineMemories();

  it('are all that there are, with the channels and the clock that make 256 GB/s', () => {
    expect([...rows.keys()].sort()).toEqual([...DRAM_PRESETS].sort());
    for (const [name, [channels, clock, row, refresh]] of rows) {
      const spec = memory(name);
      expect([name, peakGigabytesPerSecond(spec)]).toEqual([name, 256]);
      const preset = memoryPreset(name);
      if (preset.kind !== 'banked') throw new Error(name);
      const rowCycle = (picoseconds: number): string => ((spec.timing['RC']! * picoseconds) / 1000).toFixed(0);
      const { RFC, REFI } = spec.timing;
      expect([channels, clock, row, refresh]).toEqual([
        String(spec.organization.channels),
        String(spec.clockPicoseconds),
        `${rowCycle(spec.clockPicoseconds)} (${rowCycle(preset.spec.clockPicoseconds)})`,
        ((100 * RFC!) / REFI!).toFixed(1),
      ]);
    }
  });
});

/** The mapping that `as given` stands for among those of `mappings-and-layouts`, where it is one of them. */
const MAPPING = /`(?<mapping>\w+)`, (?<layout>\w+)/;

describe('which mapping each wants', () => {
  const rows = tableBelow('Which mapping and layout each wants');
  // One memory in the suite.
  const asked = isVerify ? DRAM_PRESETS : (['HBM2'] as const);

  it.each(asked)('is so: %s', (name) => {
    const [own, spread, best, worst] = rows.get(name)!;
    const point = (cell: string): { mapping: string; layout: string } =>
      MAPPING.exec(cell)!.groups as { mapping: string; layout: string };
    const mappings = [...new Set([AS_GIVEN, SPREAD, point(best!).mapping, point(worst!).mapping])];
    const costs = nineMemories(
      'hardware=HI3',
      'phase=inference',
      'dram.layout=tiles,nhwc,nchw',
      `dram.mapping=${mappings.join(',')}`,
    );
    const ideal = idealCycles('ResNet-18 inference');
    const overIdeal = (mapping: string, layout: string): string => over(costs.cycles(name, layout, mapping), ideal);
    const stated = (cell: string): string => {
      const { mapping, layout } = point(cell);
      return `${overIdeal(mapping, layout)}: \`${mapping}\`, ${layout}`;
    };
    // In the suite the two that are read first.
    expect([own, spread]).toEqual([overIdeal(AS_GIVEN, 'tiles'), overIdeal(SPREAD, 'tiles')]);
    if (isVerify) expect([best, worst]).toEqual([stated(best!), stated(worst!)]);
  });
});

describe('what runs take', () => {
  const rows = tableBelow('What runs take');

  const cases = names.flatMap((name) => DRAM_PRESETS.map((dram) => [name, dram] as const));
  it.runIf(isVerify).each(cases)('is so: %s on %s', (name, dram) => {
    const costs = nineMemories(...CASES[name]);
    const ideal = idealCycles(name);
    const cells = [AS_GIVEN, SPREAD].map((mapping) => over(costs.cycles(dram, 'tiles', mapping), ideal));
    expect(rows.get(dram)![names.indexOf(name)]).toBe(cells.join(', '));
  });

  it('says of ResNet-18 inference what the table of mappings says', () => {
    for (const [name, [own, spread]] of tableBelow('Which mapping and layout each wants')) {
      expect(rows.get(name)![0]).toBe(`${own}, ${spread}`);
    }
  });
});

describe('what a training iteration takes', () => {
  const table = tableBelow('What a training iteration takes');
  const rows = new Map([...table].map(([name, cells]) => [name, cells.slice(0, 4)]));
  const section = page.split('## What a training iteration takes')[1]!.split('\n## ')[0]!;
  const TRAINING = '-c HT3 -t resnet18 --phase training --batch 1';
  const RESNET50 = '-c HT3 -t resnet50 --phase training --batch 1';
  const points = [AS_GIVEN, SPREAD].flatMap((mapping) => ['tiles', 'nhwc'].map((layout) => ({ mapping, layout })));
  const number = (cell: string): number => Number(cell.replace('+', ''));

  it('is measured against ideal DRAM', () => {
    const { totalCycles, stallCycles } = run(TRAINING).totals.all.simulated;
    expect(section).toContain(`${inWords(totalCycles)} cycles with ideal DRAM`);
    const inference = run(IDEAL['ResNet-18 inference']).totals.all.simulated;
    const share = (of: number, all: number): string => `${((100 * of) / all).toFixed(1)} %`;
    expect(section).toContain(
      `${share(stallCycles, totalCycles)} of the iteration are DRAM stalls and ` +
        `${share(inference.stallCycles, inference.totalCycles)} of the inference`,
    );
    const larger = run(RESNET50).totals.all.simulated;
    expect(section).toContain(`ResNet-50, ${inWords(larger.totalCycles)} cycles`);
    expect(section).toContain(`${share(larger.stallCycles, larger.totalCycles)} of its iteration are DRAM stalls`);
    expect(larger.waiting.ifmap).toBeGreaterThan(larger.stallCycles / 2);
  });

  it.runIf(isVerify).each(DRAM_PRESETS)('is so: %s', (name) => {
    const costs = nineMemories();
    const ideal = run(TRAINING).totals.all.simulated.totalCycles;
    expect(rows.get(name)).toEqual(
      points.map(({ mapping, layout }) => over(costs.cycles(name, layout, mapping), ideal)),
    );
  });

  const ofResNet50 = (name: string): string => table.get(name)![4]!;

  it.runIf(isVerify).each(DRAM_PRESETS)('is so of ResNet-50: %s', (name) => {
    const costs = nineMemories('workload=resnet50', 'dram.layout=tiles');
    const ideal = run(RESNET50).totals.all.simulated.totalCycles;
    const cells = [AS_GIVEN, SPREAD].map((mapping) => over(costs.cycles(name, 'tiles', mapping), ideal));
    expect(ofResNet50(name)).toBe(cells.join(', '));
  });

  it('is what the plot shows: the better layout of each, over the best of all', () => {
    const svg = readFileSync(new URL('bench/figures/nine-memories.svg', root), 'utf8');
    const [, cells] = svg.split('all other parameters free</text>');
    const shown = [...cells!.matchAll(/<text[^>]*>([\d.]+)<\/text>/g)].map(([, figure]) => Number(figure));
    const all = [...rows.values()].map((row) => row.map(number));
    const best = Math.min(...all.flat());
    const expected = all.flatMap(([tiles, nhwc, spreadTiles, spreadNhwc]) =>
      [Math.min(tiles!, nhwc!), Math.min(spreadTiles!, spreadNhwc!)].map((least) => (100 + least) / (100 + best)),
    );
    expect(shown).toHaveLength(expected.length);
    // Both are rounded.
    for (const [place, figure] of shown.entries()) expect(Math.abs(figure - expected[place]!)).toBeLessThan(0.0061);
  });

  it('is what the text says of it', () => {
    const all = [...rows.values()].map((row) => row.map(number));
    const spread = all.flatMap(([, , tiles, nhwc]) => [tiles!, nhwc!]);
    const inference = [...tableBelow('What runs take').values()].map(([cell]) => number(cell!.split(', ')[1]!));
    const range = (of: readonly number[]): string => `${Math.min(...of)} % to ${Math.max(...of)} %`;
    expect(section).toContain(
      `all nine cost ${range(spread)}, where ResNet-18's inference on HI3 costs ${range(inference)}.`,
    );
    const larger = [...table.keys()].map((name) => [name, ...ofResNet50(name).split(', ').map(number)] as const);
    const ranked = larger.toSorted(([, , x], [, , y]) => x! - y!).map(([name, , least]) => ({ name, least: least! }));
    expect(section).toContain(`cost it ${range(ranked.map(({ least }) => least))}.`);
    expect(ranked.map(({ name }) => name.split('-')[0]).filter((_, place) => place < 2 || place > 6)).toEqual([
      ...['LPDDR4', 'DDR3', 'GDDR6', 'LPDDR5'],
    ]);
    const ofHbm2 = ofResNet50('HBM2').split(', ');
    expect(section).toContain(`HBM2's own mapping, ${ofHbm2[0]}, is better for it than channels lowest, ${ofHbm2[1]}.`);
    const costly = [...rows].filter(([name]) => !name.startsWith('HBM')).map(([, row]) => row.map(number));
    expect(section).toContain(`${range(costly.map(([tiles]) => Math.round(tiles!)))} as it comes on the DDR kinds`);
    const back = costly.map(([tiles, nhwc]) => Math.round(100 * (1 - nhwc! / tiles!)));
    expect(section).toContain(`takes ${range(back)} of it back`);
    const differences = [...rows].flatMap(([name, row]) => {
      const [tiles, nhwc, spreadTiles, spreadNhwc] = row.map(number);
      const own = name.startsWith('HBM') && name !== 'HBM3-6400' ? [nhwc! - tiles!] : [];
      return [...own, spreadNhwc! - spreadTiles!].map(Math.abs);
    });
    expect(Math.max(...differences)).toBeLessThan(1);
    const [tiles, nhwc] = rows.get('HBM3-6400')!.map(number);
    expect(section).toContain(`\`nhwc\` costs ${(nhwc! - tiles!).toFixed(1)} % more`);
  });

  it.runIf(isVerify)('opens more rows of HBM3 where tensors lie nhwc', () => {
    const opened = (layout: string): string => inWords(onHbm3(`--dram-layout ${layout}`).misses);
    expect(section).toContain(`${opened('nhwc')} and not ${opened('tiles')}`);
  });
});

describe('what dominates', () => {
  const from = page.indexOf('## What dominates');
  const tables = page
    .slice(from)
    .split(/^\| (?:memory|channels)/m)
    .slice(1);
  const asked = [
    ['-c HI3 -t resnet18', ''],
    ['-c HI3 -t resnet18', ` --dram-mapping ${SPREAD}`],
    ['-c HI3 -t resnet50', ` --dram-mapping ${SPREAD}`],
    ['-c HT3 -t resnet18 --phase training --batch 1', ` --dram-mapping ${SPREAD}`],
  ] as const;
  const { memory } = nineMemories();
  const cases = asked.flatMap(([network, more], table) =>
    DRAM_PRESETS.map((name) => [network, more, table, name] as const),
  );

  it.runIf(isVerify).each(cases)('is so: %s%s, table %i, %s', (network, more, table, name) => {
    const { organization, clockPicoseconds } = memory(name);
    const dram = `--dram ${name} --dram-channels ${organization.channels} --dram-clock ${clockPicoseconds}${more}`;
    const { cycles, differences } = check(`${network} ${dram}`).totals.all;
    const steps = ['bursts', 'latency', 'rows', 'turnaround', 'refresh', 'shared'];
    const cells = steps.map((step) => {
      const share = (100 * differences[`dram-${step}`]!) / cycles['hardware']!;
      const text = share.toFixed(1).replace('-0.0', '0.0');
      return Number(text) === 0 ? '0' : Number(text) > 0 ? `+${text}` : text;
    });
    const row = tables[table]!.split('\n').find((line) => line.startsWith(`| ${name} |`))!;
    expect(row).toBe(`| ${name} | ${cells.join(' | ')} |`);
  });

  it.runIf(isVerify)('gives back on HBM3 what closing rows costs', () => {
    const [without, refreshed] = [onHbm3('--refresh off'), onHbm3('--dram-layout tiles')];
    const of = ({ conflicts, misses }: typeof without): string => `${inWords(conflicts)} of ${inWords(misses)}`;
    expect(page).toContain(
      `${of(without)} rows that ResNet-18 opens are such conflicts without refresh (\`--refresh off\`), ` +
        `and ${of(refreshed)} with it; the network takes ${inWords(without.cycles)} cycles without refresh and ` +
        `${inWords(refreshed.cycles)} with it.`,
    );
  });

  it('has a row for each memory in each table', () => {
    for (const table of tables) {
      const rows = table.split('\n').filter((line) => /^\| \S+ \| [+\-0]/.test(line));
      expect(rows.map((line) => line.split(' ')[1]).sort()).toEqual([...DRAM_PRESETS].sort());
    }
    expect(tables).toHaveLength(asked.length);
  });
});
