/** SimDIT's own workload file: a compiler's inference program. Becomes one of our workloads, tiles on demand. */
import { z } from 'zod';
import { roundUpTo } from '../layers/rounding.ts';
import { BOUNDS, numberWithin } from './bounds.ts';
import { type FileWords, withFileWords } from './fileWords.ts';
import { InputError, Problems } from './inputError.ts';
import { validate } from './parse.ts';
import { parseWorkload, type Workload } from './workload.ts';

/** What such a file holds. Few runs read one: the schema is made for those that do. */
function programSchema() {
  const sizes = z.record(z.string(), numberWithin(BOUNDS.figure));
  const tensor = z.looseObject({
    unique_name: z.string().nullable(),
    tiling: z.record(z.string(), sizes),
  });
  const operation = z.looseObject({
    operation: z.string(),
    iterable_dimensions: sizes,
    operation_parameters: z.record(z.string(), z.unknown()),
    inputs: z.array(tensor).min(1),
    outputs: z.array(tensor).min(1),
  });
  return z.looseObject({ mode: z.string(), program: z.array(operation).min(1) });
}

type SimditLayer = z.infer<ReturnType<typeof programSchema>>['program'][number];
type OurLayer = Record<string, unknown>;

/** Whose tiles to use: the generator's (as the published runs did) or the file's. */
export type TileSource = 'generator' | 'file';

/** Whether a parsed file looks like SimDIT's program rather than our workload. */
export function isSimditWorkload(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'program' in value;
}

/** Reads one layer's numbers, complaining by its place in the file, and notes where each was found. */
class LayerReader {
  readonly layer: SimditLayer;
  /** Our fields, by their path in the layer, and where in the file they come from. */
  readonly words: Record<string, string> = {};
  private readonly file: string;
  private readonly path: string;

  constructor(layer: SimditLayer, file: string, index: number) {
    this.layer = layer;
    this.file = file;
    this.path = `program[${index}]`;
    this.note('op', 'operation');
    this.note('name', 'outputs[0].unique_name');
  }

  complain(path: string, value: unknown, expected: string): never {
    const layer = this.layer.outputs[0]?.unique_name ?? undefined;
    throw new InputError({ file: this.file, path: `${this.path}.${path}`, layer, value, expected });
  }

  /** Notes that a field of ours comes from a place in the layer. */
  note(ours: string, theirs: string): void {
    this.words[`${this.path}.${ours}`] = `${this.path}.${theirs}`;
  }

  /** A dimension, ours by the name that we have for it. */
  dimension(name: string, ours = name): number {
    const path = `iterable_dimensions.${name}`;
    this.note(`dimensions.${ours}`, path);
    const value = this.layer.iterable_dimensions[name];
    return value ?? this.complain(path, value, 'a number (it is missing)');
  }

  parameter(name: string, ours?: string): number {
    const path = `operation_parameters.${name}`;
    if (ours !== undefined) this.note(ours, path);
    const value = this.layer.operation_parameters[name];
    return typeof value === 'number' ? value : this.complain(path, value, 'a number');
  }

  /** One padding for all sides. */
  padding(): number {
    this.note('padding', 'operation_parameters.pad');
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
    if (stride === undefined && sy !== undefined && sx !== sy) {
      return this.complain('operation_parameters.sx', sx, typeof sy === 'number' ? `${sy}, as sy` : 'the same as sy');
    }
    return this.parameter(stride === undefined ? 'sy' : 'stride', 'stride');
  }

  /** Sides of the tile of a tensor in a buffer, by the start of the buffer's name: ours, and what they are called there. */
  tile(
    which: 'inputs' | 'outputs',
    place: number,
    buffer: string,
    sides: Readonly<Record<string, string>>,
  ): Record<string, number | undefined> {
    const tiling = this.layer[which][place]?.tiling ?? {};
    const [name, sizes] = Object.entries(tiling).find(([each]) => each.startsWith(buffer)) ?? [];
    const path = `${which}[${place}].tiling.${name ?? buffer}`;
    if (sizes === undefined) return this.complain(path, undefined, 'tile sizes (they are missing)');
    for (const [ours, theirs] of Object.entries(sides)) this.note(`tile.${ours}`, `${path}.${theirs}`);
    // A tile as a whole is of several buffers.
    const others = this.words[`${this.path}.tile`];
    this.note('tile', others === undefined ? `tile, ${path}` : `${others.slice(this.path.length + 1)} and ${path}`);
    return Object.fromEntries(Object.entries(sides).map(([ours, theirs]) => [ours, sizes[theirs]]));
  }
}

