/**
 * What the JSON of every command must be: its shape, as far as a reader adds it up, and that what is called a total is
 * the sum of its parts. Written from what the README says of the columns, not with the code that makes them.
 */
import { z } from 'zod';
import { INTERFACES } from '../../src/model/machine/observer.ts';

const figure = z.number();
const amounts = z.record(z.string(), figure);

/** A column of figures at any depth. */
type Figures = { readonly [name: string]: number | Figures };
const figures: z.ZodType<Figures> = z.lazy(() => z.record(z.string(), z.union([figure, figures])));

const result = { computeCycles: figure, stallCycles: figure, totalCycles: figure };
const closedForm = z.looseObject(result);
const simulated = z.looseObject({
  ...result,
  waiting: amounts,
  fillCycles: figure,
  tiles: figure,
  steppedTiles: figure,
  jumpedTiles: figure,
});
const bothModels = z.looseObject({ closedForm, simulated });

const side = z.strictObject({ busyCycles: figure, waiting: amounts });
const sides = z.strictObject({ SA: side, SIMD: side });

const busBursts = z.strictObject({
  busBursts: figure,
  busBits: figure,
  forwarded: figure,
  rowHits: figure,
  rowMisses: figure,
  rowConflicts: figure,
  turnarounds: figure,
  latency: z
    .strictObject({
      meanCycles: figure,
      p50Cycles: figure,
      p95Cycles: figure,
      p99Cycles: figure,
      maxCycles: figure,
      histogram: z.array(z.strictObject({ from: figure, to: figure, bursts: figure })),
    })
    .optional(),
});
const busTraffic = { read: busBursts, write: busBursts };
const askedBursts = busBursts.extend({ askedBits: figure });
const askedTraffic = { read: askedBursts, write: askedBursts };
const dramCounts = z.strictObject({
  all: z.strictObject({ refreshes: figure, waitingWrites: figure, ...askedTraffic }),
  channels: z.array(z.strictObject({ channel: figure, refreshes: figure, ...busTraffic })),
  interfaces: z.array(z.strictObject({ interface: z.enum(INTERFACES), waitingWrites: figure, ...askedTraffic })),
  tensors: z.array(z.strictObject({ interface: z.enum(INTERFACES), tensor: z.string(), ...askedTraffic })),
});

const runSchema = z.looseObject({
  assumptions: z.array(z.string()),
  layers: z.array(
    bothModels.extend({ name: z.string(), op: z.string(), unit: z.enum(['SA', 'SIMD']), group: z.string().optional() }),
  ),
  groups: z
    .array(
      z.looseObject({
        name: z.string(),
        totalCycles: figure,
        units: sides,
        closedForm: z.looseObject({ totalCycles: figure, busyCycles: z.strictObject({ SA: figure, SIMD: figure }) }),
      }),
    )
    .optional(),
  totals: z.strictObject({ SA: bothModels, SIMD: bothModels, all: bothModels }),
  seconds: z.strictObject({ closedForm: figure, simulated: figure }),
  utilisation: figures,
  units: sides.optional(),
  dramCounts: dramCounts.optional(),
  energy: z
    .looseObject({
      totals: z.strictObject({ SA: figures, SIMD: figures, all: figures }),
      kinds: z.array(z.looseObject({ op: z.string(), layers: figure, closedForm: figures, simulated: figures })),
    })
    .optional(),
});

const waterfall = z.looseObject({ cycles: amounts, differences: amounts });
const checkSchema = z.looseObject({
  steps: z.array(z.string()),
  layers: z.array(
    waterfall.extend({ name: z.string(), op: z.string(), unit: z.enum(['SA', 'SIMD']), words: z.array(z.string()) }),
  ),
  byOperation: z.record(z.string(), waterfall.extend({ layers: figure })),
  totals: z.looseObject({ SA: waterfall, SIMD: waterfall, all: waterfall }),
  against: z
    .strictObject({
      layers: z.array(z.looseObject({ predicted: figure, simulated: figure })),
      totals: z.looseObject({ predicted: figure, simulated: figure }),
      notPredicted: z.array(z.string()),
    })
    .optional(),
});

