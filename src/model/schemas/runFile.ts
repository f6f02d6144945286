/** The JSON of a run, as far as another run can be compared with it. Fields that are not compared may be there or not. */
import { z } from 'zod';
import { BOUNDS, numberWithin } from './bounds.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

const figure = numberWithin(BOUNDS.figure);
const amounts = z.record(z.string(), figure);
const cycles = { totalCycles: figure, computeCycles: figure, stallCycles: figure };
const byModel = z.looseObject({ closedForm: figure, simulated: figure });

const time = z.looseObject({ busyCycles: figure, waiting: amounts });

const groupSchema = z.looseObject({
  name: z.string(),
  totalCycles: figure,
  units: z.looseObject({ SA: time, SIMD: time }),
  closedForm: z.looseObject({ totalCycles: figure, busyCycles: z.looseObject({ SA: figure, SIMD: figure }) }),
  energy: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

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
  fuse: z.string().optional(),
  seconds: byModel.optional(),
  energy: z.looseObject({ name: z.string() }).optional(),
  layers: z.array(
    z.looseObject({
      name: z.string(),
      op: z.string(),
      unit: z.enum(['SA', 'SIMD']),
      // Of a member of a fused group: whose.
      group: z.string().optional(),
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
  // Fused groups: their members have no cycles of their own.
  groups: z.array(groupSchema).optional(),
  totals: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  // Where layers overlap: what each unit did all the time.
  units: z.record(z.string(), time).optional(),
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

/** The numbers of both records added up, at any depth. */
function added(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  const sumAt = (key: string): unknown => {
    const [a, b] = [one[key], other[key]];
    if (isRecord(a) && isRecord(b)) return added(a, b);
    return typeof a === 'number' && typeof b === 'number' ? a + b : (a ?? b);
  };
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, sumAt(key)]));
}

type Group = z.infer<typeof groupSchema>;

/** A group's conv or gemm with the group's cycles, waits of the PE array's side, and energy. */
function withGroup(
  layer: RunFileLayer,
  { totalCycles, units, closedForm, energy }: Group,
  isByGroup: boolean,
): RunFileLayer {
  const { busyCycles, waiting } = units.SA;
  const stallCycles = sum(Object.values(waiting));
  const own = {
    totalCycles: closedForm.totalCycles,
    computeCycles: closedForm.busyCycles.SA,
    stallCycles: closedForm.totalCycles - closedForm.busyCycles.SA,
  };
  return {
    ...layer,
    closedForm: isByGroup ? { ...layer.closedForm, ...own } : layer.closedForm,
    simulated: { ...layer.simulated, totalCycles, computeCycles: busyCycles, stallCycles, waiting },
    ...(energy !== undefined && { energy: added(layer['energy'] as Record<string, unknown>, energy) }),
  };
}

/** A SIMD layer of a group: its cycles stand at the conv or gemm before it. */
function withoutCycles(layer: RunFileLayer, isByGroup: boolean): RunFileLayer {
  const none = { totalCycles: 0, computeCycles: 0, stallCycles: 0 };
  return {
    ...layer,
    closedForm: isByGroup ? { ...layer.closedForm, ...none } : layer.closedForm,
    simulated: { ...layer.simulated, ...none, fillCycles: 0, waiting: {} },
  };
}

/** A run whose groups stand at their convs and gemms, so that its layers add up to it. */
function withGroupsAtTheirConvs(run: RunFile, complain: Complain): RunFile {
  const { groups, layers, ...rest } = run;
  if (groups === undefined) return run;
  const byName = new Map(groups.map((group) => [group.name, group] as const));
  const isByGroup = run.assumptions?.includes('lockstep') === true;
  for (const [place, { totalCycles, units }] of groups.entries()) {
    for (const unit of ['SA', 'SIMD'] as const) {
      const { busyCycles, waiting } = units[unit];
      const worked = totalCycles - sum(Object.values(waiting));
      if (run.units === undefined && busyCycles !== worked) {
        const expected = `${worked}, the group's cycles less its waiting`;
        complain(`groups[${place}].units.${unit}.busyCycles`, busyCycles, expected);
      }
    }
  }
  const folded = layers.map((layer) => {
    const group = layer.group === undefined ? undefined : byName.get(layer.group);
    if (group === undefined) return layer;
    return layer.unit === 'SA' ? withGroup(layer, group, isByGroup) : withoutCycles(layer, isByGroup);
  });
  // The totals hold both sides of the groups: they are no sums over these layers.
  const { totals: _, ...others } = rest;
  return { ...others, layers: folded };
}

/**
 * Validates the parsed JSON of a run; throws an InputError that names the first thing wrong. Of fused groups the cycles
 * stand at their convs and gemms.
 */
export function parseRunFile(value: unknown, file: string): RunFile {
  const given = validate(runFileSchema, value, file);
  const complain: Complain = (path, got, expected) => {
    throw new InputError({ file, path, value: got, expected });
  };
  const run = withGroupsAtTheirConvs(given, complain);
  checkFinite({ ...given, layers: [] }, '', complain);
  for (const [place, layer] of run.layers.entries()) {
    checkFinite(layer, `layers[${place}]`, complain);
    checkLayer(layer, `layers[${place}]`, run.units !== undefined, complain);
  }
  checkTotals(run, complain);
  checkUnits(run, complain);
  return run;
}
