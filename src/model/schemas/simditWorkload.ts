/** SimDIT's own workload file: a compiler's inference program. Becomes one of our workloads, tiles on demand. */
import { z } from 'zod';
import { roundUpTo } from '../layers/rounding.ts';
import { BOUNDS, numberWithin } from './bounds.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';
import { parseWorkload, type Workload } from './workload.ts';

const sizes = z.record(z.string(), numberWithin(BOUNDS.figure));
const tensor = z.looseObject({
  unique_name: z.string().nullable(),
  tiling: z.record(z.string(), sizes),
});
const programSchema = z.looseObject({
  mode: z.string(),
  program: z
    .array(
      z.looseObject({
        operation: z.string(),
        iterable_dimensions: sizes,
        operation_parameters: z.record(z.string(), z.unknown()),
        inputs: z.array(tensor).min(1),
        outputs: z.array(tensor).min(1),
      }),
    )
    .min(1),
});

type SimditLayer = z.infer<typeof programSchema>['program'][number];
type OurLayer = Record<string, unknown>;

/** Whose tiles to use: the generator's (as the published runs did) or the file's. */
export type TileSource = 'generator' | 'file';

/** Whether a parsed file looks like SimDIT's program rather than our workload. */
export function isSimditWorkload(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'program' in value;
}

/** Reads one layer's numbers, complaining by its place in the file. */
class LayerReader {
  readonly layer: SimditLayer;
  private readonly file: string;
  private readonly path: string;

  constructor(layer: SimditLayer, file: string, index: number) {
    this.layer = layer;
    this.file = file;
    this.path = `program[${index}]`;
  }

  complain(path: string, value: unknown, expected: string): never {
    throw new InputError({ file: this.file, path: `${this.path}.${path}`, value, expected });
  }

  dimension(name: string): number {
    const value = this.layer.iterable_dimensions[name];
    return value ?? this.complain(`iterable_dimensions.${name}`, value, 'a number (it is missing)');
  }

  parameter(name: string): number {
    const value = this.layer.operation_parameters[name];
    return typeof value === 'number' ? value : this.complain(`operation_parameters.${name}`, value, 'a number');
  }

  /** One padding for all sides. */
  padding(): number {
    const pad = this.layer.operation_parameters['pad'];
    const sides = (Array.isArray(pad) ? pad : [pad]) as unknown[];
    const [first] = sides;
    if (typeof first !== 'number' || sides.some((side) => side !== first)) {
      return this.complain('operation_parameters.pad', pad, 'the same padding on all sides');
    }
    return first;
  }

  stride(): number {
    const { stride, sx, sy } = this.layer.operation_parameters;
    if (stride === undefined && sx !== sy) return this.complain('operation_parameters.sx', sx, `${String(sy)}, as sy`);
    return this.parameter(stride === undefined ? 'sy' : 'stride');
  }

  /** The tile of a tensor in a buffer, by the buffer's name or the start of it. */
  tile(which: 'inputs' | 'outputs', place: number, buffer: string): Record<string, number> {
    const tiling = this.layer[which][place]?.tiling ?? {};
    const found = Object.entries(tiling).find(([name]) => name.startsWith(buffer));
    return (
      found?.[1] ?? this.complain(`${which}[${place}].tiling.${buffer}`, undefined, 'tile sizes (they are missing)')
    );
  }
}

function convLayer(read: LayerReader, source: TileSource): OurLayer {
  const [OC, IC, KH, KW, OH, OW] = ['OC', 'IC', 'KH', 'KW', 'OH', 'OW'].map((name) => read.dimension(name));
  const layer = {
    op: 'conv',
    dimensions: { OC, IC, KH, KW, OH, OW },
    stride: read.stride(),
    padding: read.padding(),
    bias: read.layer.operation === 'conv_bias',
  };
  const dilation = read.layer.operation_parameters['dilation'] ?? 1;
  if (dilation !== 1) read.complain('operation_parameters.dilation', dilation, '1');
  if (source === 'generator') return layer;
  const weight = read.tile('inputs', 1, 'WBUF');
  const out = read.tile('outputs', 0, 'OBUF');
  const tile = {
    oc: weight['OC'],
    ic: weight['IC'],
    kh: weight['KH'],
    kw: weight['KW'],
    n: out['N'],
    oh: out['OH'],
    ow: out['OW'],
  };
  return { ...layer, tile };
}

function gemmLayer(read: LayerReader, source: TileSource): OurLayer {
  const layer = {
    op: 'gemm',
    dimensions: { OC: read.dimension('P'), IC: read.dimension('N') },
    bias: read.layer.operation === 'gemm',
  };
  if (source === 'generator') return layer;
  const weight = read.tile('inputs', 1, 'WBUF');
  const out = read.tile('outputs', 0, 'OBUF');
  return { ...layer, tile: { oc: weight['P'], ic: weight['N'], kh: 1, kw: 1, n: out['M'], oh: 1, ow: 1 } };
}