const pathPart = z.looseObject({ pathCycles: figure });
const pathSchema = z.looseObject({
  totalCycles: figure,
  pathCycles: figure.optional(),
  resources: z.array(pathPart),
  reasons: z.array(pathPart),
  layers: z.array(pathPart.extend({ byResource: amounts })).optional(),
  segments: z.array(z.looseObject({ from: figure, to: figure })).optional(),
});
const criticalPathSchema = z.looseObject({ criticalPath: pathSchema });
/** Only where layers overlap. */
const networkAround = z.looseObject({ totalCycles: figure }).optional();
const explainSchema = z.looseObject({ simulated, closedForm, network: networkAround, criticalPath: pathSchema });
const explainGroupSchema = z.looseObject({
  group: z.string(),
  totalCycles: figure,
  network: networkAround,
  units: sides,
  criticalPath: pathSchema,
});

const dramSchema = z.looseObject({
  requests: figure,
  reads: figure,
  writes: figure,
  cycles: figure,
  refreshes: figure,
  rowHits: figure,
  rowMisses: figure,
  rowConflicts: figure,
  turnarounds: figure,
  forwarded: figure,
  bandwidthFraction: figure.min(0).max(1),
  askedBandwidthFraction: figure.min(0),
  all: z.strictObject(askedTraffic),
  ports: z.array(z.strictObject({ interface: z.enum(INTERFACES).optional(), finishCycle: figure, ...askedTraffic })),
  channels: z.array(z.strictObject({ channel: figure, refreshes: figure, ...busTraffic })),
  dramEnergy: z.looseObject({ total: amounts }).optional(),
});

const loadSchema = z.looseObject({
  memories: z.array(
    z.looseObject({
      curves: z.array(
        z.looseObject({
          points: z.array(
            z.looseObject({
              load: figure,
              offered: figure,
              achieved: figure.min(0),
              isSaturated: z.boolean(),
              meanReadLatencyCycles: figure.min(0).optional(),
            }),
          ),
          unmeasuredLoads: z.array(figure.min(0)),
        }),
      ),
    }),
  ),
});

const change = z.strictObject({ a: figure, b: figure, difference: figure });
const changes = z.record(z.string(), change);
const diffSchema = z.looseObject({
  cycles: change,
  closedFormCycles: change,
  causes: changes,
  amounts: changes,
  layers: z.array(z.looseObject({ cycles: change, closedFormCycles: change, causes: changes })),
});

const sweepSchema = z.looseObject({
  setting: z.record(z.string(), z.union([z.string(), figure])),
  coverage: z.looseObject({ latticePoints: figure, pointsCovered: figure }),
  pareto: z.array(z.looseObject({ cycles: figure })),
  best: z.looseObject({ cycles: figure }).optional(),
  worst: z.looseObject({ cycles: figure }).optional(),
});

const statistics = z.strictObject({
  cases: figure.min(1),
  meanAbsolute: figure.min(0),
  bias: figure,
  total: figure,
  worst: figure,
  within1: figure.min(0).max(1),
  within5: figure.min(0).max(1),
  within10: figure.min(0).max(1),
  spearman: figure.min(-1.000001).max(1.000001).optional(),
});
const validationSchema = z.looseObject({
  runs: z.array(z.looseObject({ layers: figure, cycles: figure })),
  formulas: z.array(
    z.looseObject({
      notCovered: figure,
      all: statistics.optional(),
      byOperation: z.record(z.string(), statistics),
      byNetwork: z.record(z.string(), statistics),
      byHardware: z.record(z.string(), statistics),
      worst: z.array(z.looseObject({ predicted: figure, simulated: figure, error: figure })),
    }),
  ),
});

