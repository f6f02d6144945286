/** The sweep file: which parameters vary, what must hold between them, what is sought. */
import { z } from 'zod';
import { VARIANTS } from '../../model/analytical/multipliers.ts';
import { FUSIONS } from '../../model/fusion/groups.ts';
import { amountUpTo, BOUNDS, countUpTo, numberWithin, positiveUpTo } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { validate } from '../../model/schemas/parse.ts';
import { DEPTHWISE_UNITS } from '../../model/workload/depthwise.ts';
import { EXPANSIONS } from '../../model/workload/expansion.ts';
import { isOfMemory } from './setting.ts';

const quantity = numberWithin(BOUNDS.quantity);

const rangeSchema = z.strictObject({
  from: quantity,
  to: quantity.describe('The last value, if the steps meet it.'),
  step: positiveUpTo(BOUNDS.quantity).optional().describe('Each value is this much more than the one before.'),
  factor: quantity.gt(1).optional().describe('Each value is this many times the one before: 2 for powers of two.'),
});

const valuesSchema = z.union(
  [
    z.array(z.union([quantity, z.string()], { error: 'a number or a string' })).min(1),
    rangeSchema,
    z.string().describe('An expression of other parameters, from which the value follows: "2 * sramKiB.wbuf".'),
  ],
  {
    error: 'a list of values, {from, to, step}, {from, to, factor} or an expression',
  },
);

const budgetSchema = z.strictObject({
  quantity: z.string().describe('An expression of parameters, e.g. totalSramKiB.'),
  budget: positiveUpTo(BOUNDS.quantity),
  minusPercent: amountUpTo(BOUNDS.wholePercent).default(0).describe('How far below the budget it may lie.'),
  plusPercent: amountUpTo(BOUNDS.percent).default(0).describe('How far above the budget it may lie.'),
});

/** What a sweep can minimise. */
export const OBJECTIVES = ['cycles', 'joules', 'jouleSeconds', 'totalSramKiB', 'totalBitsPerCycle'] as const;
export type Objective = (typeof OBJECTIVES)[number];

export const SWEEP_MODELS = ['closed-form', 'simulated'] as const;
export type SweepModel = (typeof SWEEP_MODELS)[number];

const dramField = z
  .string()
  .min(1)
  .default('ideal')
  .describe(
    'DRAM of the simulation: ideal, a preset or a file. Real DRAM is at rest when a layer begins, unless layers overlap or are fused at some point of the sweep.',
  );

const rerankSchema = z.strictObject({
  top: countUpTo(BOUNDS.reranked).describe('How many of the best points by the first objective.'),
  model: z.enum(SWEEP_MODELS),
  dram: dramField,
});

