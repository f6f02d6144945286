/** The README's figures of formulas on trial. */
import type { ValidatedFormula, ValidationReport } from '../../src/views/report/validationReport.ts';
import type { Figures } from './figures.ts';
import { outputOf, quoted } from './outputs.ts';

const validate = (options: string): ValidationReport => outputOf(`validate ${options}`) as ValidationReport;

const IN_ORDER = [
  ...['ceiling', 'corner', 'memory-levels', 'no-stall', 'onnxim', 'published', 'roofline', 'scale-sim', 'simplified'],
];
const POINTS = '-c HI1,HI2,HI3 -t resnet18,resnet50 --top 1';
const WALK = ['mine', 'mended'].map((name) => `test/formulas/${name}.formula.json`);

/** All formulas that come along, and the two of the walk, with ideal DRAM, and the first with HBM2. */
const ideal = (name: string): ValidatedFormula =>
  validate(`${[...IN_ORDER, ...WALK].join(' ')} ${POINTS}`).formulas.find((each) => each.name === name)!;
const onHbm2 = (name: string): ValidatedFormula =>
  validate(`${IN_ORDER.join(' ')} -c HI3 -t resnet18 --dram HBM2 --top 0`).formulas.find((each) => each.name === name)!;

const percent = (share: number): number => 100 * share;

/** A row of the table; the layer that it names must be the worst. */
function row(name: string, layer: string, network: string, hardware: string): Figures {
  return {
    text: `| \`${name}\` | {mean} | {sum} | {worst}: \`${layer}\` of ${network} on ${hardware} | {onHbm2} |`,
    are: () => {
      const { all, worst } = ideal(name);
      const [first] = worst;
      const where = `${first!.layer} of ${first!.network.replace('resnet', 'ResNet-')} on ${first!.hardware}`;
      if (where !== `${layer} of ${network} on ${hardware}`) throw new Error(`${name} is most wrong of ${where}`);
      return {
        mean: percent(all!.meanAbsolute),
        sum: percent(all!.total),
        worst: percent(first!.error),
        onHbm2: percent(onHbm2(name).all!.meanAbsolute),
      };
    },
  };
}

export const formulaFigures: readonly Figures[] = [
  row('published', 'layer4.0.downsample.conv', 'ResNet-50', 'HI2'),
  row('ceiling', 'layer4.0.conv2', 'ResNet-50', 'HI2'),
  row('corner', 'layer4.0.conv2', 'ResNet-50', 'HI2'),
  row('no-stall', 'fc', 'ResNet-18', 'HI3'),
  row('simplified', 'layer4.0.downsample.conv', 'ResNet-18', 'HI3'),
  row('memory-levels', 'layer2.0.conv2', 'ResNet-18', 'HI1'),
  row('scale-sim', 'layer4.0.conv1', 'ResNet-18', 'HI3'),
  row('onnxim', 'layer2.0.downsample.conv', 'ResNet-18', 'HI3'),
  row('roofline', 'conv1', 'ResNet-18', 'HI3'),
  {
    text: "its layers are off by {before} % on average: `layer4.0.conv2` takes {taken} cycles on HI2, not {said}. Its tile is one pixel, the weights stay for all pixels, and the formula waits for them each time. With the weights' transfer shared by the tiles for which they stay, `transfer_w / (M_n * M_oh * M_ow)` in `test/formulas/mended.formula.json`, {after} % are left; the worst layer says what is next: the last tile of {tile} channels holds {rest}.",
    are: () => {
      const [mine, mended] = [ideal('mine'), ideal('mended')];
      const [worst, next] = [mine.worst[0]!, mended.worst[0]!];
      if (worst.layer !== 'layer4.0.conv2' || worst.hardware !== 'HI2') throw new Error('another layer is the worst');
      const { rest, tile } = /the last ic tile is (?<rest>\d+) of (?<tile>\d+)/.exec(next.lacks.words)!.groups!;
      return {
        before: percent(mine.all!.meanAbsolute),
        taken: worst.simulated,
        said: worst.predicted,
        after: percent(mended.all!.meanAbsolute),
        tile: Number(tile),
        rest: Number(rest),
      };
    },
  },
  {
    text: 'takes {cycles} layers a second for cycles and {columns} for all columns',
    are: () => ({
      ...quoted('bench/RESULTS.md', /file, cycles alone \| (?<cycles>[\d,]+)/),
      ...quoted('bench/RESULTS.md', /file, all fifteen columns \| (?<columns>[\d,]+)/),
    }),
  },
];
