/** Program → tiled layers: pads channels, fixes data widths, takes the tile from the workload file or the generator. */
import { BeyondExactness } from '../layers/exactness.ts';
import type { ConvSizes, Layer, PerDirection, SaLayer, SimdLayer, SimdSizes, SimdUseful } from '../layers/layer.ts';
import { inBoth, NO_WINDOW, OUTPUT_STATIONARY, WEIGHT_STATIONARY, windowInput } from '../layers/layer.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import type { UsefulAxis } from '../layers/usefulAxis.ts';
import { simdOperation, TILE_BY_TILE } from '../operations/simdTable.ts';
import { LARGEST_EXACT } from '../schemas/bounds.ts';
import { inFileWords } from '../schemas/fileWords.ts';
import { type Hardware, slotBits } from '../schemas/hardware.ts';
import { InputError, Problems } from '../schemas/inputError.ts';
import { sourcesOf } from '../workload/producers.ts';
import {
  isQuantised,
  NO_PADDING,
  type PoolInput,
  type Program,
  type SaOperation,
  type SimdOperationStep,
} from '../workload/program.ts';
import { type ConvToTile, convMisfit, generateConvTile } from './convTiling.ts';
import type { SaCostField, SimdCostField } from './costIdentity.ts';
import { generateSimdTile, simdTileFits } from './simdTiling.ts';

/** All that tiling reads: what has a bearing on the cost, and what is useful of it. */
type SaToTile = Pick<SaOperation, 'name' | 'useful' | SaCostField>;
type SimdToTile = Pick<SimdOperationStep, 'name' | 'ownSizes' | 'pool' | 'macs' | 'hasBias' | SimdCostField>;

type Complain = (path: string, value: unknown, expected: string) => never;

/** A tile given by the user: whole numbers within the layer. */
function checkWithin(
  tile: Readonly<Record<string, number>>,
  sizes: Readonly<Record<string, number>>,
  complain: Complain,
): void {
  for (const [dim, value] of Object.entries(tile)) {
    const most = sizes[dim]!;
    if (value > most) complain(`tile.${dim}`, value, `at most ${most}, the layer's padded size`);
  }
}

function tileConv(operation: SaToTile, hardware: Hardware, complain: Complain): SaLayer {
  const { rows, columns } = hardware.array;
  const { overrides } = operation;
  const bits = overrides?.bits === undefined ? hardware.bits : { ...hardware.bits, ...definedOnly(overrides.bits) };
  const { kh, kw, n, oh, ow } = operation.sizes;
  // In the paper's order, in which they are shown.
  const sizes: ConvSizes = {
    oc: roundUpTo(operation.sizes.oc, columns),
    ic: roundUpTo(operation.sizes.ic, rows),
    kh,
    kw,
    n,
    oh,
    ow,
  };
  const { groups, stride, dilation } = operation;
  const layer: ConvToTile = { sizes, sliding: { stride, dilation }, bits, rows, columns };
  const capacity = slotBits(hardware);
  const tile =
    overrides?.tile ??
    generateConvTile(layer, capacity) ??
    complain('', sizes, `a layer of which a tile fits the buffers of ${hardware.name}; even the smallest does not`);
  if (overrides?.tile !== undefined) {
    checkWithin(tile, sizes, complain);
    const misfit = convMisfit(tile, layer, capacity);
    if (misfit !== undefined) {
      complain(
        'tile',
        tile,
        `a tile that fits one slot of ${misfit.buffer}: it needs ${misfit.needs} bits of ${misfit.has}`,
      );
    }
  }
  const oneRowGemm = operation.op === 'gemm' && sizes.n === 1;
  return {
    unit: 'SA',
    name: operation.name,
    op: operation.op,
    groups,
    sizes,
    tile,
    stride,
    dilation,
    loopOrder: overrides?.loopOrder ?? (oneRowGemm ? OUTPUT_STATIONARY : WEIGHT_STATIONARY),
    bits,
    useful: operation.useful,
  };
}

/** An operation on the whole image as the one that goes through it tile by tile; undefined where there is none. */
function tileByTile({ pool: _, ...operation }: SimdToTile): SimdToTile | undefined {
  const { op, sizes, ownSizes = sizes, window, overrides } = operation;
  const instead = TILE_BY_TILE[op];
  if (instead === undefined || overrides?.tile !== undefined) return undefined;
  const plane = { h: window.kh, w: window.kw };
  return {
    ...operation,
    op: instead,
    sizes: { ...sizes, ...plane },
    ownSizes: { ...ownSizes, ...plane },
    window: NO_WINDOW,
  };
}

/** The generator's tile for an operation of padded sizes. */
function generatedTile({ op, window }: SimdToTile, sizes: SimdSizes, hardware: Hardware): SimdSizes | undefined {
  const half = slotBits(hardware).vmemHalf;
  return generateSimdTile(simdOperation(op), sizes, window, hardware.array.columns, hardware.bits.psum, half);
}

