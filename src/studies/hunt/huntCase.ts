/** A case: a hardware and a network as their files hold them, and the tiled layer that comes of them. */

import type { Layer } from '../../model/layers/layer.ts';
import { ceilDiv, roundUpTo } from '../../model/layers/rounding.ts';
import { convTileBits } from '../../model/operations/saCosts.ts';
import { type Hardware, smallestSramKiB } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Workload, WorkloadLayer } from '../../model/schemas/workload.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import type { Program } from '../../model/workload/program.ts';
import { loopOrderOf } from './loopOrders.ts';
import { HUNTED } from './networks.ts';
import { programOfCase } from './operations.ts';
import { BATCH, type HuntSpace, IS_TILED, ORDER, type Point, TILE_SIDES, WIDTHS } from './space.ts';

/** What runs, in the words of files and options. */
export interface CaseInput {
  readonly hardware: Hardware;
  readonly workload: Workload;
  readonly phase: Program['phase'];
  readonly batch: number;
  /** The name of the layer that is looked at. */
  readonly layerName: string;
}

/** A case that runs. */
export interface HuntCase extends CaseInput {
  readonly point: Point;
  readonly layer: Layer;
}

/** More tiles take the machine longer than a hunt has time for a case. */
const MOST_TILES = 100;

const BITS_PER_KIB = 8192;

/** The hardware of a point. What the layer does not depend on is as small as it may be, slots as in the paper. */
function hardwareOf(point: Point): Hardware {
  const of = (name: string, otherwise = 1): number => point[name] ?? otherwise;
  const hardware: Hardware = {
    name: 'case',
    array: { rows: of('array.rows'), columns: of('array.columns') },
    bits: {
      weight: of('bits.weight'),
      ifmap: of('bits.ifmap'),
      psum: of('bits.psum'),
      bias: of('bits.bias'),
    },
    sramKiB: {
      wbuf: of('sramKiB.wbuf'),
      ibuf: of('sramKiB.ibuf'),
      obuf: of('sramKiB.obuf'),
      bbuf: of('sramKiB.bbuf'),
      vmem: of('sramKiB.vmem'),
      imem: 1,
    },
    slots: {
      wbuf: of('slots.wbuf', 2),
      ibuf: of('slots.ibuf', 2),
      obuf: of('slots.obuf', 2),
      bbuf: of('slots.bbuf', 2),
      vmem: of('slots.vmem'),
    },
    bitsPerCycle: {
      weight: of('bitsPerCycle.weight'),
      ifmap: of('bitsPerCycle.ifmap'),
      psum: of('bitsPerCycle.psum'),
      vmem: of('bitsPerCycle.vmem'),
    },
    aluCycles: {
      add: of('aluCycles.add'),
      sub: of('aluCycles.sub'),
      mul: of('aluCycles.mul'),
      div: of('aluCycles.div'),
      max: of('aluCycles.max'),
      exp: of('aluCycles.exp'),
      invSqrt: of('aluCycles.invSqrt'),
      condMove: of('aluCycles.condMove'),
      min: of('aluCycles.min'),
      mac: of('aluCycles.mac'),
    },
    clockPicoseconds: 1000,
  };
  return withSrams(hardware);
}

/** No SRAM is smaller than it may be. */
function withSrams(hardware: Hardware): Hardware {
  const { wbuf, ibuf, obuf, bbuf, vmem, imem } = hardware.sramKiB;
  const least = smallestSramKiB(hardware);
  const kib = (given: number, [needed]: readonly [number, string]): number => Math.max(given, Math.ceil(needed));
  const sramKiB = {
    wbuf: kib(wbuf, least.wbuf),
    ibuf: kib(ibuf, least.ibuf),
    obuf: kib(obuf, least.obuf),
    bbuf: kib(bbuf, least.bbuf),
    vmem: kib(vmem, least.vmem),
    imem,
  };
  return { ...hardware, sramKiB };
}

/** The layer as the file has it, with what the point gives beside its sizes. */
function withGiven(layer: WorkloadLayer, point: Point, tile: 'SA' | 'SIMD'): WorkloadLayer {
  const given: Record<string, unknown> = {};
  if (point[IS_TILED] === 1) {
    given['tile'] = Object.fromEntries(Object.keys(TILE_SIDES[tile]).map((side) => [side.slice(2), point[side]]));
  }
  if (tile === 'SA' && point[ORDER] !== 0) given['loopOrder'] = loopOrderOf(point[ORDER]!);
  if (tile === 'SIMD') given['dataTypes'] = { input: point[WIDTHS[0]], output: point[WIDTHS[1]] };
  return { ...layer, ...given } as WorkloadLayer;
}

