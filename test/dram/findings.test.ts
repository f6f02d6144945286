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

describe('what dominates', () => {
  const from = page.indexOf('## What dominates');
  const tables = page
    .slice(from)
    .split(/^\| (?:memory|channels)/m)
    .slice(1);
  const asked = [
    ['resnet18', ''],
    ['resnet18', ` --dram-mapping ${SPREAD}`],
    ['resnet50', ` --dram-mapping ${SPREAD}`],
  ] as const;
  const { memory } = nineMemories();
  const cases = asked.flatMap(([network, more], table) =>
    DRAM_PRESETS.map((name) => [network, more, table, name] as const),
  );

  it.runIf(isVerify).each(cases)('is so: %s%s, table %i, %s', (network, more, table, name) => {
    const { organization, clockPicoseconds } = memory(name);
    const dram = `--dram ${name} --dram-channels ${organization.channels} --dram-clock ${clockPicoseconds}${more}`;
    const { cycles, differences } = check(`-c HI3 -t ${network} ${dram}`).totals.all;
    const steps = ['bursts', 'latency', 'rows', 'turnaround', 'refresh', 'shared'];
    const cells = steps.map((step) => {
      const share = (100 * differences[`dram-${step}`]!) / cycles['hardware']!;
      const text = share.toFixed(1).replace('-0.0', '0.0');
      return Number(text) === 0 ? '0' : Number(text) > 0 ? `+${text}` : text;
    });
    const row = tables[table]!.split('\n').find((line) => line.startsWith(`| ${name} |`))!;
    expect(row).toBe(`| ${name} | ${cells.join(' | ')} |`);
  });

  it('has a row for each memory in each table', () => {
    for (const table of tables) {
      const rows = table.split('\n').filter((line) => /^\| \S+ \| [+\-0]/.test(line));
      expect(rows.map((line) => line.split(' ')[1]).sort()).toEqual([...DRAM_PRESETS].sort());
    }
    expect(tables).toHaveLength(3);
  });
});
