/** Figure 5: how far two naive estimates fall short of the closed form's cycles, over all convs of ResNet-50. */
import { closedForm, naiveEstimates } from '../../model/analytical/closedForm.ts';
import { paperLayers } from './networkTables.ts';
import { FIGURE_5 } from './printed.ts';
import { beside, type FigureData, largest, type PaperInputs, type PaperTarget } from './target.ts';

const POINTS = [
  { phase: 'inference', name: 'HI3' },
  { phase: 'training', name: 'HT3' },
] as const;

/** A conv of figure 5. Underestimates are percent of `totalCycles`. */
export type NaiveLayer = {
  readonly phase: (typeof POINTS)[number]['phase'];
  readonly hardware: string;
  readonly layer: string;
  readonly totalCycles: number;
  readonly noStallCycles: number;
  readonly simplifiedCycles: number;
  readonly noStallUnderestimatePct: number;
  readonly simplifiedUnderestimatePct: number;
};

function naiveLayers(inputs: PaperInputs): NaiveLayer[] {
  return POINTS.flatMap(({ phase, name }) => {
    const { hardware, layers } = paperLayers('resnet50', name, inputs);
    return layers
      .filter((layer) => layer.op === 'conv')
      .map((layer): NaiveLayer => {
        const result = closedForm(layer, hardware, 'published');
        const estimates = naiveEstimates(layer, hardware, result);
        const underestimatePct = (cycles: number): number => 100 * (1 - cycles / result.totalCycles);
        return {
          phase,
          hardware: name,
          layer: layer.name,
          totalCycles: result.totalCycles,
          ...estimates,
          noStallUnderestimatePct: underestimatePct(estimates.noStallCycles),
          simplifiedUnderestimatePct: underestimatePct(estimates.simplifiedCycles),
        };
      });
  });
}

const ESTIMATES = [
  ['No-Stall', 'noStallUnderestimatePct', FIGURE_5.noStallPct],
  ['Simplified', 'simplifiedUnderestimatePct', FIGURE_5.simplifiedPct],
] as const;

/** The bars of the plot: per phase the layers where each estimate falls furthest short. */
function bars(data: readonly NaiveLayer[]): FigureData {
  const shown = POINTS.flatMap(({ phase }) => {
    const inPhase = data.filter((layer) => layer.phase === phase);
    return ESTIMATES.map(([, by]) => largest(inPhase, (layer) => layer[by]));
  });
  return shown.flatMap(({ layer, hardware, totalCycles, noStallCycles, simplifiedCycles }) =>
    [
      { estimate: 'No-Stall', cycles: noStallCycles },
      { estimate: 'Simplified', cycles: simplifiedCycles },
      { estimate: 'closed form', cycles: totalCycles },
    ].map(({ estimate, cycles }) => ({
      layer: `${layer} (${hardware})`,
      estimate,
      cyclesOverNoStall: cycles / noStallCycles,
    })),
  );
}

/** Figure 5. */
export function figure5(inputs: PaperInputs): Required<Omit<PaperTarget<readonly NaiveLayer[]>, 'fuse'>> {
  const data = naiveLayers(inputs);
  const rows = ESTIMATES.flatMap(([estimate, by, printed]) => {
    const worst = largest(data, (layer) => layer[by]);
    const overall = beside(`${estimate} underestimates by up to, %`, printed, worst[by], 1);
    const perPhase = POINTS.map(({ phase, name }) => {
      const { layer, [by]: pct } = largest(
        data.filter((each) => each.phase === phase),
        (each) => each[by],
      );
      return beside(`${estimate}, ${phase} on ${name}, up to, % (${layer})`, null, pct, 1);
    });
    return [overall, ...perPhase];
  });
  return {
    target: '5',
    title: 'Figure 5: cycles that No-Stall and Simplified miss, convs of ResNet-50 on 64×64',
    notes: [`the paper shows four layers and does not name them; these are the maxima over all ${data.length} convs`],
    rows,
    data,
    plotted: bars(data),
  };
}