/** The file's tile of a SIMD layer, from the output's buffer. */
function withSimdTile(read: LayerReader, source: TileSource, layer: OurLayer): OurLayer {
  if (source === 'generator') return layer;
  const out = read.tile('outputs', 0, 'VMEM');
  return { ...layer, tile: { c: out['C'], n: out['N'], h: out['H'] ?? out['OH'], w: out['W'] ?? out['OW'] } };
}

function planeLayer(read: LayerReader, source: TileSource, op: string): OurLayer {
  const dimensions = { C: read.dimension('C'), H: read.dimension('H'), W: read.dimension('W') };
  return withSimdTile(read, source, { op, dimensions });
}

function poolLayer(read: LayerReader, source: TileSource, op: string): OurLayer {
  const [C, KH, KW, OH, OW] = ['C', 'KH', 'KW', 'OH', 'OW'].map((name) => read.dimension(name));
  const layer = { op, dimensions: { C, KH, KW, OH, OW }, stride: read.stride(), padding: read.padding() };
  return withSimdTile(read, source, layer);
}

function globalPoolLayer(read: LayerReader, source: TileSource): OurLayer {
  const dimensions = { C: read.dimension('C'), IH: read.dimension('IH'), IW: read.dimension('IW') };
  return withSimdTile(read, source, { op: 'global-avg-pool', dimensions });
}

/** SimDIT's names of the operations that an inference program can hold. */
const OPERATIONS: Readonly<Record<string, (read: LayerReader, source: TileSource) => OurLayer>> = {
  conv: convLayer,
  conv_bias: convLayer,
  gemm: gemmLayer,
  gemm_no_bias: gemmLayer,
  relu: (read, source) => planeLayer(read, source, 'relu'),
  elem_add: (read, source) => planeLayer(read, source, 'tensor-add'),
  max_pool: (read, source) => poolLayer(read, source, 'max-pool'),
  avg_pool: (read, source) => poolLayer(read, source, 'avg-pool'),
  global_avg_pool: globalPoolLayer,
  coarse_flatten: () => ({ op: 'flatten' }),
};

/** How many of a layer's inputs are feature maps; the rest are parameters. */
const featureMaps = (operation: string): number => (operation === 'elem_add' ? 2 : 1);

/** The network's input, from the first layer: the file gives its padded height and width. */
function networkInput(read: LayerReader): Record<string, number> {
  const { operation } = read.layer;
  if (!operation.startsWith('conv')) read.complain('operation', operation, 'a conv, the only first layer supported');
  const padding = 2 * read.padding();
  return { C: read.dimension('IC'), H: read.parameter('IH') - padding, W: read.parameter('IW') - padding };
}

/** A tile of the file cannot be larger than the layer is on this hardware: its compiler padded to other multiples. */
function clampTile(layer: OurLayer, lanes: { rows: number; columns: number }): OurLayer {
  const tile = layer['tile'] as Record<string, number> | undefined;
  const dimensions = layer['dimensions'] as Record<string, number> | undefined;
  if (tile === undefined || dimensions === undefined) return layer;
  const clamp = (dim: string, size: number | undefined, multiple: number): Record<string, number> =>
    tile[dim] === undefined || size === undefined ? {} : { [dim]: Math.min(tile[dim], roundUpTo(size, multiple)) };
  return {
    ...layer,
    tile: {
      ...tile,
      ...clamp('oc', dimensions['OC'], lanes.columns),
      ...clamp('ic', dimensions['IC'], lanes.rows),
      ...clamp('c', dimensions['C'], lanes.columns),
    },
  };
}

/** Reads SimDIT's inference program; throws an InputError for training programs and unknown operations. */
export function parseSimditWorkload(
  value: unknown,
  file: string,
  name: string,
  source: TileSource,
  lanes: { rows: number; columns: number },
): Workload {
  const { mode, program } = validate(programSchema, value, file);
  if (mode !== 'inference') {
    throw new InputError({
      file,
      path: 'mode',
      value: mode,
      expected: '"inference" (a training iteration is derived from the inference program)',
    });
  }
  const networkInputName = program[0]!.inputs[0]!.unique_name;
  const layers = program.map((layer, index) => {
    const read = new LayerReader(layer, file, index);
    const convert = Object.hasOwn(OPERATIONS, layer.operation) ? OPERATIONS[layer.operation] : undefined;
    if (convert === undefined)
      return read.complain('operation', layer.operation, `one of ${Object.keys(OPERATIONS).join(', ')}`);
    const output = layer.outputs[0]!.unique_name ?? `layer${index}`;
    const inputs = layer.inputs
      .slice(0, featureMaps(layer.operation))
      .map(({ unique_name }) => (unique_name === networkInputName ? 'input' : (unique_name ?? '')));
    return clampTile({ name: output, inputs, ...convert(read, source) }, lanes);
  });
  const input = networkInput(new LayerReader(program[0]!, file, 0));
  return parseWorkload({ name, input, layers }, file);
}
