import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSimditHardware } from '../../src/model/schemas/simditHardware.ts';
import { parseSimditWorkload, type TileSource } from '../../src/model/schemas/simditWorkload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { hardwarePreset } from '../support/presets.ts';

type Record_ = Record<string, unknown>;
interface Layer {
  iterable_dimensions: Record<string, number>;
  operation_parameters: Record_;
  inputs: { unique_name: string; tiling: Record<string, Record<string, number>> }[];
  outputs: { unique_name: string; tiling: Record<string, Record<string, number>> }[];
}

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../simdit/${file}`, import.meta.url), 'utf8')) as unknown;

/** What is said of SimDIT's ResNet-18 after a change, on HI3; its layer 0 is a conv, 2 a max pool, 48 the gemm. */
function saidOf(change: (program: Layer[]) => void, tiles: TileSource = 'generator'): string[] {
  const value = read('resnet18-inference.json') as { program: Layer[] };
  change(value.program);
  const hardware = hardwarePreset('HI3');
  try {
    const { workload, words } = parseSimditWorkload(value, 'net.json', 'net', tiles, hardware.array);
    tileProgram(inferenceProgram(buildGraph(workload, 'net.json', 'program', words), 1), hardware);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe("SimDIT's workload file", () => {
  it('is right as it is', () => {
    expect(saidOf(() => {})).toEqual([]);
  });

  const cases: [string, (program: Layer[]) => void, string][] = [
    [
      'a dimension that is too large',
      (program) => Object.assign(program[0]!.iterable_dimensions, { KH: 2 ** 21 }),
      'net.json: program[0].iterable_dimensions.KH: got 2097152, expected a number ≤ 1048576 (the tiling generator tries each part of a side) (layer conv_0_192Y)',
    ],
    [
      'a stride in one direction alone',
      (program) => Object.assign(program[2]!.operation_parameters, { sx: 2, sy: undefined }),
      'net.json: program[2].operation_parameters.sy: expected a number (layer maxpool_2_126Y)',
    ],
    [
      'a stride beside one that is no number',
      (program) => Object.assign(program[2]!.operation_parameters, { sx: 2, sy: { of: 2 } }),
      'net.json: program[2].operation_parameters.sx: got 2, expected the same as sy (layer maxpool_2_126Y)',
    ],
    [
      'a stride of 0',
      (program) => Object.assign(program[2]!.operation_parameters, { sx: 0, sy: 0 }),
      'net.json: program[2].operation_parameters.sy: got 0, expected a number > 0 (layer maxpool_2_126Y)',
    ],
    [
      'a padding of half a pixel',
      (program) => Object.assign(program[2]!.operation_parameters, { pad: [0.5, 0.5] }),
      'net.json: program[2].operation_parameters.pad: got 0.5, expected an integer (layer maxpool_2_126Y)',
    ],
    [
      'channels that do not chain',
      (program) => Object.assign(program[48]!.iterable_dimensions, { N: 511 }),
      "net.json: program[48].iterable_dimensions.N: got 511, expected 512, as the layer's input is 512×1×1",
    ],
    [
      'an input that no layer has',
      (program) => Object.assign(program[2]!.inputs[0]!, { unique_name: 'nothing' }),
      'net.json: program[2].inputs[0].unique_name: got "nothing", expected "input" or the name of an earlier layer',
    ],
    [
      'an empty name',
      (program) => Object.assign(program[48]!.outputs[0]!, { unique_name: '' }),
      'net.json: program[48].outputs[0].unique_name: got "", expected a text that is not empty',
    ],
    [
      'an image that is smaller than its padding',
      (program) => Object.assign(program[0]!.operation_parameters, { IH: 6 }),
      'net.json: program[0].operation_parameters.IH: got 0, expected a number > 0',
    ],
  ];
  it.each(cases)('with %s is told so by its own keys', (_, change, message) => {
    expect(saidOf(change)[0]).toContain(message);
  });

  it('is told all that is wrong at once', () => {
    const said = saidOf((program) => {
      Object.assign(program[0]!.operation_parameters, { pad: [1, 2] });
      delete program[2]!.iterable_dimensions['OH'];
    });
    expect(said).toEqual([
      'net.json: program[0].operation_parameters.pad: got [1,2], expected the same padding on all sides (layer conv_0_192Y)',
      'net.json: program[2].iterable_dimensions.OH: expected a number (it is missing) (layer maxpool_2_126Y)',
    ]);
  });

  it('has tiles where they stand in it', () => {
    // Only ten of 512 × 512 weights fit WBuf; a side of a tile beyond the layer is cut, but not below 1.
    const tooSmall = saidOf((program) => Object.assign(program[48]!.inputs[1]!.tiling['WBUF']!, { P: 0 }), 'file');
    expect(tooSmall[0]).toBe(
      'net.json: program[48].inputs[1].tiling.WBUF.P: got 0, expected a number > 0 (layer gemm_48_124Y)'.replace(
        'gemm_48_124Y',
        lastLayer(),
      ),
    );
    const tooLarge = saidOf((program) => Object.assign(program[2]!.outputs[0]!.tiling['VMEM2']!, { OH: 99 }), 'file');
    expect(tooLarge.filter((line) => line.includes('program[2]'))).toEqual([
      "net.json: program[2].outputs[0].tiling.VMEM2.OH: got 99, expected at most 56, the layer's padded size (layer maxpool_2_126Y)",
    ]);
  });
});

function lastLayer(): string {
  const { program } = read('resnet18-inference.json') as { program: Layer[] };
  return program[48]!.outputs[0]!.unique_name;
}

describe("SimDIT's hardware file", () => {
  const saidOfHardware = (change: object): string[] => {
    try {
      parseSimditHardware({ ...(read('hardware-HI3.json') as object), ...change }, 'hw.json', 'hw', 'inference');
    } catch (error) {
      return (error as Error).message.split('\n');
    }
    return [];
  };

  it('is told by its own keys, in its own units, which SRAMs are too small', () => {
    // 64 × 64 PEs: 2 · 64 · 64 · 9 · 8 bits of weights; 2 · 64 · 7² · 32 bits of psums, in two halves of 100,352.
    expect(
      saidOfHardware({ WBUF_CAPACITY_BITS: 8192, OBUF_CAPACITY_BITS: 100_351, SIMD_VMEM_CAPACITY_BITS: 100_352 }),
    ).toEqual([
      'hw.json: WBUF_CAPACITY_BITS: got 8192, expected at least 589824 bits (slots · J · K · 9 · b_w bits, the smallest valid wbuf)',
      'hw.json: OBUF_CAPACITY_BITS: got 100351, expected at least 100352 bits (slots · K · 7² · b_p bits, of which this is half, the smallest valid obuf)',
    ]);
  });

  it('is told what is beyond all bounds', () => {
    expect(saidOfHardware({ ARRAY_N: 1e6, SIMD_INST_MEM_ADDR_WIDTH: 64 })).toEqual([
      expect.stringMatching(/^hw\.json: ARRAY_N: got 1000000, expected a number ≤ 65536 \(/),
      'hw.json: SIMD_INST_MEM_ADDR_WIDTH: got 64, expected a number ≤ 40 (2⁴⁰ instructions)',
    ]);
  });
});