export const sweepSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    hardware: z.string().min(1).describe('Hardware preset or file: what does not vary stays as it is there.'),
    workload: z.string().min(1).describe('Network preset or file.'),
    phase: z.enum(['inference', 'training']).default('inference'),
    batch: countUpTo(BOUNDS.batch)
      .optional()
      .describe('Images per batch; 1 in inference and 32 in training unless given.'),
    expansion: z.enum(EXPANSIONS).default('exact').describe('What a training iteration consists of.'),
    parameters: z
      .record(z.string(), valuesSchema)
      .describe(
        'What varies: paths in the hardware file (sramKiB.wbuf) and, behind "dram.", in the memory\'s (dram.timing.CL), dram.layout, dram.sharing; hardware, workload, dram, energy by name; batch, phase, expansion, depthwise, closedForm, assume, fuse. The last runs fastest.',
      ),
    constraints: z
      .array(z.string())
      .default([])
      .describe(
        'What must hold, as expressions of parameters, e.g. "sramKiB.wbuf <= 2 * sramKiB.ibuf" or "100 <= totalSramKiB <= 200".',
      ),
    budgets: z.array(budgetSchema).default([]).describe('Quantities that must lie near a budget.'),
    objectives: z
      .array(z.enum(OBJECTIVES))
      .min(1)
      .default(['cycles'])
      .describe('What to minimise: the first decides the best and the worst point, all together the Pareto front.'),
    model: z.enum(SWEEP_MODELS).default('closed-form'),
    closedForm: z.enum(VARIANTS).default('published').describe('How the closed form rounds.'),
    assume: z
      .string()
      .default('hardware')
      .describe('The assumptions of the simulation: hardware, paper, or a list such as "lockstep,keep-resident".'),
    depthwise: z.enum(DEPTHWISE_UNITS).optional().describe('Where depthwise convs run, whatever the workload says.'),
    fuse: z
      .enum(FUSIONS)
      .default('none')
      .describe('Which SIMD layers take the tiles of the layer before them over on chip, in the simulation.'),
    dram: dramField,
    energy: z.string().min(1).optional().describe('Energy file, or fit; joules and jouleSeconds need one.'),
    rerank: z
      .union([rerankSchema, z.array(rerankSchema)], { error: '{top, model, dram} or a list of them' })
      .default([])
      .describe('Ranks the best points again by other models.'),
    sensitivity: z
      .union(
        [z.literal('best'), z.record(z.string(), z.union([quantity, z.string()], { error: 'a number or a string' }))],
        {
          error: '"best" or a value for every parameter that varies',
        },
      )
      .default('best')
      .describe('The point around which each parameter is varied alone.'),
    plots: z
      .enum(['all', 'none'])
      .default('all')
      .describe('Whether pareto.svg, heat-map.svg and sensitivity.svg are drawn.'),
    heatMap: z
      .array(z.string())
      .length(2)
      .optional()
      .describe('The two parameters of the heat map; those that move the first objective most unless given.'),
    points: z
      .enum(['all', 'none'])
      .default('all')
      .describe('Whether every point becomes a row of points.csv and points.parquet.'),
  })
  .meta({ title: 'Systole design-space sweep' });

/** A validated sweep file. */
export type SweepSpec = Readonly<z.infer<typeof sweepSchema>>;

/** A ranking of the best points by another model. */
export type Rerank = Exclude<SweepSpec['rerank'], readonly unknown[]>;

/** A model as the sweep's costs are kept under: `closed-form`, `simulated`, `simulated on HBM2`. */
export function modelName({ model, dram }: { readonly model: SweepModel; readonly dram: string }): string {
  return model === 'closed-form' || dram === 'ideal' ? model : `${model} on ${dram}`;
}

/** Whether the memory, or something in it, varies. */
export function variesMemory({ parameters }: Pick<SweepSpec, 'parameters'>): boolean {
  return Object.keys(parameters).some(isOfMemory);
}

/** The model of a sweep itself, by the name of its costs. */
export function ownModel(spec: SweepSpec): string {
  return variesMemory(spec) ? `${spec.model} on varying memory` : modelName(spec);
}

/** The rankings that a spec asks for beside its own. */
export function reranksOf({ rerank }: SweepSpec): readonly Rerank[] {
  return Array.isArray(rerank) ? rerank : [rerank];
}

/** Where a ranking stands in the file. */
export function rerankPath({ rerank }: SweepSpec, place: number): string {
  return Array.isArray(rerank) ? `rerank[${place}]` : 'rerank';
}

/** What a parameter must be to be one. */
export const PARAMETER_IN_WORDS =
  'a number of the hardware file, batch, workload or phase, or something else that a run takes';

/** Throws an InputError for a parameter of the one name that the schema's records leave out without a word. */
function refuseProto(value: unknown, file: string): void {
  const { parameters } = (value ?? {}) as { readonly parameters?: unknown };
  if (typeof parameters !== 'object' || parameters === null || !Object.hasOwn(parameters, '__proto__')) return;
  const given: unknown = Object.getOwnPropertyDescriptor(parameters, '__proto__')!.value;
  throw new InputError({ file, path: 'parameters.__proto__', value: given, expected: PARAMETER_IN_WORDS });
}

/** Validates a parsed sweep file; throws an InputError that names the first thing wrong. */
export function parseSweep(value: unknown, file: string): SweepSpec {
  refuseProto(value, file);
  return validate(sweepSchema, value, file);
}
