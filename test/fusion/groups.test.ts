import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/model/fusion/fuse.ts';
import { type Fusion, fusedGroups, nameOfGroup } from '../../src/model/fusion/groups.ts';
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { hardwarePreset } from '../support/presets.ts';

const plane = { C: 16, H: 8, W: 8 };
const conv = (name: string, input: string): object => ({
  name,
  op: 'conv',
  inputs: [input],
  dimensions: { OC: 16, IC: 16, KH: 1, KW: 1, OH: 8, OW: 8 },
  stride: 1,
  padding: 0,
  bias: true,
});
const plain = (name: string, op: string, ...inputs: string[]): object => ({ name, op, inputs, dimensions: plane });

function layersOf(layers: readonly object[], isTraining = false) {
  const hardware = hardwarePreset(isTraining ? 'HT1' : 'HI1');
  const graph = buildGraph(parseWorkload({ name: 'net', input: plane, layers }, 'net.json'), 'net.json');
  return tileProgram(isTraining ? trainingProgram(graph, 1, 'exact') : inferenceProgram(graph, 1), hardware);
}

const groupsOf = (layers: readonly object[], fusion: Fusion): string[] =>
  fusedGroups(layersOf(layers), fusion).map(nameOfGroup);

describe('fused groups', () => {
  const block = [conv('a', 'input'), plain('r', 'relu', 'a'), plain('s', 'tensor-add', 'r', 'input'), conv('b', 's')];

  it('are chains of what works element by element, or one layer behind another', () => {
    expect(groupsOf(block, 'chains')).toEqual(['a + r + s']);
    expect(groupsOf(block, 'pairs')).toEqual(['a + r']);
    expect(groupsOf(block, 'none')).toEqual([]);
  });

  it('end at a result that others need, and store a sum that others need', () => {
    const forked = [...block, plain('again', 'tensor-add', 'b', 'r')];
    expect(groupsOf(forked, 'chains')).toEqual(['a + r', 'b + again']);
    const summed = [
      conv('a', 'input'),
      plain('r', 'relu', 'a'),
      conv('b', 'r'),
      plain('again', 'tensor-add', 'b', 'a'),
    ];
    const [first, second] = fusedGroups(layersOf(summed), 'chains');
    expect([first!.isSumStored, second!.isSumStored]).toEqual([true, false]);
  });

  it('take in what reads the sum twice, and nothing behind a window or on another path', () => {
    expect(groupsOf([conv('a', 'input'), plain('x2', 'tensor-add', 'a', 'a')], 'chains')).toEqual(['a + x2']);
    const pool = {
      name: 'p',
      op: 'max-pool',
      inputs: ['a'],
      dimensions: { C: 16, KH: 2, KW: 2, OH: 4, OW: 4 },
      stride: 2,
      padding: 0,
    };
    expect(groupsOf([conv('a', 'input'), pool], 'chains')).toEqual([]);
    // The add reads the shortcut's conv, which is before it in program order, and the other conv's sum from DRAM.
    const shortcut = [conv('a', 'input'), conv('b', 'input'), plain('s', 'tensor-add', 'a', 'b')];
    expect(groupsOf(shortcut, 'chains')).toEqual(['b + s']);
  });

  it('take in nothing behind the loss, which makes other gradients of what it reads', () => {
    // Twice the same output: its gradients are added up, right behind it in the program.
    const layers = layersOf([conv('a', 'input'), plain('x2', 'tensor-add', 'a', 'a')], true);
    const [forward] = fusedGroups(layers, 'chains');
    expect(nameOfGroup(forward!)).toBe('a + x2');
    expect(layers[2]!.op).toBe('tensor-add');
  });

  it('have a tile that a slot of VMem holds too, or run apart', () => {
    const hardware = hardwarePreset('HI1');
    const layers = layersOf(block);
    const [sa] = fuse(layers, { ...hardware, sramKiB: { ...hardware.sramKiB, vmem: 4 } }, 'chains').layers;
    const bits = (tile: { oc: number; n: number; oh: number; ow: number }): number =>
      tile.oc * tile.n * tile.oh * tile.ow * hardware.bits.psum;
    // 4 KiB are two halves of 16,384 bits: 16 channels of 32 bits at up to 32 positions.
    expect(bits((layers[0] as never as { tile: never }).tile)).toBeGreaterThan(16_384);
    expect(bits((sa as never as { tile: never }).tile)).toBeLessThanOrEqual(16_384);
    const { groups, dissolved } = fuse(layers, { ...hardware, sramKiB: { ...hardware.sramKiB, vmem: 0.05 } }, 'chains');
    expect([groups, dissolved]).toEqual([[], ['a + r + s']]);
  });

  it('grow no further over output channels than a slot of VMem does', () => {
    const hardware = hardwarePreset('HI1');
    const wide = { ...conv('a', 'input'), dimensions: { OC: 64, IC: 16, KH: 1, KW: 1, OH: 8, OW: 8 } };
    const layers = layersOf([wide, { ...plain('r', 'relu', 'a'), dimensions: { C: 64, H: 8, W: 8 } }]);
    expect((layers[0] as SaLayer).tile).toMatchObject({ oc: 64, oh: 8, ow: 8 });
    // 8 KiB are two halves of 32,768 bits: 16 channels of 32 bits at 64 positions, and not 32.
    const small = { ...hardware, sramKiB: { ...hardware.sramKiB, vmem: 8 } };
    expect((fuse(layers, small, 'chains').layers[0] as SaLayer).tile).toMatchObject({ oc: 16, oh: 8, ow: 8 });
  });

  it('leave room beside a tile for the sums of statistics, as these do by themselves', () => {
    const hardware = hardwarePreset('HT1');
    const { columns } = hardware.array;
    const { psum } = hardware.bits;
    // 16 channels at 8 × 8 positions of 32 bits are 32,768 bits: one half of 8 KiB, and nothing beside them.
    const layers = layersOf([conv('a', 'input'), plain('bn', 'batch-norm', 'a')], true);
    expect((layers[0] as SaLayer).tile).toMatchObject({ oc: columns, n: 1, oh: 8, ow: 8 });
    const small = { ...hardware, sramKiB: { ...hardware.sramKiB, vmem: 8 } };
    const { layers: tiled, groups, retiled } = fuse(layers, small, 'chains');
    expect(nameOfGroup(groups[0]!)).toBe('a + bn.statistics');
    expect(retiled).toContain('a + bn.statistics');
    const { oc, n, oh, ow } = (tiled[0] as SaLayer).tile;
    expect([oc, n, oh, ow]).toEqual([columns, 1, 4, 4]);
    expect(oc * n * oh * ow * psum).toBeLessThanOrEqual(32_768 - columns * psum);
  });
});