const importSchema = z.looseObject({ layers: z.array(z.looseObject({ name: z.string(), op: z.string() })) });

const listSchema = z.looseObject({
  layers: z.array(z.looseObject({ name: z.string(), op: z.string(), sizes: amounts, tile: amounts })),
});

const traceSchema = z.looseObject({
  traceEvents: z.array(z.looseObject({ ph: z.string(), ts: figure.min(0).optional(), dur: figure.min(0).optional() })),
});

/** Fractions are added in some order. */
const TOLERANCE = 1e-9;

/** Thrown where something is not the sum of its parts. */
class NoSum extends Error {}

function expectSum(what: string, total: number, parts: readonly number[]): void {
  const sum = parts.reduce((all, part) => all + part, 0);
  const size = Math.max(Math.abs(total), ...parts.map(Math.abs));
  if (Math.abs(total - sum) <= TOLERANCE * size) return;
  throw new NoSum(`${what} is ${total}, its parts are ${sum}`);
}

/** Every figure of a record, by its path. */
function columns(record: object, path = ''): [string, number][] {
  return Object.entries(record).flatMap(([key, value]): [string, number][] => {
    if (typeof value === 'number') return [[`${path}${key}`, value]];
    return typeof value === 'object' && value !== null ? columns(value as object, `${path}${key}.`) : [];
  });
}

/** Ratios are no sums. */
const isRatio = (name: string): boolean => name.endsWith('peUtilisation');

/** Every column of a total is the sum of that column. */
function expectColumns(what: string, total: object, parts: readonly object[]): void {
  const of = parts.map((part) => new Map(columns(part)));
  for (const [name, value] of columns(total)) {
    if (!isRatio(name))
      expectSum(
        `${what}.${name}`,
        value,
        of.map((each) => each.get(name) ?? 0),
      );
  }
}

type Simulated = z.infer<typeof simulated>;
type BothModels = Readonly<z.infer<typeof bothModels>>;

/** Where layers overlap, a layer's cycles are what it comes later than those before, not what its unit did for it. */
function expectCycles(what: string, { closedForm, simulated }: BothModels, isOverlapped = false): void {
  expectSum(`${what}.closedForm.totalCycles`, closedForm.totalCycles, [
    closedForm.computeCycles,
    closedForm.stallCycles,
  ]);
  if (!isOverlapped) {
    expectSum(`${what}.simulated.totalCycles`, simulated.totalCycles, [simulated.computeCycles, simulated.stallCycles]);
  }
  expectSum(`${what}.simulated.stallCycles`, simulated.stallCycles, Object.values(simulated.waiting));
}

function expectTiles(what: string, { tiles, steppedTiles, jumpedTiles }: Simulated): void {
  expectSum(`${what}.tiles`, tiles, [steppedTiles, jumpedTiles]);
}

const UNITS = ['SA', 'SIMD', 'all'] as const;
const MODELS = ['closedForm', 'simulated'] as const;

type Group = NonNullable<z.infer<typeof runSchema>['groups']>[number];
type Unit = (typeof UNITS)[number];

/** What a fused group adds to the totals of a unit, or of both, in the columns of a layer. */
function partOfGroup({ totalCycles, units }: Group, unit: Unit): object[] {
  const both = unit === 'all' ? ([units.SA, units.SIMD] as const) : [units[unit]];
  const time = both.map(({ busyCycles, waiting }) => {
    const stallCycles = Object.values(waiting).reduce((sum, cycles) => sum + cycles, 0);
    return { computeCycles: busyCycles, stallCycles, waiting };
  });
  return unit === 'all' ? [{ totalCycles }, ...time] : time;
}

/** Its own closed form in the columns of a layer: both of its sides are busy, or wait, all the time. */
function closedFormOfGroup({ closedForm: { busyCycles, ...figures } }: Group): object {
  const computeCycles = busyCycles.SA + busyCycles.SIMD;
  return { ...figures, computeCycles, stallCycles: 2 * figures.totalCycles - computeCycles };
}