function tileSimd(given: SimdToTile, isBeforeConv: boolean, hardware: Hardware, complain: Complain): SimdLayer {
  const lanes = hardware.array.columns;
  const paddedSizes = { ...given.sizes, c: roundUpTo(given.sizes.c, lanes) };
  const whole = generatedTile(given, paddedSizes, hardware);
  const instead =
    whole === undefined
      ? tileByTile({ ...given, ownSizes: given.ownSizes ?? given.sizes, sizes: paddedSizes })
      : undefined;
  const operation = instead ?? given;
  const sizes = instead?.sizes ?? paddedSizes;
  const { overrides, window } = operation;
  const row = simdOperation(operation.op);
  const half = slotBits(hardware).vmemHalf;
  const { psum } = hardware.bits;
  const tile =
    overrides?.tile ??
    (instead === undefined ? whole : generatedTile(instead, sizes, hardware)) ??
    complain('', given.sizes, `a layer of which a tile fits VMem of ${hardware.name}; even the smallest does not`);
  if (overrides?.tile !== undefined) {
    checkWithin({ ...tile }, { ...sizes }, complain);
    if (!simdTileFits(row, tile, window, lanes, psum, half)) {
      complain('tile', tile, `a tile that fits one slot of VMem (${half} bits in each half)`);
    }
  }
  return {
    unit: 'SIMD',
    name: operation.name,
    op: operation.op,
    sizes,
    tile,
    window,
    bits: {
      input: overrides?.bits?.input ?? psum,
      output: overrides?.bits?.output ?? (isBeforeConv ? hardware.bits.ifmap : psum),
      psum,
      weight: hardware.bits.weight,
      bias: hardware.bits.bias,
    },
    useful: instead === undefined ? simdUseful(given) : usefulWorkOf(instead),
  };
}

const knownUseful = new WeakMap<SimdToTile, SimdUseful>();

/** What of a SIMD operation is the network's own work; worked out once: a search tiles the same one many times. */
function simdUseful(operation: SimdToTile): SimdUseful {
  let useful = knownUseful.get(operation);
  if (useful === undefined) {
    useful = usefulWorkOf(operation);
    knownUseful.set(operation, useful);
  }
  return useful;
}

/** Without the channels that fill the lanes and a pool's padding. */
function usefulWorkOf({ sizes, ownSizes = sizes, window, pool, macs = 0, hasBias = true }: SimdToTile): SimdUseful {
  const slid: Omit<PoolInput, 'after' | 'countsPadding'> = pool ?? {
    ...windowInput(sizes, window),
    padding: NO_PADDING,
  };
  const { padding, distance = inBoth(1), ...plane } = slid;
  const along = (direction: keyof PerDirection): UsefulAxis => ({
    from: padding[direction],
    step: distance[direction],
    count: ceilDiv(plane[direction], distance[direction]),
  });
  return { macs, sizes: ownSizes, window: { rows: along('h'), columns: along('w') }, hasBias };
}

/** Leaves out what is undefined, so that a spread does not overwrite with it. */
function definedOnly<T extends object>(record: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Throws a BeyondExactness for an operation that executes an instruction more than 2⁵³ times, whatever its tiles. */
function expectCountable(operation: SaOperation | SimdOperationStep, file: string): void {
  let executions = operation.unit === 'SA' ? 1 : operation.window.kh * operation.window.kw;
  const sizes: Partial<ConvSizes & SimdSizes> = operation.sizes;
  for (const dim in sizes) executions *= sizes[dim as keyof typeof sizes]!;
  if (executions <= LARGEST_EXACT) return;
  const counted = operation.unit === 'SA' ? 'MACs' : 'executions of an instruction';
  throw new BeyondExactness(operation.name, counted, executions, file);
}

/** Tiles one operation; `isBeforeConv` says whether a conv or gemm is next. Throws an InputError where it cannot. */
export function tileOperation(
  operation: SaOperation | SimdOperationStep,
  isBeforeConv: boolean,
  hardware: Hardware,
  file: string,
): Layer {
  const { name, source } = operation;
  const complain: Complain = (path, value, expected) => {
    throw new InputError({ file, layer: name, path: path === '' ? source : `${source}.${path}`, value, expected });
  };
  expectCountable(operation, file);
  return operation.unit === 'SA'
    ? tileConv(operation, hardware, complain)
    : tileSimd(operation, isBeforeConv, hardware, complain);
}

/**
 * The layers that the accelerator runs, in order; free operations are left out. Throws an InputError that names every
 * layer that cannot be tiled.
 */
export function tileProgram(program: Program, hardware: Hardware): Layer[] {
  const { operations, file, words } = program;
  const problems = new Problems();
  const layers: Layer[] = [];
  const sources = sourcesOf(operations);
  for (const [place, operation] of operations.entries()) {
    if (operation.unit === 'free') continue;
    try {
      const layer = tileOperation(operation, isQuantised(program, place), hardware, file);
      layers.push(Object.assign(layer, sources[place]!));
    } catch (error) {
      // That is the batch, and the same for many layers: the first is enough.
      if (!(error instanceof InputError) || error instanceof BeyondExactness) throw error;
      for (const problem of error.problems) problems.add(inFileWords(problem, words));
    }
  }
  problems.throwIfAny();
  return layers;
}
