/** The README's figures of training and of what verification found. */
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { sumOf } from '../../src/model/layers/result.ts';
import { ceilDiv } from '../../src/model/layers/rounding.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { NOP_CYCLES } from '../../src/model/operations/simdCosts.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { tileOfStep } from '../../src/model/schedule/saTile.ts';
import { shadowFillingCycles } from '../../src/studies/verify/steppedPeArray.ts';
import { stepsOf } from '../support/arbitraries.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';
import type { Figures } from './figures.ts';
import { file, quoted, run } from './outputs.ts';

const NAMES = { resnet50: 'ResNet-50', resnet18: 'ResNet-18' } as const;
type Network = keyof typeof NAMES;

/** The shares of the non-conv layers in runtime, on-chip and off-chip accesses, in percent, by the closed form. */
function nonConvShares(network: Network, hardware: string, expansion: 'exact' | 'published'): number[] {
  const options = `--hardware ${hardware} --workload ${network} --phase training --expansion ${expansion} --batch 32`;
  const { SIMD, all } = run(options).totals;
  const share = (of: (result: typeof all.closedForm) => number): number =>
    (100 * of(SIMD.closedForm)) / of(all.closedForm);
  return [
    share(({ totalCycles }) => totalCycles),
    share(({ sramBits }) => sumOf(sramBits)),
    share(({ dramBits }) => sumOf(dramBits)),
  ];
}

/** Those that the paper prints. */
function printedShares(network: Network, hardware: string): number[] {
  const tables = JSON.parse(file('test/golden/tables.json')) as Record<string, Record<string, number[]>>;
  return tables[network === 'resnet50' ? 'VI_resnet50' : 'VII_resnet18']![hardware]!.slice(0, 3);
}

const trainingFigures = (Object.keys(NAMES) as Network[]).flatMap((network) =>
  ['HT1', 'HT2', 'HT3'].map((hardware): Figures => {
    const cells = ['published', 'exact', 'printed'].map((kind) => `{${kind}0} %, {${kind}1} %, {${kind}2} %`);
    return {
      text: `| ${NAMES[network]} ${hardware} | ${cells.join(' | ')} |`,
      are: () => {
        const named = (kind: string, shares: readonly number[]): [string, number][] =>
          shares.map((share, place) => [`${kind}${place}`, share]);
        return Object.fromEntries([
          ...named('published', nonConvShares(network, hardware, 'published')),
          ...named('exact', nonConvShares(network, hardware, 'exact')),
          ...named('printed', printedShares(network, hardware)),
        ]);
      },
      ...(network === 'resnet18' && hardware === 'HT1' ? {} : { isLong: true }),
    };
  }),
);

/** Cycles of the NOPs that the paper's counts leave out, over those of all SIMD layers of an iteration, in percent. */
function missingNopsPercent(): number {
  const hardware = hardwarePreset('HT3');
  const machine = new Machine(hardware);
  let [missing, computeCycles] = [0, 0];
  for (const layer of trainingLayers('resnet50', hardware, 'exact')) {
    if (layer.unit !== 'SIMD') continue;
    computeCycles += machine.run(layer, HARDWARE).computeCycles;
    // An update subtracts what it has just multiplied, an average divides what it has just added up.
    if (!/^(sgd-.*|avg-pool|global-avg-pool)$/.test(layer.op)) continue;
    const { c, n, h, w } = layer.sizes;
    missing += (c / hardware.array.columns) * n * h * w * NOP_CYCLES;
  }
  return (100 * missing) / computeCycles;
}

/** Cycles in which the array would wait for weights if filling them took time, hidden where it can be. */
function fillingCycles(layer: SaLayer, rows: number, columns: number): number {
  let cycles = 0;
  for (let step = 0; step < stepsOf(layer); step++) {
    const { extents } = tileOfStep(layer, layer.sizes, step);
    const passes = extents.kh * extents.kw * ceilDiv(extents.ic, rows) * ceilDiv(extents.oc, columns);
    cycles += shadowFillingCycles(rows, passes, extents.oh * extents.ow * extents.n).hidden;
  }
  return cycles;
}

/** The share of a layer in the filling of all of ResNet-50 on HI3, in percent; filling doubles the compute cycles. */
function fillingPercent(name: string): number {
  const hardware = hardwarePreset('HI3');
  const { rows, columns } = hardware.array;
  const layers = inferenceLayers('resnet50', hardware).filter((layer): layer is SaLayer => layer.unit === 'SA');
  const cycles = new Map(layers.map((layer) => [layer.name, fillingCycles(layer, rows, columns)]));
  const all = [...cycles.values()].reduce((sum, each) => sum + each, 0);
  const machine = new Machine(hardware);
  const computeCycles = layers.reduce((sum, layer) => sum + machine.run(layer, HARDWARE).computeCycles, 0);
  if (Math.abs(all / computeCycles - 1) > 0.05) throw new Error(`filling takes ${all / computeCycles} of compute`);
  return (100 * cycles.get(name)!) / all;
}

/** How many random cases a test takes in the suite; under `npm run verify` it takes ten times as many. */
const sampleOf = (test: string): number => quoted(test, /sample\((?<cases>\d+)\)/)['cases']!;

export const proofFigures: readonly Figures[] = [
  ...trainingFigures,
  {
    text: 'rounded twice: {three} → {two} → {one} and {otherThree} → {otherTwo} → {otherOne}.',
    are: () => {
      const three = nonConvShares('resnet50', 'HT2', 'published')[2]!;
      const otherThree = nonConvShares('resnet18', 'HT1', 'published')[2]!;
      const twice = (share: number): number => Math.round(10 * Number(share.toFixed(2)) + 1e-9) / 10;
      return { three, two: three, one: twice(three), otherThree, otherTwo: otherThree, otherOne: twice(otherThree) };
    },
    isLong: true,
  },
  {
    text: 'for {networks} tiny random networks ({more} under `npm run verify`)',
    are: () => {
      const networks = sampleOf('test/workload/trainingIsRight.test.ts');
      return { networks, more: 20 * networks };
    },
  },
  {
    text: 'on {layers} random layers with random slots, bandwidths, loop orders, edge tiles and assumptions ({more} under `npm run verify`)',
    are: () => {
      const layers = sampleOf('test/machine/fastForward.test.ts');
      return { layers, more: 20 * layers };
    },
  },
  {
    text: '({nops} % of the SIMD compute of a ResNet-50 iteration on HT3)',
    are: () => ({ nops: missingNopsPercent() }),
  },
  {
    text: "would double the array's compute cycles of ResNet-50 on HI3, {share} % of it in `layer4.0.downsample.conv` with its {oh}×{ow} output tiles.",
    are: () => {
      const name = 'layer4.0.downsample.conv';
      const { oh, ow } = inferenceLayers('resnet50', hardwarePreset('HI3')).find((layer) => layer.name === name)!
        .tile as SaLayer['tile'];
      return { share: fillingPercent(name), oh, ow };
    },
  },
  {
    text: 'The smallest cases, {before} → {after} cycles with twice the ifmap bandwidth and {twoSlots} → {threeSlots} with a third VMem slot,',
    are: () => {
      const expected = file('test/machine/properties.test.ts').matchAll(/HARDWARE\)\)\.toBe\((\d+)\)/g);
      const [before, after, twoSlots, threeSlots] = [...expected].map(([, cycles]) => Number(cycles));
      return { before: before!, after: after!, twoSlots: twoSlots!, threeSlots: threeSlots! };
    },
  },
];