/** The energy that it adds: of both of its sides, or of one. */
function energyOfGroup(group: Group, unit: Unit, model: (typeof MODELS)[number]): object {
  const energy = (group['energy'] as Record<string, Record<string, Record<string, number>>>)[model]!;
  if (unit === 'all') return energy;
  const of = unit === 'SA' ? 'peArray' : 'simd';
  const [dynamic, leakage] = [energy['dynamicJoules']![of]!, energy['leakageJoules']![of]!];
  return { dynamicJoules: { [of]: dynamic }, leakageJoules: { [of]: leakage }, totalJoules: dynamic + leakage };
}

type BusBursts = Readonly<z.infer<typeof busBursts>>;

/** A burst is on the bus, a hit or a miss, or answered; latencies are those of all of these. */
function expectBursts(what: string, { busBursts, forwarded, rowHits, rowMisses, latency }: BusBursts): void {
  expectSum(`${what}.busBursts`, busBursts, [rowHits, rowMisses]);
  if (latency === undefined) return;
  const { meanCycles, p50Cycles, p95Cycles, p99Cycles, maxCycles, histogram } = latency;
  const inBins = histogram.map(({ bursts }) => bursts);
  expectSum(`${what}.latency`, busBursts + forwarded, inBins);
  const inOrder = [0, p50Cycles, p95Cycles, p99Cycles, maxCycles].every(
    (value, place, all) => place === 0 || value >= all[place - 1]!,
  );
  const ends = histogram.every(
    ({ from, to }, place) => from <= to && from === (histogram[place - 1]?.to ?? from - 1) + 1,
  );
  if (!inOrder || !ends || meanCycles > maxCycles || histogram.at(-1)!.to < maxCycles)
    throw new NoSum(`${what}: latencies ${JSON.stringify(latency)}`);
}

/** Parts that have bursts in both directions add up to the whole. */
function expectTraffic(
  what: string,
  whole: Readonly<Record<'read' | 'write', object>>,
  parts: readonly Readonly<Record<'read' | 'write', BusBursts>>[],
): void {
  for (const direction of ['read', 'write'] as const) {
    for (const part of parts) expectBursts(`${what}.${direction}`, part[direction]);
    const { latency: _, ...counts } = whole[direction] as BusBursts;
    const without = parts.map((part) => ({ ...part[direction], latency: {} }));
    expectColumns(`${what}.${direction}`, counts, without);
  }
}

/** What a channel does not know. */
function withoutAsked<Bursts extends { askedBits: number }>({ askedBits: _, ...onBus }: Bursts): object {
  return onBus;
}

/** Channels, interfaces and tensors each add up to all of it, and that to what the layers have. */
function expectDramCounts({ all, channels, interfaces, tensors }: z.infer<typeof dramCounts>, layers: object): void {
  const { refreshes, waitingWrites, read, write } = all;
  expectTraffic('all', all, [all]);
  expectTraffic('channels', { read: withoutAsked(read), write: withoutAsked(write) }, channels);
  expectTraffic('interfaces', all, interfaces);
  expectTraffic('tensors', all, tensors);
  expectColumns('dramCounts.all', { refreshes }, channels);
  expectColumns('dramCounts.all', { waitingWrites }, interfaces);
  const {
    bursts: accepted,
    writtenBursts,
    activates,
    readCommands,
    writeCommands,
    ...sums
  } = z.record(z.string(), figure).parse(layers);
  const served = [read.busBursts, read.forwarded, write.busBursts, write.forwarded];
  expectSum('bursts', accepted!, [...served, waitingWrites]);
  expectSum('writtenBursts', writtenBursts!, [write.busBursts, write.forwarded, waitingWrites]);
  expectSum('readCommands', readCommands!, [read.busBursts]);
  expectSum('writeCommands', writeCommands!, [write.busBursts]);
  expectColumns('memory', sums, [{ ...read, latency: {} }, { ...write, latency: {} }, { refreshes }]);
  // A row may be opened for a request that is not served yet.
  const opened = activates! - read.rowMisses - write.rowMisses;
  if (opened < 0 || opened > waitingWrites) throw new NoSum(`${opened} rows opened for ${waitingWrites} writes`);
}

