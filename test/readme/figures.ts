/**
 * The README's sentences with figures, and where each figure comes from. To move a sentence, change its text here; to
 * add one, write `{name}` for each number and say what it is.
 */
import { dramFigures } from './dramFigures.ts';
import { formulaFigures } from './formulaFigures.ts';
import { fuzzFigures } from './fuzzFigures.ts';
import { huntFigures } from './huntFigures.ts';
import { networkFigures } from './networkFigures.ts';
import { check, file, outputOf, quoted, run } from './outputs.ts';
import { paperFigures } from './paperFigures.ts';
import { pathFigures } from './pathFigures.ts';
import { proofFigures } from './proofFigures.ts';
import { searchFigures } from './searchFigures.ts';

/** A sentence, or a part of one. */
export interface Figures {
  /** As it stands in the README, with `{name}` for each figure. */
  readonly text: string;
  /** The figures by name, in the unit in which they are written, not rounded. */
  readonly are: () => Readonly<Record<string, number>>;
  /** It takes more than a few seconds: under `npm run verify`. */
  readonly isLong?: true;
}

const NETWORKS = ['resnet18', 'resnet50'];
const HARDWARE = ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3'];
const optionsOf = (hardware: string): string => (hardware.startsWith('HT') ? ' --phase training' : '');

/** What an explanation says that the figures are read from. */
interface Explained {
  readonly layer: { readonly sizes: Record<string, number>; readonly tile: Record<string, number> };
  readonly closedForm: { readonly totalCycles: number };
  readonly simulated: { readonly totalCycles: number };
  readonly dimensionLevers: readonly {
    readonly dim: string;
    readonly cyclesThen: number;
    readonly more?: { readonly kib: Record<string, number> };
  }[];
  readonly tileLevers: readonly {
    readonly sram: string;
    readonly cyclesThen: number;
    readonly sparedKib: number;
    readonly more: { readonly kib: number; readonly changes: readonly { readonly to: number }[] };
  }[];
  readonly bottleneck: { readonly larger: readonly { readonly amounts: readonly number[]; readonly cycles: number }[] };
}
const explain = (layer: string): Explained =>
  outputOf(`explain --hardware HI3 --workload resnet50 --layer ${layer}`) as Explained;

/** Changes from the first to the last step, in percent, of networks or of all their layers. */
function changes(of: 'networks' | 'layers'): number[] {
  return NETWORKS.flatMap((network) =>
    HARDWARE.flatMap((hardware) => {
      const { totals, layers } = check(`--hardware ${hardware} --workload ${network}${optionsOf(hardware)}`);
      const all = of === 'networks' ? [totals.all] : layers;
      return all.map(({ cycles }) => 100 * (cycles['hardware']! / cycles['published']! - 1));
    }),
  );
}

const HT3 = '--hardware HT3 --workload resnet50 --phase training';

const runFigures: readonly Figures[] = [
  {
    text: "ResNet-50 on HI3 fills {issued} % of the PEs' time with issued MACs, {useful} % with useful ones: three image channels on {rows} rows are {zeros} rows of zeros.",
    are: () => {
      const { utilisation } = run('--hardware HI3 --workload resnet50');
      const { rows } = (JSON.parse(file('hw/HI3.json')) as { array: { rows: number } }).array;
      return {
        issued: 100 * utilisation.peMacsOverSaCycles,
        useful: 100 * utilisation.usefulPeMacsOverSaCycles,
        rows,
        zeros: rows - 3,
      };
    },
  },
  {
    text: '--batch 10000 # {millions} million tiles',
    are: () => ({
      millions: run('--hardware HI1 --workload resnet50 --batch 10000').totals.all.simulated.tiles / 1e6,
    }),
  },
  {
    text: 'so {stepped} of the {tiles} tiles of a ResNet-50 iteration on HT1 are stepped.',
    are: () => {
      const options = '--hardware HT1 --workload resnet50 --phase training --expansion published';
      const { steppedTiles: stepped, tiles } = run(options).totals.all.simulated;
      return { stepped, tiles };
    },
  },
];