/** The sides of an array layer's tile, in WBuf and in OBuf, by SimDIT's names. */
const CONV_TILE = { weight: { oc: 'OC', ic: 'IC', kh: 'KH', kw: 'KW' }, out: { n: 'N', oh: 'OH', ow: 'OW' } } as const;
const GEMM_TILE = { weight: { oc: 'P', ic: 'N' }, out: { n: 'M' } } as const;

function arrayTile(read: LayerReader, { weight, out }: typeof CONV_TILE | typeof GEMM_TILE): Record<string, unknown> {
  return { ...read.tile('inputs', 1, 'WBUF', weight), ...read.tile('outputs', 0, 'OBUF', out) };
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
  return source === 'generator' ? layer : { ...layer, tile: arrayTile(read, CONV_TILE) };
}

function gemmLayer(read: LayerReader, source: TileSource): OurLayer {
  const layer = {
    op: 'gemm',
    dimensions: { OC: read.dimension('P', 'OC'), IC: read.dimension('N', 'IC') },
    bias: read.layer.operation === 'gemm',
  };
  if (source === 'generator') return layer;
  return { ...layer, tile: { ...arrayTile(read, GEMM_TILE), kh: 1, kw: 1, oh: 1, ow: 1 } };
}

/** The file's tile of a SIMD layer, from the output's buffer; of a pool's output height is OH there. */
function withSimdTile(read: LayerReader, source: TileSource, layer: OurLayer): OurLayer {
  if (source === 'generator') return layer;
  const isPlane = 'H' in (layer['dimensions'] as object);
  const sides = { c: 'C', n: 'N', h: isPlane ? 'H' : 'OH', w: isPlane ? 'W' : 'OW' };
  return { ...layer, tile: read.tile('outputs', 0, 'VMEM', sides) };
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

/** A program turned into a workload of ours, with where its values stand in the file. */
export interface SimditProgram {
  readonly workload: Workload;
  /** By paths in the graph, whose list of layers is called `program`. */
  readonly words: FileWords;
}

/** Reads SimDIT's inference program; throws an InputError for training programs and unknown operations. */
export function parseSimditWorkload(
  value: unknown,
  file: string,
  name: string,
  source: TileSource,
  lanes: { rows: number; columns: number },
): SimditProgram {
  const { mode, program } = validate(programSchema(), value, file);
  if (mode !== 'inference') {
    throw new InputError({
      file,
      path: 'mode',
      value: mode,
      expected: '"inference" (a training iteration is derived from the inference program)',
    });
  }
  const networkInputName = program[0]!.inputs[0]!.unique_name;
  const words: Record<string, string> = {
    'input.C': 'program[0].iterable_dimensions.IC',
    'input.H': 'program[0].operation_parameters.IH',
    'input.W': 'program[0].operation_parameters.IW',
  };
  const problems = new Problems();
  const layers = program.flatMap((layer, index): OurLayer[] => {
    const read = new LayerReader(layer, file, index);
    try {
      return [ourLayer(read, index, networkInputName, source, lanes)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.add(error.problem);
      return [];
    } finally {
      Object.assign(words, read.words);
    }
  });
  problems.throwIfAny();
  const input = networkInput(new LayerReader(program[0]!, file, 0));
  const inOurWords = Object.fromEntries(
    Object.entries(words).map(([ours, theirs]) => [ours.replace(/^program/, 'layers'), theirs]),
  );
  return { workload: withFileWords(inOurWords, () => parseWorkload({ name, input, layers }, file)), words };
}

function ourLayer(
  read: LayerReader,
  index: number,
  networkInputName: string | null,
  source: TileSource,
  lanes: { rows: number; columns: number },
): OurLayer {
  const { layer } = read;
  const convert = Object.hasOwn(OPERATIONS, layer.operation) ? OPERATIONS[layer.operation] : undefined;
  if (convert === undefined) {
    return read.complain('operation', layer.operation, `one of ${Object.keys(OPERATIONS).join(', ')}`);
  }
  const inputs = layer.inputs.slice(0, featureMaps(layer.operation)).map(({ unique_name }, place) => {
    read.note(`inputs[${place}]`, `inputs[${place}].unique_name`);
    return unique_name === networkInputName ? 'input' : (unique_name ?? '');
  });
  const name = layer.outputs[0]!.unique_name ?? `layer${index}`;
  return clampTile({ name, inputs, ...convert(read, source) }, lanes);
}