function checkRun(value: unknown): void {
  const { assumptions, layers, groups = [], totals, energy, units, dramCounts: counts } = runSchema.parse(value);
  const { memory } = totals.all.simulated;
  if (counts !== undefined) expectDramCounts(counts, memory as object);
  // What is fused is a unit's time and no layer's.
  const isOverlapped = units !== undefined || groups.length > 0;
  const isByGroup = groups.length > 0 && assumptions.includes('lockstep');
  for (const layer of layers) {
    expectCycles(layer.name, layer, isOverlapped);
    expectTiles(layer.name, layer.simulated);
  }
  for (const [unit, { busyCycles, waiting }] of Object.entries(units ?? {})) {
    expectSum(`units.${unit}`, totals.all.simulated.totalCycles, [busyCycles, ...Object.values(waiting)]);
  }
  for (const unit of UNITS) {
    const ofUnit = layers.filter((layer) => unit === 'all' || layer.unit === unit);
    if (!isByGroup) expectCycles(unit, totals[unit], isOverlapped);
    for (const model of MODELS) {
      const parts: object[] = ofUnit.map((layer) => layer[model]);
      if (model === 'simulated') parts.push(...groups.flatMap((group) => partOfGroup(group, unit)));
      if (model === 'closedForm' && unit === 'all' && isByGroup) {
        // Useful work is the members' all the same.
        const apart = ofUnit.map(({ group, closedForm: { useful, issued, ...figures } }) => {
          return group === undefined ? { useful, issued, ...figures } : { useful, issued };
        });
        parts.splice(0, parts.length, ...apart, ...groups.map(closedFormOfGroup));
      }
      expectColumns(`totals.${unit}.${model}`, totals[unit][model], parts);
      if (energy === undefined) continue;
      const energies = [
        ...ofUnit.map((layer) => (layer['energy'] as Record<string, object>)[model]!),
        ...groups.map((group) => energyOfGroup(group, unit, model)),
      ];
      const { [model]: total } = energy.totals[unit] as Record<string, Record<string, Figures | number>>;
      expectColumns(`energy.${unit}.${model}`, total!, energies);
      const { totalJoules, ...components } = total!;
      expectSum(
        `energy.${unit}.${model}.totalJoules`,
        totalJoules as number,
        columns(components).map(([, joules]) => joules),
      );
    }
  }
  if (energy !== undefined)
    expectSum(
      'energy.kinds',
      layers.length + groups.length,
      energy.kinds.map((kind) => kind.layers),
    );
}

function expectWaterfall(
  what: string,
  { cycles, differences }: z.infer<typeof waterfall>,
  steps: readonly string[],
): void {
  const added = steps.slice(1).map((step) => differences[step]!);
  expectSum(`${what}: ${steps.at(-1)}`, cycles[steps.at(-1)!]!, [cycles[steps[0]!]!, ...added]);
}

function checkCheck(value: unknown): void {
  const { steps, layers, byOperation, totals, against } = checkSchema.parse(value);
  const all = [...layers.map((layer) => [layer.name, layer] as const), ...Object.entries(byOperation)];
  for (const [name, each] of all) expectWaterfall(name, each, steps);
  for (const unit of UNITS) {
    const group = layers.filter((layer) => unit === 'all' || layer.unit === unit);
    expectWaterfall(unit, totals[unit], steps);
    expectColumns(unit, { cycles: totals[unit].cycles }, group);
  }
  for (const [op, total] of Object.entries(byOperation)) {
    const group = layers.filter((layer) => layer.op === op);
    expectSum(
      op,
      total.layers,
      group.map(() => 1),
    );
    expectColumns(op, { cycles: total.cycles }, group);
  }
  if (against !== undefined) {
    for (const column of ['predicted', 'simulated'] as const) {
      expectSum(
        `against.${column}`,
        against.totals[column],
        against.layers.map((layer) => layer[column]),
      );
    }
  }
}

