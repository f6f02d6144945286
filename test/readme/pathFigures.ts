/** The README's figures of critical paths. */
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { PathReport } from '../../src/views/report/pathReport.ts';
import { namedLayer } from '../support/drawnLayers.ts';
import type { Figures } from './figures.ts';
import { outputOf, quoted } from './outputs.ts';

type Path = Pick<PathReport['criticalPath'], 'totalCycles' | 'resources'>;

/** What the explanation of a layer among others says of what there could be twice of. */
interface Overlapped {
  readonly network: { readonly totalCycles: number };
  readonly reliefs: readonly {
    readonly resources: readonly string[];
    readonly amounts: readonly number[];
    readonly doubledCycles: number;
  }[];
}

const pathOf = (command: string): Path => (outputOf(command) as { readonly criticalPath: Path }).criticalPath;

/** The share of a resource of the path, in percent, and what twice of it saves in a run (cycles) and at best (percent). */
function resourceOf({ totalCycles, resources }: Path, name: string) {
  const found = resources.find(({ resource }) => resource === name)!;
  return {
    share: (100 * found.pathCycles) / totalCycles,
    saves: totalCycles - (found.twiceRunCycles ?? totalCycles),
    atBest: 100 * (1 - found.twiceBoundCycles / totalCycles),
  };
}

/** Cycles of a layer of ResNet-50 on HI3 with three slots for weights, each as large as one of the two. */
function withThirdSlot(layer: string): number {
  const { layer: tiled, hardware } = namedLayer('resnet50', layer, 'HI3');
  const slots = { ...hardware.slots, wbuf: hardware.slots.wbuf + 1 };
  return new Machine({ ...hardware, slots }).run(tiled, HARDWARE).totalCycles;
}

export const pathFigures: readonly Figures[] = [
  {
    text: 'Of {layers} random layers (under `npm run verify`) every start is accounted for',
    are: () => ({ layers: quoted('test/criticalPath/properties.test.ts', /isLong \? (?<cases>\d+)/)['cases']! }),
  },
  {
    text: "is the load of weights, {weights} of {cycles} cycles, each waiting for a slot: WBuf's two hold a tile of {large} channels and one of {small} in turn, so nothing hides the long load. Twice of any interface saves at most {most} %; a third slot of the same size ends it at {third} cycles.",
    are: () => {
      const path = pathOf('explain --hardware HI3 --workload resnet50 --layer layer4.0.conv2');
      const { sizes, tile } = namedLayer('resnet50', 'layer4.0.conv2', 'HI3').layer as unknown as Record<
        'sizes' | 'tile',
        { readonly ic: number }
      >;
      const saved = path.resources.map(({ resource }) => resourceOf(path, resource).saves);
      return {
        weights: path.resources.find(({ resource }) => resource === 'weight')!.pathCycles,
        cycles: path.totalCycles,
        large: tile.ic,
        small: sizes.ic - tile.ic,
        most: (100 * Math.max(...saved)) / path.totalCycles,
        third: withThirdSlot('layer4.0.conv2'),
      };
    },
  },
  {
    text: 'AlexNet on HI3 waits for the weight interface in {share} % of its time, and twice its bandwidth saves {saves} cycles:',
    are: () => {
      const { share, saves } = resourceOf(pathOf('critical-path -c HI3 -t alexnet'), 'weight');
      return { share, saves };
    },
  },
  {
    text: 'A training iteration of ResNet-50 on HT3 waits for it in {pes} % of the time, for the vmem interface in {vmem} % and for the SIMD pipeline in {simd} %: a PE array twice as fast would save {twice} % at best.',
    are: () => {
      const path = pathOf('critical-path -c HT3 -t resnet50 --phase training');
      const pes = resourceOf(path, 'peArray');
      return {
        pes: pes.share,
        vmem: resourceOf(path, 'vmem').share,
        simd: resourceOf(path, 'simdPipeline').share,
        twice: pes.atBest,
      };
    },
    isLong: true,
  },
  {
    text: 'With {columns} columns instead of {now} ResNet-18 on HI3 takes {change} % more cycles under `prefetch`, {doubled} instead of {cycles}, though most layers of {wide} channels and more get faster: channels are padded to the columns, so that SIMD layers of {narrow} move twice their bits and compute no sooner.',
    are: () => {
      const { reliefs, network } = outputOf('explain -c HI3 -t resnet18 --layer conv1 --assume prefetch') as Overlapped;
      const { amounts, doubledCycles } = reliefs.find(({ resources }) => resources[0] === 'columns')!;
      const cycles = network.totalCycles;
      const now = amounts[0]!;
      const wide = 2 * now;
      return {
        columns: wide,
        wide,
        now,
        narrow: now,
        change: 100 * (doubledCycles / cycles - 1),
        doubled: doubledCycles,
        cycles,
      };
    },
  },
  {
    text: "And `conv1`'s weights for {columns} channels, {bytes} bytes, no longer fit a slot of WBuf: its kernel comes in {passes} passes,",
    are: () => {
      const { hardware, layer, retile } = namedLayer('resnet18', 'conv1', 'HI3');
      const { rows, columns } = hardware.array;
      const { kh, kw } = (layer as SaLayer).sizes;
      const { tile } = retile({ ...hardware, array: { rows, columns: 2 * columns } }) as SaLayer;
      return {
        columns: 2 * columns,
        bytes: (kh * kw * rows * 2 * columns * hardware.bits.weight) / 8,
        passes: Math.ceil(kh / tile.kh) * Math.ceil(kw / tile.kw),
      };
    },
  },
];
