/** The README's figures of searches. */
import type { SweepReport } from '../../src/views/report/sweepReport.ts';
import { temporaryFile, temporaryFolder } from '../support/cli.ts';
import type { Figures } from './figures.ts';
import { file, outputOf, paperTarget, quoted, run } from './outputs.ts';

const THREE_MODELS = `sweep three-models-64x64 -o ${temporaryFolder()}`;
const CHAINS = `sweep table-VIII-64x64-chains -o ${temporaryFolder()}`;
const FUSED_BUFFERS = `sweep fused-buffers -o ${temporaryFolder()}`;
const threeModels = (): SweepReport => outputOf(THREE_MODELS) as SweepReport;

/** Points and evaluations, from the note of a table of the paper. */
function counted(target: string): { points: number; evaluations: number } {
  const counts = paperTarget(target)
    .notes.map((note) => /(\d+) points, (\d+) evaluations/.exec(note))
    .find((found) => found !== null)!;
  return { points: Number(counts[1]), evaluations: Number(counts[2]) };
}

export const searchFigures: readonly Figures[] = [
  {
    text: 'The closed form of ResNet-50 takes {microseconds} µs on hardware not seen before.',
    are: () => quoted('bench/RESULTS.md', /cycles only \| (?<microseconds>\d+) µs/),
  },
  {
    text: "SimDIT's Python, which takes {milliseconds} ms a point, it is {cycles} times as fast for cycles alone and {columns} times for all columns of all layers.",
    are: () => {
      const figures = quoted(
        'bench/RESULTS.md',
        /took (?<milliseconds>[\d.]+) ms a point.*: (?<cycles>\d+) times as long as cycles alone, (?<columns>\d+) times as long as all columns/,
      );
      const taken = Number(/SIMDIT_MICROSECONDS = ([\d_]+)/.exec(file('bench/exploring.ts'))![1]!.replace('_', ''));
      if (taken !== 1000 * figures['milliseconds']!) throw new Error(`bench/exploring.ts takes ${taken} µs`);
      return figures;
    },
  },
  {
    text: 'All {points} points up to the {rows}×{columns} budget take {evaluations} evaluations, {seconds} s on one core',
    are: () => ({
      ...counted('X'),
      ...quoted(
        'bench/RESULTS.md',
        /points up to the (?<rows>\d+)×(?<columns>\d+) budget [^|]* \| (?<seconds>[\d.]+) s \|/,
      ),
    }),
    isLong: true,
  },
  {
    text: "simulates the closed form's best hundred of {points} points for the 64×64 array. Its optimum, {wbuf}, {ibuf}, {obuf} and {vmem} KiB of WBuf, IBuf, OBuf and VMem, falls to rank {rankIdeal} with ideal DRAM ({ideal} cycles) and to rank {rankReal} with HBM2 ({real}). By both the best is the one with WBuf and IBuf exchanged, at the same bandwidths: {bestIdeal} and {bestReal} cycles.",
    are: () => {
      const { best, coverage, rerank } = threeModels();
      const sizesOf = ({ parameters }: { parameters: Readonly<Record<string, unknown>> }): number[] =>
        ['wbuf', 'ibuf', 'obuf', 'vmem'].map((name) => Number(parameters[`sramKiB.${name}`]));
      const [wbuf, ibuf, obuf, vmem] = sizesOf(best!);
      const [ideal, real] = rerank.map((model) => {
        if (sizesOf(model.best!).join() !== [ibuf, wbuf, obuf, vmem].join()) {
          throw new Error(`the best by ${model.model} is ${sizesOf(model.best!)}`);
        }
        const { rankAgain, valueAgain } = model.points[0]!;
        return { rankAgain, valueAgain, best: model.best!.valueAgain };
      });
      return {
        points: coverage.pointsCovered,
        wbuf: wbuf!,
        ibuf: ibuf!,
        obuf: obuf!,
        vmem: vmem!,
        rankIdeal: ideal!.rankAgain,
        ideal: ideal!.valueAgain,
        rankReal: real!.rankAgain,
        real: real!.valueAgain,
        bestIdeal: ideal!.best,
        bestReal: real!.best,
      };
    },
    isLong: true,
  },
  {
    text: "by Spearman's ρ and Kendall's τ, to {rhoIdeal}/{tauIdeal} between closed form and ideal DRAM and {rhoReal}/{tauReal} between closed form and HBM2, but to {rho}/{tau} between the two simulations:",
    are: () => {
      const { rerank, agreements } = threeModels();
      const [ideal, real] = rerank;
      return {
        rhoIdeal: ideal!.spearman!,
        tauIdeal: ideal!.kendall!,
        rhoReal: real!.spearman!,
        tauReal: real!.kendall!,
        rho: agreements[0]!.spearman!,
        tau: agreements[0]!.kendall!,
      };
    },
    isLong: true,
  },
  {
    text: 'a second slot in VMem, not size: {twoSlots} cycles in chains on HI3 instead of {oneSlot}, and {small} with {kib} KiB each of VMem and OBuf',
    are: () => {
      const { best } = outputOf(FUSED_BUFFERS) as SweepReport;
      const { 'sramKiB.vmem': kib, 'sramKiB.obuf': obuf, 'slots.vmem': slots, fuse } = best!.parameters;
      if (kib !== obuf || slots !== 2 || fuse !== 'chains') throw new Error(`the best has ${kib} and ${obuf} KiB`);
      const hardware = JSON.parse(file('hw/HI3.json')) as { slots: object };
      const two = temporaryFile('two.json', { ...hardware, slots: { ...hardware.slots, vmem: 2 } });
      const cyclesOf = (options: string): number =>
        run(`${options} --workload resnet50 --fuse chains`).totals.all.simulated.totalCycles;
      return {
        twoSlots: cyclesOf(`--hardware ${two}`),
        oneSlot: cyclesOf('--hardware HI3'),
        small: best!.cycles,
        kib: Number(kib),
      };
    },
    isLong: true,
  },
  {
    text: 'of its best hundred it is the {rank}th in chains, {ofOptimum} cycles where another takes {ofBest}',
    are: () => {
      const [chains] = (outputOf(CHAINS) as SweepReport).rerank;
      const [optimum] = chains!.points;
      return { rank: optimum!.rankAgain, ofOptimum: optimum!.valueAgain, ofBest: chains!.best!.valueAgain };
    },
    isLong: true,
  },
];