function checkExplain(value: unknown): void {
  const group = explainGroupSchema.safeParse(value).data;
  if (group !== undefined) {
    const { units, totalCycles, network: around, criticalPath } = group;
    for (const [unit, { busyCycles, waiting }] of around === undefined ? Object.entries(units) : []) {
      expectSum(`units.${unit}`, totalCycles, [busyCycles, ...Object.values(waiting)]);
    }
    checkExplainedPath(criticalPath, totalCycles, around);
    return;
  }
  const explained = explainSchema.parse(value);
  const { simulated: result, network: around, criticalPath } = explained;
  expectCycles('the layer', explained, around !== undefined);
  expectTiles('the layer', result);
  checkExplainedPath(criticalPath, result.totalCycles, around);
}

/** The path of what is explained, or its part of that of the network around it. */
function checkExplainedPath(
  path: z.infer<typeof pathSchema>,
  ownCycles: number,
  around: z.infer<typeof networkAround>,
): void {
  expectSum('criticalPath', around?.totalCycles ?? ownCycles, [path.totalCycles]);
  if (around === undefined) {
    checkPath(path);
    return;
  }
  const { pathCycles = Number.NaN, resources, reasons, segments = [] } = path;
  for (const parts of [resources, reasons]) {
    expectSum(
      'pathCycles',
      pathCycles,
      parts.map((each) => each.pathCycles),
    );
  }
  expectSum(
    'segments',
    pathCycles,
    segments.map(({ from, to }) => to - from),
  );
}

/** Every cycle of a path belongs to one segment, one resource, one reason and one layer. */
function checkPath({ totalCycles, resources, reasons, layers, segments }: z.infer<typeof pathSchema>): void {
  for (const parts of [resources, reasons, ...(layers === undefined ? [] : [layers])]) {
    expectSum(
      'criticalPath',
      totalCycles,
      parts.map(({ pathCycles }) => pathCycles),
    );
  }
  for (const { pathCycles, byResource } of layers ?? []) expectSum('pathCycles', pathCycles, Object.values(byResource));
  if (segments === undefined) return;
  const ends = [0, ...segments.map(({ to }) => to)];
  for (const [place, { from }] of segments.entries()) expectSum('from', from, [ends[place]!]);
  expectSum('the last segment', totalCycles, [ends.at(-1)!]);
}

/** What a memory does not keep up with ends a curve, and has no latency. */
function checkLoad(value: unknown): void {
  for (const { points, unmeasuredLoads } of loadSchema.parse(value).memories.flatMap(({ curves }) => curves)) {
    if (unmeasuredLoads.length > 0 && !points.at(-1)!.isSaturated) throw new NoSum('loads left out without a reason');
    for (const [place, { isSaturated, meanReadLatencyCycles }] of points.entries()) {
      if (isSaturated && place !== points.length - 1) throw new NoSum('a saturated memory under more load');
      if (isSaturated && meanReadLatencyCycles !== undefined) throw new NoSum('a latency without a limit');
    }
  }
}

