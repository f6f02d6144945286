import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importScaleSim } from '../../src/model/importers/scaleSim.ts';
import type { WorkloadLayer } from '../../src/model/schemas/workload.ts';

const FOLDER = new URL('./scalesim/', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const importText = (text: string) => importScaleSim(text, 'net.csv', 'net');

const CONV = 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';

/** The layers of a topology file as SCALE-Sim has them: its own way of reading lines, written down once more. */
function expectedMacs(text: string): number[] {
  const [header, ...lines] = text.replace('\uFEFF', '').split(/\r?\n/);
  const rows = lines.filter((line) => line.trim() !== '').map((line) => line.split(',').map(Number));
  if (/^Layer,\s*M,/.test(header!)) return rows.map(([, M, N, K]) => M! * N! * K!);
  return rows.map(([, IH, IW, KH, KW, channels, filters, stride]) => {
    const [OH, OW] = [Math.ceil((IH! - KH! + stride!) / stride!), Math.ceil((IW! - KW! + stride!) / stride!)];
    return OH * OW * KH! * KW! * channels! * filters!;
  });
}

const macsOf = (network: ReturnType<typeof importText>): number[] =>
  network.graph.nodes.map(({ layer, outputShape: { C, H, W } }) => {
    if (layer.op === 'gemm') return H * C * layer.dimensions.IC;
    const { IC, KH, KW } = (layer as Extract<WorkloadLayer, { op: 'conv' }>).dimensions;
    return C * H * W * IC * KH * KW;
  });

describe("SCALE-Sim's topology files", () => {
  const files = readdirSync(FOLDER).filter((file) => file.startsWith('scalesim_'));
  it.each(files)('%s has the MACs that SCALE-Sim counts', (file) => {
    const network = importText(textOf(file));
    const expected = expectedMacs(textOf(file));
    expect(network.workload.graph).toBe('list');
    expect(macsOf(network)).toEqual(expected);
    expect(network.workload.macs).toBe(expected.reduce((sum, macs) => sum + macs, 0));
  });

  it('give the cycles that SCALE-Sim v3 measured on ResNet-50, by its stall-free formula', () => {
    const [header, ...rows] = textOf('side_by_side_resnet50_64x64_conv.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const column = (row: readonly string[], name: string): string => row[header!.indexOf(name)]!;
    const lines = rows.map((row) =>
      ['layer', 'H', 'W', 'kh', 'kw', 'C', 'K', 'stride'].map((name) => column(row, name)).join(', '),
    );
    const { graph } = importText([CONV, ...lines].join(',\n'));
    const [R, C] = [64, 64];
    const cycles = graph.nodes.map(({ layer }) => {
      const { OC, IC, KH, KW, OH, OW } = (layer as Extract<WorkloadLayer, { op: 'conv' }>).dimensions;
      return Math.ceil((KH * KW * IC) / R) * Math.ceil(OC / C) * (OH * OW + 2 * R + C - 2) - 1;
    });
    expect(cycles).toEqual(rows.map((row) => Number(column(row, 'scalesim_v3_64x64_ws_CALC'))));
    expect(cycles).toHaveLength(53);
  });

  it('are read with trailing commas, spaces, a BOM, empty lines, carriage returns and a sparsity column', () => {
    const text = `\uFEFF${CONV} Sparsity,\r\n\r\n a , 5,5, 3 ,3, 2,4,1, 2:4,,\r\nb,5,5,3,3,2,4,1,1:1,\r\n  \r\n`;
    const network = importText(text);
    expect(network.workload.layers).toMatchObject([
      { name: 'a', op: 'conv', dimensions: { OC: 4, IC: 2, KH: 3, KW: 3, OH: 3, OW: 3 }, stride: 1, padding: 0 },
      { name: 'b' },
    ]);
    expect(network.notes).toEqual(['1 layers (first: a) have sparse weights, which are read as dense ones']);
  });

  it('count a last window that hangs over, as SCALE-Sim does: over 6 rows ⌈(6 − 3)/2⌉ + 1 = 3', () => {
    const network = importText(`${CONV}\na,6,7,3,3,2,4,2,`);
    expect(network.workload.layers).toMatchObject([{ dimensions: { OH: 3, OW: 3 }, padding: [0, 0, 1, 0] }]);
    expect(network.graph.nodes[0]!.inputShapes).toEqual([{ C: 2, H: 6, W: 7 }]);
  });

  it('may have two strides', () => {
    const network = importText(`${CONV.replace('Strides', 'Stride height, Stride width')}\na,7,7,3,3,2,4,2,4,`);
    expect(network.workload.layers).toMatchObject([{ dimensions: { OH: 3, OW: 2 }, stride: [2, 4] }]);
  });

  it('say that they write a depthwise convolution as one filter over many channels', () => {
    const network = importText(textOf('scalesim_mobilenet.csv'));
    expect(network.workload.layers[1]).toMatchObject({ name: 'Conv2', op: 'conv', dimensions: { OC: 1, IC: 32 } });
    expect(network.notes).toEqual([
      '13 layers (first: Conv2) have one filter over many channels, as SCALE-Sim files write a depthwise convolution; they are read as written, as convolutions to one channel',
    ]);
  });

  it('have a group per channel where the name says DP', () => {
    const network = importText(`${CONV}\nDP1,5,5,3,3,8,1,1,`);
    expect(network.workload.layers).toMatchObject([{ op: 'conv', dimensions: { OC: 8, IC: 8 }, groups: 8 }]);
    expect(network.notes).toHaveLength(1);
  });

  it('of gemms may have a batch, which is products of their own', () => {
    const network = importText('Layer,M,N,K,\na,2,3,4,\nb,2,3,4,5,\nc,2,3,4,2:4,5,');
    expect(network.workload.layers).toMatchObject([
      { op: 'gemm', dimensions: { OC: 3, IC: 4, M: 2 }, bias: false },
      { op: 'matmul', dimensions: { G: 5, M: 2, IC: 4, OC: 3 } },
      { op: 'matmul', dimensions: { G: 5 } },
    ]);
  });

  it('may name a layer twice', () => {
    const network = importText('Layer,M,N,K,\na,2,3,4,\na,2,3,4,\ninput,2,3,4,');
    expect(network.workload.layers.map(({ name }) => name)).toEqual(['a', 'a_2', 'input_']);
  });

  const wrong: [string, string, string][] = [
    ['an empty file', '', 'net.csv: expected a SCALE-Sim topology'],
    ['another header', 'a,b,c\n1,2,3', 'net.csv: got "a,b,c", expected a SCALE-Sim topology'],
    ['no layers', CONV, '(there is no layer)'],
    [
      'a word for a number',
      `${CONV}\na,5,5,3,3,2,4,one,`,
      'line 2: got "a,5,5,3,3,2,4,one", expected a whole number ≥ 1 as stride in column 8',
    ],
    [
      'a column too few',
      `${CONV}\n\nb,5,5,3,3,2,4,`,
      'line 3: got "b,5,5,3,3,2,4", expected a whole number ≥ 1 as stride',
    ],
    ['half a channel', `${CONV}\na,5,5,3,3,2.5,4,1,`, 'as channels in column 6'],
    ['a filter that is too large', `${CONV}\na,5,5,3,7,2,4,1,`, 'expected a filter that is not larger than the ifmap'],
    ['a layer without a name', `${CONV}\n,5,5,3,3,2,4,1,`, 'expected a name in the first column'],
    ['M of 0', 'Layer,M,N,K,\na,0,3,4,', 'line 2: got "a,0,3,4", expected a whole number ≥ 1 as M in column 2'],
  ];
  it.each(wrong)('with %s are refused with one clear message', (_, text, message) => {
    expect(() => importText(text)).toThrow(message);
  });
});
