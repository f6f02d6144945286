/** The README's figures of networks and of what is read of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/cli.ts';
import type { Figures } from './figures.ts';
import { check, paperTarget, quoted, run } from './outputs.ts';

/** The names of the networks that come with Systole. */
function presetNetworks(): string[] {
  const files = readdirSync(join(root, 'workloads')).filter((name) => !name.endsWith('.schema.json'));
  return files.map((name) => name.replace(/\.json$/, ''));
}

/** Cycles of ResNet-50 with a barrier between layers and without it. */
function prefetched(hardware: string, phase = ''): { before: number; after: number; saved: number; waits: number } {
  const options = `--hardware ${hardware} --workload resnet50${phase}`;
  const before = run(options).totals.all.simulated.totalCycles;
  const { totals, units } = run(`${options} --assume prefetch`);
  const after = totals.all.simulated.totalCycles;
  return { before, after, saved: 100 * (1 - after / before), waits: (100 * units!.SA.waiting.producer) / after };
}

/** mobilenet_v2 with its depthwise convolutions on one of the arrays. */
function depthwiseOn(unit: string, hardware: string): { cycles: number; useful: number; millijoules: number } {
  const { totals, utilisation, energy } = run(
    `--hardware ${hardware} --workload mobilenet_v2 --depthwise ${unit} --energy fit`,
  );
  return {
    cycles: totals.all.simulated.totalCycles,
    useful: 100 * utilisation.usefulPeMacsOverSaCycles,
    millijoules: 1000 * energy!.totals.all.simulated.totalJoules,
  };
}

const depthwiseFigures = ['HI1', 'HI2', 'HI3'].map(
  (hardware): Figures => ({
    text: `| ${hardware} | {cycles}, {useful} %, {energy} mJ | {cyclesOnPes}, {usefulOnPes} %, {energyOnPes} mJ |`,
    are: () => {
      const [lanes, pes] = [depthwiseOn('SIMD', hardware), depthwiseOn('SA', hardware)];
      return {
        ...{ cycles: lanes.cycles, useful: lanes.useful, energy: lanes.millijoules },
        ...{ cyclesOnPes: pes.cycles, usefulOnPes: pes.useful, energyOnPes: pes.millijoules },
      };
    },
  }),
);

/** What the layers on the SIMD array take of a network's runtime. */
const shareFigures = presetNetworks().map(
  (network): Figures => ({
    text: `| ${network} | {inference} | {exact} | {published} |`,
    are: () => {
      const share = (point: string): number =>
        paperTarget('networks').rows.find(({ name }) => name === `${network} on ${point}`)!.simulated!;
      return { inference: share('HI3'), exact: share('HT3, exact'), published: share('HT3, published') };
    },
    isLong: true,
  }),
);

/** Cycles of ResNet-50's inference on HI3 with fused layers. */
function fused(options: string): { cycles: number; saved: number; estimate: number } {
  const { simulated, closedForm } = run(`--hardware HI3 --workload resnet50 ${options}`.trim()).totals.all;
  const apart = run('--hardware HI3 --workload resnet50').totals.all;
  return {
    cycles: simulated.totalCycles,
    saved: 100 * (1 - simulated.totalCycles / apart.simulated.totalCycles),
    estimate: 100 * (1 - closedForm.totalCycles / apart.closedForm.totalCycles),
  };
}

export const networkFigures: readonly Figures[] = [
  ...depthwiseFigures,
  ...shareFigures,
  {
    text: "On SCALE-Sim's own ResNet-18 list on HI3 it says {said} cycles in all, where the machine takes {taken}, but single layers are off by {least} … {most} %:",
    are: () => {
      const list = 'test/importers/scalesim/scalesim_Resnet18.csv';
      const { against } = check(`--hardware HI3 --workload ${list} --against scale-sim`);
      const errors = against!.layers.map(({ error }) => 100 * error);
      const { predicted, simulated } = against!.totals;
      return { said: predicted, taken: simulated, least: Math.min(...errors), most: Math.max(...errors) };
    },
  },
  {
    text: 'or the SIMD side stands still meanwhile; {groups} random ones under `npm run verify`',
    are: () => ({ groups: quoted('test/machine/fastForwardGroups.test.ts', /'1' \? (?<groups>[\d_]+)/)['groups']! }),
  },
  {
    text: 'Under `paper` the machine takes exactly that, {cycles} cycles in chains, and so it does on random groups ({groups} under `npm run verify`)',
    are: () => ({
      cycles: fused('--fuse chains --assume paper').cycles,
      groups: quoted('test/analytical/groupClosedForm.test.ts', /'1' \? (?<groups>\d+)/)['groups']!,
    }),
  },
  {
    text: "ResNet-50's inference on HI3 takes {pairs} cycles in pairs instead of {apart} (−{savedByPairs} %) and {chains} in chains (−{savedByChains} %); with `prefetch` too, {prefetched}. The published tool's own estimate of pairs, which we reproduce, is −{estimate} %",
    are: () => {
      const [pairs, chains] = [fused('--fuse pairs'), fused('--fuse chains')];
      return {
        apart: fused('').cycles,
        pairs: pairs.cycles,
        savedByPairs: pairs.saved,
        estimate: pairs.estimate,
        chains: chains.cycles,
        savedByChains: chains.saved,
        prefetched: fused('--fuse chains --assume prefetch').cycles,
      };
    },
  },
  {
    text: 'Random groups ({groups} under `npm run verify`) and networks ({networks}), forward and backward, carry real data to the right result',
    are: () => ({
      groups: quoted('test/verify/fusedCase.test.ts', /'1' \? (?<groups>[\d_]+)/)['groups']!,
      networks: quoted('test/verify/overlap.test.ts', /'1' \? (?<networks>\d+)/)['networks']!,
    }),
  },
  {
    text: "It saves {saved} % of ResNet-50's inference on HI3 ({before} → {after} cycles) and {ofTraining} % of a training iteration on HT3: most of what is left is the wait for the layer before, {waits} % of the systolic array's time on HI3.",
    are: () => ({ ...prefetched('HI3'), ofTraining: prefetched('HT3', ' --phase training').saved }),
  },
  {
    text: 'The {presets} presets (`systole list workloads`)',
    are: () => {
      return { presets: presetNetworks().length };
    },
  },
  {
    text: 'of a model with {gigabytes} GB of them less than {kilobytes} kB are read.',
    are: () => {
      const test = 'test/importers/onnxFiles.test.ts';
      const { gigabytes } = quoted(test, /[\s\S]*'\d+ GB', (?<gigabytes>\d+) \* 1024 \*\* 3\]/);
      const { kilobytes } = quoted(test, /toBeLessThan\((?<kilobytes>\d+)_000\)/);
      return { gigabytes: gigabytes!, kilobytes: kilobytes! };
    },
  },
];