function checkDram(value: unknown): void {
  if (typeof value === 'object' && value !== null && 'memories' in value) {
    checkLoad(value);
    return;
  }
  const result = dramSchema.parse(value);
  const { requests, reads, writes, cycles, refreshes, all, ports, channels, dramEnergy } = result;
  expectSum('requests', requests, [reads, writes]);
  expectSum('reads', reads, [all.read.busBursts, all.read.forwarded]);
  expectSum('writes', writes, [all.write.busBursts, all.write.forwarded]);
  for (const name of ['rowHits', 'rowMisses', 'rowConflicts', 'turnarounds', 'forwarded'] as const) {
    expectSum(name, result[name], [all.read[name], all.write[name]]);
  }
  expectTraffic('all', all, [all]);
  expectTraffic('ports', all, ports);
  expectTraffic('channels', { read: withoutAsked(all.read), write: withoutAsked(all.write) }, channels);
  if (dramEnergy !== undefined) {
    const { totalJoules, ...parts } = dramEnergy.total;
    expectSum('dramEnergy', totalJoules!, Object.values(parts));
  }
  expectSum(
    'refreshes',
    refreshes,
    channels.map((channel) => channel.refreshes),
  );
  expectSum('cycles', cycles, [Math.max(0, ...ports.map(({ finishCycle }) => finishCycle))]);
}

function checkDiff(value: unknown): void {
  const { cycles, closedFormCycles, causes, layers } = diffSchema.parse(value);
  const all = [cycles, closedFormCycles, ...layers.flatMap((layer) => [layer.cycles, layer.closedFormCycles])];
  for (const { a, b, difference } of all) expectSum('difference', b, [a, difference]);
  expectSum(
    'cycles',
    cycles.difference,
    layers.map((layer) => layer.cycles.difference),
  );
  for (const each of [{ cycles, causes }, ...layers]) {
    expectSum(
      'causes',
      each.cycles.difference,
      Object.values(each.causes).map(({ difference }) => difference),
    );
  }
}

function checkSweep(value: unknown): void {
  const { coverage, pareto, best, worst } = sweepSchema.parse(value);
  if (coverage.pointsCovered > coverage.latticePoints) throw new NoSum('more points are covered than there are');
  if ((best === undefined) !== (coverage.pointsCovered === 0))
    throw new NoSum('the best of no points, or none of some');
  if ((best === undefined) !== (worst === undefined)) throw new NoSum('a best point without a worst');
  if (best !== undefined && pareto.length === 0) throw new NoSum('no Pareto front');
}

function checkValidation(value: unknown): void {
  const parsed = validationSchema.safeParse(value);
  // Where nothing is compared, files are only checked.
  if (!parsed.success && typeof value === 'object' && value !== null && 'files' in value) return;
  for (const { all, byOperation, byNetwork, byHardware, worst } of validationSchema.parse(value).formulas) {
    for (const groups of [byOperation, byNetwork, byHardware]) {
      const parts = Object.values(groups);
      expectSum(
        'cases',
        all?.cases ?? 0,
        parts.map(({ cases }) => cases),
      );
      expectSum(
        'errors',
        all === undefined ? 0 : all.meanAbsolute * all.cases,
        parts.map(({ meanAbsolute, cases }) => meanAbsolute * cases),
      );
    }
    for (const { predicted, simulated, error } of worst) {
      if (simulated !== 0) expectSum('predicted', predicted, [simulated, error * simulated]);
    }
  }
}

const CHECKS: Readonly<Record<string, (value: unknown) => void>> = {
  run: checkRun,
  check: checkCheck,
  explain: checkExplain,
  'critical-path': (value) => checkPath(criticalPathSchema.parse(value).criticalPath),
  dram: checkDram,
  diff: checkDiff,
  sweep: checkSweep,
  validate: checkValidation,
  import: (value) => importSchema.parse(value),
  list: (value) => listSchema.parse(value),
  trace: (value) => traceSchema.parse(value),
};

/** What is wrong with the JSON of a command; undefined where its totals are sums and its shape is right. */
export function sumsOf(command: string, value: unknown): string | undefined {
  try {
    CHECKS[command]?.(value);
    return undefined;
  } catch (error) {
    if (error instanceof NoSum || error instanceof z.ZodError) return error.message;
    throw error;
  }
}
