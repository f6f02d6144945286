/** The README's figures of real memory. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AddressMap } from '../../src/model/dram/addressMap.ts';
import { root } from '../support/cli.ts';
import { dramPreset } from '../support/dram.ts';
import type { Figures } from './figures.ts';
import { check, file, outputOf, quoted, run } from './outputs.ts';

const HI3 = '--hardware HI3 --workload resnet50';
const HBM2 = `${HI3} --dram HBM2`;
const cyclesOf = (options: string): number => run(options).totals.all.simulated.totalCycles;

/** Bursts of a stream that go to the channel of the first. */
function burstsInOneChannel(name: string, channels: number): number {
  const spec = dramPreset(name, channels);
  const map = new AddressMap(spec);
  let bursts = 0;
  do map.decode(++bursts * spec.organization.bytesPerAccess);
  while (map.channel === 0);
  return bursts;
}

/** Reference runs that the tests of the controller compare with in all, and in cycles and latency alone. */
function referenceRuns(): { all: number; more: number } {
  const names = readdirSync(join(root, 'test/golden/dram')).filter((name) => name.endsWith('.json'));
  const files = names.map(
    (name) => JSON.parse(file(`test/golden/dram/${name}`)) as { records?: unknown[]; cases?: unknown[] },
  );
  const sum = (counts: readonly (number | undefined)[]): number => counts.reduce<number>((all, n) => all + (n ?? 0), 0);
  return {
    all: sum(files.map(({ records }) => records?.length)),
    more: sum(files.map(({ cases }) => cases?.length)),
  };
}

/** What HBM2 gives a stream at most, in percent of its peak. */
function mostOfHbm2(stream: string, reads: number): number {
  const asked = `dram --characterise --streams ${stream} --reads ${reads} --loads 100`;
  const { memories } = outputOf(asked) as { memories: { curves: { points: { achieved: number }[] }[] }[] };
  return 100 * memories[0]!.curves[0]!.points[0]!.achieved;
}

/** The columns of a table of dram/FINDINGS.md, each in ascending order: its cells, or what is read of them. */
function columnsBelow(heading: string, read: (cell: string) => string = (cell) => cell): number[][] {
  const [, table] = file('src/model/dram/FINDINGS.md').split(`## ${heading}`);
  const rows = table!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => /^\| [A-Z]+\d/.test(line))
    .map((line) => line.split('|').slice(2, -1));
  if (rows.length !== 9) throw new Error(`${rows.length} memories`);
  return rows[0]!.map((_, place) => rows.map((cells) => Number(read(cells[place]!))).sort((a, b) => a - b));
}

export const dramFigures: readonly Figures[] = [
  {
    text: 'eight of nine cost ResNet-18 on HI3 {least} % to {most} % more than ideal DRAM; with channels lowest in the address all nine cost {leastSpread} % to {mostSpread} %,',
    are: () => {
      const [own, spread] = columnsBelow('Which mapping and layout each wants');
      return { least: own![1]!, most: own!.at(-1)!, leastSpread: spread![0]!, mostSpread: spread!.at(-1)! };
    },
  },
  {
    text: 'A training iteration of ResNet-18 on HT3 costs {least} % to {most} % more with channels lowest, one of ResNet-50 {leastOf50} % to {mostOf50} %',
    are: () => {
      const section = 'What a training iteration takes';
      const spread = columnsBelow(section).slice(2, 4).flat();
      const of50 = columnsBelow(section, (cell) => cell.split(', ').at(-1)!).at(-1)!;
      return { least: Math.min(...spread), most: Math.max(...spread), leastOf50: of50[0]!, mostOf50: of50.at(-1)! };
    },
  },
  {
    text: 'HBM2 moves sequential reads at {sequential} % of its peak, as a refresh takes {refresh} of every {interval} cycles, and {mixed} % where half are writes, for which the bus turns around; random ones at {random} %:',
    are: () => {
      const { RFC, REFI } = dramPreset('HBM2').timing;
      const [sequential, mixed, random] = [
        mostOfHbm2('sequential', 100),
        mostOfHbm2('sequential', 50),
        mostOfHbm2('random', 100),
      ];
      return { sequential, refresh: RFC!, interval: REFI!, mixed, random };
    },
  },
  {
    // The tests compare every one.
    text: 'equals Ramulator 2.1 on {equal} of {all} reference runs in cycles, activates, refreshes, row hits and read latency, and on {more} more in cycles and latency.',
    are: () => ({ ...referenceRuns(), equal: referenceRuns().all }),
  },
  {
    text: 'over one HBM2 stack, whose {channels} channels are as wide as the four interfaces together, takes {real} cycles instead of {ideal} ({more} %):',
    are: () => {
      const [real, ideal] = [cyclesOf(HBM2), cyclesOf(HI3)];
      return { channels: dramPreset('HBM2').organization.channels, real, ideal, more: 100 * (real / ideal - 1) };
    },
  },
  {
    text: 'weight (and bias) reaches {weight} % of its bandwidth, ifmap {ifmap} %, psum (and ofmap) {psum} %, vmem {vmem} %',
    are: () => {
      const { weight, ifmap, psum, vmem } = run(HBM2).utilisation.interfaceBitsOverBusyBits;
      return { weight: 100 * weight, ifmap: 100 * ifmap, psum: 100 * psum, vmem: 100 * vmem };
    },
  },
  {
    text: "opening rows {rows} % of the closed form's cycles, refresh {refresh} %, sharing {sharing} %, latency and whole bursts {latency} % each, bus turnaround and the memory's own bandwidth nothing",
    are: () => {
      const { cycles, differences } = check(HBM2).totals.all;
      const percent = (step: string): number => (100 * differences[step]!) / cycles['published']!;
      // "Each" and "nothing".
      const bursts = Number(percent('dram-bursts').toFixed(1)) - Number(percent('dram-latency').toFixed(1));
      const nothing = [Math.round(10 * bursts), differences['dram-turnaround'], differences['dram-bandwidth']];
      if (nothing.some((value) => value !== 0)) throw new Error(`expected nothing, got ${nothing.join(', ')}`);
      return {
        rows: percent('dram-rows'),
        refresh: percent('dram-refresh'),
        sharing: percent('dram-shared'),
        latency: percent('dram-latency'),
      };
    },
    isLong: true,
  },
  {
    text: '{one} cycles with one channel, {two} with two, {four} with four, {eight} with eight, {many} with 64: what is left, {left} %, is latency, rows and refresh,',
    are: () => {
      const [one, two, four, eight, many] = [1, 2, 4, 8, 64].map((channels) =>
        cyclesOf(`${HBM2} --dram-channels ${channels}`),
      ) as [number, number, number, number, number];
      return { one, two, four, eight, many, left: 100 * (many / cyclesOf(HI3) - 1) };
    },
    isLong: true,
  },
  {
    text: 'on random layers over every preset ({layers} under `npm run verify`)',
    are: () => quoted('test/dram/addressTrace.test.ts', /sample\(IS_WHOLE \? (?<layers>\d+)/),
  },
  {
    text: 'DDR4-2400 keeps a stream in one channel for {bursts} bursts, so {channels} channels ({many} M cycles) are hardly better than one ({one} M).',
    are: () => {
      const [many, one] = [16, 1].map((channels) => cyclesOf(`${HI3} --dram DDR4-2400 --dram-channels ${channels}`));
      return { bursts: burstsInOneChannel('DDR4-2400', 16), channels: 16, many: many! / 1e6, one: one! / 1e6 };
    },
    isLong: true,
  },
];
