/** Small cases of operations beyond the paper's, by an independent prototype of OPERATIONS.md: tile, models, work. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { cornerCycles } from '../../src/model/analytical/corner.ts';
import { VARIANTS } from '../../src/model/analytical/multipliers.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import type { Result } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { simulatedWork } from '../../src/model/network/work.ts';
import type { SimdOp } from '../../src/model/operations/simdTable.ts';
import { HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileOperation, tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import type { SimdOperationStep } from '../../src/model/workload/program.ts';

type Sides = readonly [number, number, number, number];

interface Figures {
  readonly compute: number;
  readonly stall: number;
  readonly total: number;
  readonly bits: Readonly<Record<string, number>>;
  /** Of SIMD layers. */
  readonly ops?: number;
  readonly insmem?: number;
}

interface Run {
  readonly total: number;
  readonly compute: number;
  readonly waiting: Readonly<Record<string, number>>;
  readonly traffic: Readonly<Record<string, number>>;
  readonly tiles: number;
  readonly busy?: Readonly<Record<string, number>>;
}

interface GoldenCase {
  readonly kind: string;
  readonly unit: 'SA' | 'SIMD';
  readonly hw: Omit<Hardware, 'name' | 'clockPicoseconds'>;
  readonly layer: Readonly<Record<string, number>> & {
    readonly stride: readonly [number, number];
    readonly dil: readonly [number, number];
    readonly pad: Sides;
  };
  readonly outputBits?: number;
  readonly tile: Readonly<Record<string, number>>;
  readonly ceiling: Figures;
  readonly published: Figures;
  /** Of SIMD layers it is `ceiling`. */
  readonly corner?: Figures;
  readonly paper: Run;
  readonly hardware: Run;
  readonly usefulMacs: number;
  readonly issuedMacs?: number;
  readonly usefulBitsHardware: Readonly<Record<string, number>>;
}

const cases = JSON.parse(
  readFileSync(new URL('../golden/operations.json', import.meta.url), 'utf8'),
) as readonly GoldenCase[];

/** The case of the systolic array as a network of one layer. */
function arrayLayerOf({ layer }: GoldenCase, hardware: Hardware): Layer {
  const { g, ic, oc, kh, kw, oh, ow, n, h, w } = layer as Record<string, number>;
  const dimensions = { OC: oc, IC: ic, KH: kh, KW: kw, OH: oh, OW: ow };
  const slides = { stride: layer.stride, dilation: layer.dil, padding: layer.pad };
  const conv = { name: 'it', inputs: ['input'], op: 'conv', dimensions, groups: g, ...slides, bias: true };
  const workload = { name: 'case', input: { C: ic, H: h, W: w }, layers: [conv] };
  const graph = buildGraph(parseWorkload(workload, 'case.json'), 'case.json');
  return tileProgram(inferenceProgram(graph, n!), hardware)[0]!;
}

/** Rows of the operations table by the file's names. */
const ROWS: Readonly<Record<string, SimdOp>> = {
  depthwise: 'depthwise-conv',
  clip: 'clip',
  'tensor-mul': 'tensor-mul-per-image',
  'avg-pool': 'avg-pool',
};

/**
 * The case of the SIMD array as an operation: some of the windows lie in the padding altogether, which networks are not
 * allowed. Its output is as wide as if a conv came next, or not.
 */
function simdLayerOf({ kind, layer, outputBits, usefulMacs }: GoldenCase, hardware: Hardware): Layer {
  const { C, N, H, W, KH = 1, KW = 1, h = H, w = W } = layer as Record<string, number>;
  const pair = ([first, second]: readonly [number, number] = [1, 1]) => ({ h: first, w: second });
  const [top, left, bottom, right] = layer.pad ?? [0, 0, 0, 0];
  const operation: SimdOperationStep = {
    ...{ unit: 'SIMD', name: 'it', op: ROWS[kind]!, sizes: { c: C!, n: N!, h: H!, w: W! } },
    window: { kh: KH, kw: KW, stride: pair(layer.stride), dilation: pair(layer.dil) },
    pool: { h: h!, w: w!, padding: { h: top, w: left }, after: { h: bottom, w: right }, countsPadding: true },
    ...{ macs: usefulMacs, reads: {}, writes: {}, source: 'layers[0]' },
    overrides: { bits: { output: outputBits } },
  };
  return tileOperation(operation, false, hardware, 'case.json');
}

/** The figures of a result that a golden one has. */
function figuresOf(
  { computeCycles, stallCycles, totalCycles, dramBits, ops, sramBits }: Result,
  like: Figures,
): Figures {
  return {
    compute: computeCycles,
    stall: stallCycles,
    total: totalCycles,
    bits: { ...dramBits },
    ...(like.ops === undefined ? {} : { ops, insmem: sramBits.imem }),
    ...('C' in like ? tileTimesOf(like) : {}),
  };
}

/** Times of a tile that the file gives too; nothing here has them by name. */
function tileTimesOf(like: object): object {
  const { C, w, b, f, p } = like as Record<string, number>;
  return { C, w, b, f, p };
}

describe.each(cases.map((golden, place) => [`${golden.kind} ${place}`, golden] as const))('%s', (_, golden) => {
  const hardware: Hardware = { ...golden.hw, name: 'case', clockPicoseconds: 1000 } as Hardware;
  const layer = golden.unit === 'SA' ? arrayLayerOf(golden, hardware) : simdLayerOf(golden, hardware);

  it('has the tile of the generator', () => {
    const { g = 1, ...tile } = golden.tile;
    expect(g).toBe(1);
    expect(layer.tile).toEqual(tile);
  });

  it.each(VARIANTS)('by the closed form, %s', (variant) => {
    expect(figuresOf(closedForm(layer, hardware, variant), golden[variant])).toEqual(golden[variant]);
  });

  it('takes what `corner` says under the paper’s assumptions', () => {
    expect(cornerCycles(layer, hardware)).toBe((golden.corner ?? golden.ceiling).total);
    expect(new Machine(hardware).run(layer, PAPER).totalCycles).toBe(golden.paper.total);
  });

  it.each([
    ['paper', PAPER],
    ['hardware', HARDWARE],
  ] as const)('on the machine, %s', (name, assumptions) => {
    const { totalCycles, computeCycles, waiting, dramBits, tiles, interfaceBusyCycles } = new Machine(hardware).run(
      layer,
      assumptions,
    );
    const expected = golden[name];
    // Of a joint transfer the file books all under bias.
    const joint = { weight: 0, bias: waiting.weight + waiting.bias };
    const expectedJoint = { weight: 0, bias: expected.waiting['weight']! + expected.waiting['bias']! };
    // Causes of other machines: nothing is loaded as instructions, and layers run one after another.
    const others = { instructions: 0, producer: 0, noWork: 0, obufTile: 0 };
    expect({ ...waiting, ...joint }).toEqual({ ...expected.waiting, ...expectedJoint, ...others });
    expect([totalCycles, computeCycles, tiles]).toEqual([expected.total, expected.compute, expected.tiles]);
    expect(dramBits).toEqual(expected.traffic);
    if (expected.busy !== undefined) expect(interfaceBusyCycles).toMatchObject(expected.busy);
  });

  it('does the useful work of the layer', () => {
    const result = new Machine(hardware).run(layer, HARDWARE);
    const { useful } = simulatedWork(layer, hardware, HARDWARE, result);
    expect(useful.macs).toBe(golden.usefulMacs);
    expect(useful.dramBits).toMatchObject(golden.usefulBitsHardware);
    if (golden.issuedMacs !== undefined) expect(result.opCounts.mac).toBe(golden.issuedMacs);
  });
});