const checkFigures: readonly Figures[] = [
  {
    text: 'ResNet-18 and ResNet-50 move by {least} … {most} %, inference on HI1–HI3 and training on HT1–HT3, but single layers by {leastOfLayers} … {mostOfLayers} %.',
    are: () => {
      const [networks, layers] = [changes('networks'), changes('layers')];
      return {
        least: Math.min(...networks),
        most: Math.max(...networks),
        leastOfLayers: Math.min(...layers),
        mostOfLayers: Math.max(...layers),
      };
    },
    isLong: true,
  },
  {
    text: 'On HI3 `layer4.0.conv2` takes {simulated} cycles, not {published}: {channels} input channels in tiles of {tile} are two passes, not {fraction}.',
    are: () => {
      const { simulated, closedForm, layer } = explain('layer4.0.conv2');
      const { sizes, tile } = layer;
      return {
        simulated: simulated.totalCycles,
        published: closedForm.totalCycles,
        channels: sizes['ic']!,
        tile: tile['ic']!,
        fraction: sizes['ic']! / tile['ic']!,
      };
    },
  },
  {
    text: 'Rounding up instead overshoots: {ceiling} % on ResNet-18 over HI1, where the machine ends at {end} %,',
    are: () => {
      const { cycles } = check('--hardware HI1 --workload resnet18').totals.all;
      const change = (step: string): number => 100 * (cycles[step]! / cycles['published']! - 1);
      return { ceiling: change('ceiling'), end: change('hardware') };
    },
  },
  {
    text: 'save {most} % of {convs} weight-gradient convs of ResNet-50 on HT3 (`layer1.2.conv3.dW`: {lockstep} → {free} cycles) and {share} % of all its conv cycles.',
    are: () => {
      const { layers, byOperation } = check(HT3);
      const saved = layers.map(({ cycles, differences }) => (-100 * differences['free-running']!) / cycles['edges']!);
      const most = Math.round(Math.max(...saved));
      const those = layers.filter((_, place) => Math.round(saved[place]!) === most);
      if (!those.every(({ name }) => name.endsWith('.dW'))) throw new Error('not weight gradients alone');
      const { cycles } = layers.find(({ name }) => name === 'layer1.2.conv3.dW')!;
      const convs = byOperation['conv']!;
      return {
        most,
        convs: those.length,
        lockstep: cycles['edges']!,
        free: cycles['free-running']!,
        share: (-100 * convs.differences['free-running']!) / convs.cycles['edges']!,
      };
    },
  },
  {
    text: 'that hazard costs up to {most} % of a layer (`conv1.dW` on HT3)',
    are: () => {
      const shares = check(HT3).layers.map(
        ({ cycles, differences }) => differences['hardware']! / cycles['free-running']!,
      );
      return { most: 100 * Math.max(...shares) };
    },
  },
];

const explainFigures: readonly Figures[] = [
  {
    text: 'Here {more} KiB more of WBuf would hold all {channels} input channels, {then} cycles instead of {now}, while {less} KiB less would change nothing.',
    are: () => {
      const { tileLevers, simulated } = explain('layer4.0.conv2');
      const { more, cyclesThen, sparedKib } = tileLevers.find(({ sram }) => sram === 'wbuf')!;
      return {
        more: more.kib,
        channels: more.changes[0]!.to,
        // biome-ignore lint/suspicious/noThenProperty: the README's word
        then: cyclesThen,
        now: simulated.totalCycles,
        less: sparedKib,
      };
    },
  },
  {
    text: 'The {oh}×{ow} tile of `layer1.0.conv2` grows only with {ibuf} KiB more of IBuf and {obuf} KiB more of OBuf, and then costs {larger} cycles instead of {now}:',
    are: () => {
      const { layer, simulated, dimensionLevers } = explain('layer1.0.conv2');
      const { more, cyclesThen } = dimensionLevers.find(({ dim }) => dim === 'oh')!;
      const { ibuf, obuf } = more!.kib;
      return {
        oh: layer.tile['oh']!,
        ow: layer.tile['ow']!,
        ibuf: ibuf!,
        obuf: obuf!,
        larger: cyclesThen,
        now: simulated.totalCycles,
      };
    },
  },
  {
    text: 'Here that is the columns: {columns} take {cycles} cycles, {more} no fewer.',
    are: () => {
      const [doubled, again] = explain('layer4.0.conv2').bottleneck.larger;
      if (again!.cycles < doubled!.cycles) throw new Error(`${again!.cycles} are fewer than ${doubled!.cycles}`);
      return { columns: doubled!.amounts[0]!, cycles: doubled!.cycles, more: again!.amounts[0]! };
    },
  },
];

/** Times and frame rates are measured by the benchmarks: here they are what was measured last. */
const speedFigures: readonly Figures[] = [
  {
    text: 'It draws {slices} million slices at {frames} frames/s',
    are: () => {
      const { slices } = quoted('bench/RESULTS.md', /(?<slices>[\d,]+) slices in/);
      const { frames } = quoted('bench/RESULTS.md', /\| pan the whole network \| (?<frames>[\d.]+) \|/);
      return { slices: slices! / 1e6, frames: frames! };
    },
  },
  {
    text: 'A ResNet-50 training iteration of {tiles} tiles takes {fast} ms by fast-forward and {stepped} s stepped tile by tile;',
    are: () => {
      const { tiles, stepped, fast } = quoted(
        'bench/RESULTS.md',
        /ResNet-50 training iteration on HT1 \(published\) \| \d+ \| (?<tiles>[\d,]+) \| [\d,]+ \| (?<stepped>[\d.]+) ms \| (?<fast>[\d.]+) ms/,
      );
      return { tiles: tiles!, fast: fast!, stepped: stepped! / 1000 };
    },
  },
  {
    text: '`systole run` of ResNet-50 on HI3 takes {seconds} s and {megabytes} MB,',
    are: () =>
      quoted(
        'bench/RESULTS.md',
        /as a whole process .*: (?<seconds>[\d.]+) to [\d.]+ s \(median\), (?<megabytes>\d+) MB/,
      ),
  },
];

export const FIGURES: readonly Figures[] = [
  ...runFigures,
  ...checkFigures,
  ...explainFigures,
  ...formulaFigures,
  ...huntFigures,
  ...dramFigures,
  ...proofFigures,
  ...networkFigures,
  ...searchFigures,
  ...paperFigures,
  ...pathFigures,
  ...fuzzFigures,
  ...speedFigures,
];
