/** The JSON of a run, as far as another run can be compared with it. Fields that are not compared may be there or not. */
import { z } from 'zod';
import { validate } from './parse.ts';

const amounts = z.record(z.string(), z.number());

const runFileSchema = z.looseObject({
  hardware: z.string(),
  workload: z.string(),
  phase: z.string(),
  batch: z.number(),
  layers: z.array(
    z.looseObject({
      name: z.string(),
      op: z.string(),
      unit: z.enum(['SA', 'SIMD']),
      closedForm: z.looseObject({ totalCycles: z.number() }),
      simulated: z.looseObject({
        totalCycles: z.number(),
        computeCycles: z.number(),
        fillCycles: z.number(),
        waiting: amounts,
        dramBits: amounts,
        sramBits: amounts,
        opCounts: amounts,
      }),
    }),
  ),
});

/** A run to compare. */
export type RunFile = Readonly<z.infer<typeof runFileSchema>>;
export type RunFileLayer = RunFile['layers'][number];

/** Validates the parsed JSON of a run; throws an InputError that names the first thing wrong. */
export function parseRunFile(value: unknown, file: string): RunFile {
  return validate(runFileSchema, value, file);
}
