/** Both models' figures with the useful part of their work beside them, by layer and in all. */
import type { Result } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { LayerOutcome, Totals } from '../../model/network/network.ts';
import { type Work, workInAll } from '../../model/network/work.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** A model's figures, which are those of issued work, with the useful part beside them. */
export type WithWork<Figures extends Result> = Figures & Work;

/** The sums over some layers by both models. */
export interface ReportedTotals {
  readonly closedForm: WithWork<Result>;
  readonly simulated: WithWork<SimulatedResult>;
}

/** Each model's figures of a layer with its work. Layers that are alike share their figures, here as before. */
export class FiguresWithWork {
  private readonly known = new Map<Result, { readonly work: Work; readonly both: WithWork<Result> }>();

  /** One layer's figures by one model with its work by that model. */
  of<Figures extends Result>(figures: Figures, work: Work): WithWork<Figures> {
    const known = this.known.get(figures);
    if (known?.work === work) return known.both as WithWork<Figures>;
    const both = { ...figures, ...work };
    this.known.set(figures, { work, both });
    return both;
  }
}

/** The sums of both models with the useful part of each; `ofGroups`: the array's cycles in fused groups. */
export function withWork(
  totals: Totals,
  outcomes: readonly LayerOutcome[],
  hardware: Hardware,
  ofGroups: number,
): ReportedTotals {
  const workBy = (model: 'closedForm' | 'simulated'): Work =>
    workInAll(
      outcomes.map((each) => ({ layer: each.layer, result: each[model], work: each.work[model] })),
      hardware,
      model === 'simulated' ? ofGroups : 0,
    );
  return {
    closedForm: { ...totals.closedForm, ...workBy('closedForm') },
    simulated: { ...totals.simulated, ...workBy('simulated') },
  };
}
