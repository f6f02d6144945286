/** Who is put on trial, and on which runs of which machine. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Estimate, Formula } from '../../model/formulas/formula.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** A network that is tiled for a hardware point. */
export interface ValidationRun {
  readonly network: string;
  /** What results call the hardware point: of a search's points its values too. */
  readonly hardwareName: string;
  /** Of a search's point: its values by their parameters. */
  readonly varied: Readonly<Record<string, number | string>>;
  readonly hardware: Hardware;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly layers: readonly Layer[];
}

/** What says something of the layers of a run: a formula, or numbers of the user's that belong to this run. */
export interface Estimator {
  readonly name: string;
  readonly description?: string | undefined;
  readonly source?: string | undefined;
  readonly columns: readonly string[];
  readonly of: (run: ValidationRun) => (layer: Layer) => Estimate | undefined;
}

/** A formula as an estimator. */
export function estimatorOf(formula: Formula): Estimator {
  const { name, description, source, columns } = formula;
  return {
    name,
    description,
    source,
    columns,
    of: ({ hardware }) => formula.on(hardware).evaluate,
  };
}

/** The machine that formulas are compared with. */
export interface ValidationMachine {
  readonly assumptions: Assumptions;
  readonly dram: DramModel;
  readonly fusion: Fusion;
  readonly fastForward: boolean;
}
