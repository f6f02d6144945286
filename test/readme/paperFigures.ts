/** The README's figures of the paper's tables and figures. */
import type { Figures } from './figures.ts';
import { paper, paperTarget } from './outputs.ts';

/** The rows of tables VI and VII that a pattern describes. */
function rowsOf(pattern: RegExp): { readonly printed: number; readonly computed: number }[] {
  return ['VI', 'VII']
    .flatMap((target) => paperTarget(target).rows)
    .filter(({ name }) => pattern.test(name))
    .map(({ printed, computed }) => ({ printed: printed!, computed }));
}

/** The furthest of a bound, rounded up to a decimal: figures are "within" it. */
const within = (distances: readonly number[]): number => Math.ceil(10 * Math.max(...distances)) / 10;

/** The share of the non-conv layers in ResNet-50's simulated runtime, by hardware point and by what is fused. */
function fusedShares(): Record<string, number> {
  const shares = ['none', 'pairs', 'chains'].flatMap((fuse) =>
    paperTarget(fuse === 'none' ? 'VI' : `VI --fuse ${fuse}`)
      .rows.filter(({ name }) => name.endsWith('non-conv runtime, %'))
      .map(({ name, simulated }) => [`${fuse}On${name.slice(0, 3)}`, simulated!] as const),
  );
  return Object.fromEntries(shares);
}

const POINTS = ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3'];

export const paperFigures: readonly Figures[] = [
  {
    text: `| ${POINTS.map((point) => `{noneOn${point}}, {pairsOn${point}}, {chainsOn${point}}`).join(' | ')} |`,
    are: fusedShares,
    isLong: true,
  },
  {
    text: 'to the {figures} power and energy figures of tables VI and VII (power within {power} %, shares within {shares} points)',
    are: () => {
      const [power, shares] = [rowsOf(/total power/), rowsOf(/non-conv energy/)];
      return {
        figures: power.length + shares.length,
        power: within(power.map(({ printed, computed }) => 100 * Math.abs(computed / printed - 1))),
        shares: within(shares.map(({ printed, computed }) => Math.abs(computed - printed))),
      };
    },
    isLong: true,
  },
  {
    text: "32×32's {printed}× ({here}× here), VGG16's {vggPrinted}× ({vgg}×; {vggFrom8}× with BW_w from 8 bits per cycle),",
    are: () => {
      const square = paper('VIII', '32x32 worst over best');
      const vgg = paper('IX', 'vgg16 worst over best');
      const vggFrom8 = paper('IX', 'vgg16 worst over best, BW_w from 8 bits/cycle').computed;
      const { printed, computed: here } = square;
      return { printed, here, vggPrinted: vgg.printed, vgg: vgg.computed, vggFrom8 };
    },
    isLong: true,
  },
  {
    text: "figure 5's maxima ({noStall} % and {simplified} % against {noStallPrinted} % and {simplifiedPrinted} %) and the smallest BW_i in figure 12 ({ifmap}× against {ifmapPrinted}×).",
    are: () => {
      const noStall = paper('5', 'No-Stall underestimates by up to, %');
      const simplified = paper('5', 'Simplified underestimates by up to, %');
      const ifmap = paper('12', 'smallest BW_i (8 bits/cycle), times the optimum');
      return {
        noStall: noStall.computed,
        simplified: simplified.computed,
        noStallPrinted: noStall.printed,
        simplifiedPrinted: simplified.printed,
        ifmap: ifmap.computed,
        ifmapPrinted: ifmap.printed,
      };
    },
  },
];
