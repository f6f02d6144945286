/** The JSON of a run, as far as another run can be compared with it. Fields that are not compared may be there or not. */
import { z } from 'zod';
import { BOUNDS, numberWithin } from './bounds.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

const figure = numberWithin(BOUNDS.figure);
const amounts = z.record(z.string(), figure);
const cycles = { totalCycles: figure, computeCycles: figure, stallCycles: figure };
const byModel = z.looseObject({ closedForm: figure, simulated: figure });

const runFileSchema = z.looseObject({
  version: z.string().optional(),
  hardware: z.string(),
  workload: z.string(),
  phase: z.string(),
  batch: figure,
  assumptions: z.array(z.string()).optional(),
  closedFormVariant: z.string().optional(),
  expansion: z.string().optional(),
  dram: z.string().optional(),
  seconds: byModel.optional(),
  energy: z.looseObject({ name: z.string() }).optional(),
  layers: z.array(
    z.looseObject({
      name: z.string(),
      op: z.string(),
      unit: z.enum(['SA', 'SIMD']),
      closedForm: z.looseObject(cycles),
      simulated: z.looseObject({
        ...cycles,
        fillCycles: figure,
        waiting: amounts,
        dramBits: amounts,
        sramBits: amounts,
        opCounts: amounts,
      }),
    }),
  ),
  totals: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  // Where layers overlap: what each unit did all the time.
  units: z.record(z.string(), z.looseObject({ busyCycles: figure, waiting: amounts })).optional(),
});

/** A run to compare. */
export type RunFile = Readonly<z.infer<typeof runFileSchema>>;
export type RunFileLayer = RunFile['layers'][number];

/** The numbers of a record at any depth, by path: `simulated.dramBits.ifmap`. */
export function figuresOf(record: unknown, path = ''): Map<string, number> {
  const figures = new Map<string, number>();
  if (typeof record === 'number') figures.set(path, record);
  if (typeof record !== 'object' || record === null) return figures;
  for (const [key, value] of Object.entries(record)) {
    for (const [name, figure] of figuresOf(value, path === '' ? key : `${path}.${key}`)) figures.set(name, figure);
  }
  return figures;
}

type Complain = (path: string, value: number, expected: string) => never;

/** Fields that the schema does not know are compared too: 1e999 there is no number. */
function checkFinite(record: object, path: string, complain: Complain): void {
  for (const [name, figure] of figuresOf(record, path)) {
    if (!Number.isFinite(figure)) complain(name, figure, 'a finite number');
  }
}

/** What floating point may leave of a sum of fractions. */
const TOLERANCE = 1e-9;

/** Whether two figures are the same: exactly, or nearly where one is a fraction. */
function isSameFigure(a: number, b: number): boolean {
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

/** Cycles by cause must add up, unless layers overlap: a difference that has no cause would be lost. */
function checkLayer(
  { closedForm, simulated }: RunFileLayer,
  path: string,
  isOverlapped: boolean,
  complain: Complain,
): void {
  const { totalCycles, computeCycles, stallCycles, fillCycles, waiting } = simulated;
  const waited = sum(Object.values(waiting));
  if (stallCycles !== waited) complain(`${path}.simulated.stallCycles`, stallCycles, `${waited}, the sum of waiting`);
  if (!isOverlapped && totalCycles !== computeCycles + waited) {
    const expected = `${computeCycles + waited}, the sum of computeCycles and waiting`;
    complain(`${path}.simulated.totalCycles`, totalCycles, expected);
  }
  if (fillCycles > computeCycles) {
    complain(`${path}.simulated.fillCycles`, fillCycles, `at most ${computeCycles}, the computeCycles it is part of`);
  }
  const inAll = closedForm.computeCycles + closedForm.stallCycles;
  if (!isSameFigure(closedForm.totalCycles, inAll)) {
    const expected = `${inAll}, the sum of computeCycles and stallCycles`;
    complain(`${path}.closedForm.totalCycles`, closedForm.totalCycles, expected);
  }
}

/** Figures of totals that are ratios, not sums over layers. */
const RATIOS = ['issued.peUtilisation', 'useful.peUtilisation'];

/** Whether a figure of a layer, by its path, is a ratio, which is not to be added up. */
export function isRatio(name: string): boolean {
  return RATIOS.some((ratio) => name === ratio || name.endsWith(`.${ratio}`));
}

/** The sum of each figure of a model over some layers. */
function sumsOf(layers: readonly RunFileLayer[], model: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const layer of layers) {
    for (const [name, figure] of figuresOf(layer[model])) sums.set(name, (sums.get(name) ?? 0) + figure);
  }
  return sums;
}

/** Totals, where there are any, are what the layers add up to: only layers are compared. */
function checkTotals({ layers, totals = {} }: RunFile, complain: Complain): void {
  for (const [unit, models] of Object.entries(totals)) {
    const ofUnit = layers.filter((layer) => unit === 'all' || layer.unit === unit);
    for (const [model, total] of Object.entries(models)) {
      const sums = sumsOf(ofUnit, model);
      for (const [name, value] of figuresOf(total)) {
        if (isRatio(name)) continue;
        const inAll = sums.get(name) ?? 0;
        if (!isSameFigure(value, inAll)) {
          complain(`totals.${unit}.${model}.${name}`, value, `${inAll}, the sum over its layers`);
        }
      }
    }
  }
}

/** Where layers overlap, each unit works or waits all the time. */
function checkUnits({ layers, units = {} }: RunFile, complain: Complain): void {
  const cycles = sum(layers.map(({ simulated }) => simulated.totalCycles));
  for (const [unit, { busyCycles, waiting }] of Object.entries(units)) {
    const rest = cycles - sum(Object.values(waiting));
    if (busyCycles !== rest) complain(`units.${unit}.busyCycles`, busyCycles, `${rest}, all cycles less its waiting`);
  }
}

/** Validates the parsed JSON of a run; throws an InputError that names the first thing wrong. */
export function parseRunFile(value: unknown, file: string): RunFile {
  const run = validate(runFileSchema, value, file);
  const complain: Complain = (path, got, expected) => {
    throw new InputError({ file, path, value: got, expected });
  };
  checkFinite({ ...run, layers: [] }, '', complain);
  for (const [place, layer] of run.layers.entries()) {
    checkFinite(layer, `layers[${place}]`, complain);
    checkLayer(layer, `layers[${place}]`, run.units !== undefined, complain);
  }
  checkTotals(run, complain);
  checkUnits(run, complain);
  return run;
}