/** What a point stands for: two files and the options beside them. `hardware`: the user's, if it is not hunted on. */
export function inputOf({ operation }: HuntSpace, point: Point, hardware?: Hardware): CaseInput {
  const { network, phase, tile, layer } = operation;
  const plain = network.workload(point, phase === 'training');
  const layers = plain.layers.map((each) =>
    tile !== undefined && each.name === HUNTED ? withGiven(each, point, tile) : each,
  );
  return {
    hardware: hardware ?? hardwareOf(point),
    workload: { ...plain, layers },
    phase,
    batch: point[BATCH]!,
    layerName: layer,
  };
}

/**
 * The tiled layer of a case; undefined where it is none (a transpose of one column costs nothing). Throws an InputError
 * where the case cannot run.
 */
export function layerOf({ workload, hardware, phase, batch, layerName }: CaseInput): Layer | undefined {
  return tileProgram(programOfCase(workload, phase, batch), hardware).find(({ name }) => name === layerName);
}

/** How many tiles a layer has. */
export function tilesOf(layer: Layer): number {
  const tile: Readonly<Record<string, number>> = { ...layer.tile };
  const trips = Object.entries({ ...layer.sizes }).map(([dim, size]) => ceilDiv(size, tile[dim]!));
  return trips.reduce((product, each) => product * each, layer.unit === 'SA' ? layer.groups : 1);
}

/** The case of a point; undefined where it cannot run, or not in a moment. */
export function caseOf(space: HuntSpace, point: Point, hardware?: Hardware): HuntCase | undefined {
  const input = inputOf(space, point, hardware);
  try {
    const layer = layerOf(input);
    return layer === undefined || tilesOf(layer) > MOST_TILES ? undefined : { ...input, point, layer };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The point within its spans, its tile within the layer, its SRAMs large enough for the tile: as near as it can be. */
export function repaired({ operation, names, spans }: HuntSpace, drawn: Point): Point {
  const point: Record<string, number> = {};
  for (const name of names) {
    const { least, most } = spans[name]!;
    point[name] = Math.min(Math.max(Math.round(drawn[name]!), least), most);
  }
  const { tile } = operation;
  if (tile === undefined) return point;
  for (const [side, size] of Object.entries<string>(TILE_SIDES[tile])) {
    const unit = size === 'OC' || size === 'C' ? point['array.columns'] : size === 'IC' ? point['array.rows'] : 1;
    const most = point[size] === undefined ? 1 : roundUpTo(point[size], unit ?? 1);
    // What no file says is not told apart.
    point[side] = point[IS_TILED] === 1 ? Math.min(point[side]!, most) : 1;
  }
  if (point[IS_TILED] === 1 && point['array.columns'] !== undefined) {
    if (tile === 'SA') growBuffers(point, spans);
    else growVmem(point, spans);
  }
  return point;
}

function grow(point: Record<string, number>, spans: HuntSpace['spans'], sram: string, bits: number): void {
  const name = `sramKiB.${sram}`;
  const kib = ceilDiv(bits * point[`slots.${sram}`]!, BITS_PER_KIB);
  point[name] = Math.min(Math.max(point[name]!, kib), spans[name]!.most);
}

/** A tile that the file gives must fit its slots. */
function growBuffers(point: Record<string, number>, spans: HuntSpace['spans']): void {
  const { T_oc, T_ic, T_kh, T_kw, T_n, T_oh, T_ow, S_h = 1, S_w = 1, D_h = 1, D_w = 1 } = point;
  const tile = { oc: T_oc!, ic: T_ic!, kh: T_kh!, kw: T_kw!, n: T_n!, oh: T_oh!, ow: T_ow! };
  const needs = convTileBits(
    tile,
    { stride: { h: S_h, w: S_w }, dilation: { h: D_h, w: D_w } },
    {
      weight: point['bits.weight']!,
      ifmap: point['bits.ifmap']!,
      psum: point['bits.psum']!,
      bias: point['bits.bias']!,
    },
  );
  grow(point, spans, 'wbuf', needs.weight);
  grow(point, spans, 'ibuf', needs.ifmap);
  grow(point, spans, 'obuf', needs.psum);
  grow(point, spans, 'bbuf', needs.bias);
}

/** What of VMem a tile needs depends on the operation: room for the input of a window, and for two, in each half. */
function growVmem(point: Record<string, number>, spans: HuntSpace['spans']): void {
  const { T_c, T_n, T_h, T_w, KH = 1, KW = 1, S_h = 1, S_w = 1 } = point;
  const [h, w] = [(T_h! - 1) * S_h + KH, (T_w! - 1) * S_w + KW];
  grow(point, spans, 'vmem', 4 * T_c! * T_n! * h * w * point['bits.psum']!);
}
