/** What costs depend on: of a layer, of an operation, of the hardware. */
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { inBoth, type Layer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { HARDWARE_PARAMETERS, type HardwareParameter, layerIdentity } from '../../src/model/tiling/costIdentity.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { NOTHING_BESIDE } from '../../src/studies/sweep/costKeys.ts';
import { simulatedCosts } from '../../src/studies/sweep/costModels.ts';
import { networkCosts } from '../../src/studies/sweep/networkCosts.ts';
import { isParameter } from '../../src/studies/sweep/parameterValues.ts';
import { settingAt } from '../../src/studies/sweep/space.ts';
import { drawLayers } from '../support/drawnLayers.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';
import { tinyConv } from '../support/tinyMachine.ts';

const conv = tinyConv({ oc: 2, ic: 3, kh: 4, kw: 5, n: 6, oh: 7, ow: 8 }, {});
const pool: SimdLayer = {
  unit: 'SIMD',
  name: 'pool',
  op: 'max-pool',
  sizes: { c: 2, n: 3, h: 4, w: 5 },
  tile: { c: 2, n: 3, h: 4, w: 5 },
  window: { kh: 2, kw: 3, stride: inBoth(2), dilation: inBoth(1) },
  bits: { input: 8, output: 16, psum: 32, weight: 1, bias: 1 },
};

type Fields = { [key: string]: unknown };

/** The record once for each of its numbers, words and lists, with that one changed. */
function variations(record: Fields): Fields[] {
  return Object.entries(record).flatMap(([key, value]) => {
    if (key === 'name' || key === 'unit') return [];
    if (typeof value === 'number') return [{ ...record, [key]: value + 1 }];
    if (typeof value === 'boolean') return [{ ...record, [key]: !value }];
    if (Array.isArray(value)) return [{ ...record, [key]: [...value].reverse() }];
    if (typeof value === 'object') return variations(value as Fields).map((each) => ({ ...record, [key]: each }));
    return [{ ...record, [key]: value === 'conv' ? 'gemm' : 'relu' }];
  });
}

describe('what a layer takes', () => {
  it.each([
    ['a conv', conv, 25],
    ['a pool', pool, 20],
  ])('is decided by everything of %s but its name', (_, layer, fields) => {
    const others = variations(layer as unknown as Fields) as unknown as Layer[];
    expect(others.length).toBe(fields);
    const identities = [layer, ...others].map((each) => layerIdentity(each, HARDWARE).join(' '));
    expect(new Set(identities).size).toBe(fields + 1);
    expect(layerIdentity({ ...layer, name: 'another' }, HARDWARE)).toEqual(layerIdentity(layer, HARDWARE));
  });

  it('is decided by every assumption', () => {
    const others = variations(PAPER as unknown as Fields) as unknown as Assumptions[];
    expect(new Set([PAPER, ...others].map((each) => layerIdentity(conv, each).join(' '))).size).toBe(6);
  });
});

/** The hardware with one of its numbers changed, so that nothing stops fitting. */
function changed(hardware: Hardware, parameter: HardwareParameter): Hardware {
  const [group, field] = parameter.split('.') as [keyof Hardware, string | undefined];
  if (field === undefined) return { ...hardware, [group]: 2 * (hardware[group] as number) };
  const numbers = (hardware[group] ?? {}) as Readonly<Record<string, number>>;
  return { ...hardware, [group]: { ...numbers, [field]: 2 * (numbers[field] ?? 1) } };
}

const parameters = Object.keys(HARDWARE_PARAMETERS) as HardwareParameter[];
const layers = drawLayers(24, 'what costs depend on');

describe('a number of the hardware file', () => {
  it.each(parameters)('%s changes nothing of layers that do not depend on it', (parameter) => {
    for (const { title, layer, hardware, retile } of layers) {
      const bearing = HARDWARE_PARAMETERS[parameter][layer.unit];
      if (bearing === 'tiles') continue;
      const other = changed(hardware, parameter);
      // Tiles stay as they are, also where only the cost of tiled layers changes.
      expect([title, retile(other)]).toEqual([title, layer]);
      if (bearing === 'cost') continue;
      expect([title, closedForm(layer, other, 'published')]).toEqual([title, closedForm(layer, hardware, 'published')]);
      expect([title, new Machine(other).run(layer, HARDWARE)]).toEqual([
        title,
        new Machine(hardware).run(layer, HARDWARE),
      ]);
    }
  });

  it('is one that a sweep can vary', () => {
    // Where the group may be missing there is nothing to vary.
    expect(parameters.filter((parameter) => !isParameter(parameter))).toEqual(['instructionLoading.bitsPerCycle']);
  });
});

it('a sweep over the instruction memory knows that programs larger than it are loaded part by part', () => {
  const hardware: Hardware = { ...hardwarePreset('HT1'), instructionLoading: { bitsPerCycle: 8 } };
  const graph = graphPreset('resnet18');
  const program = trainingProgram(graph, 1, 'exact');
  const base = { hardware, workload: 'resnet18', phase: 'training', batch: 1 } as const;
  // An instruction has 32 bits: a part of a batch norm's gradient fits into the first, all of it into the second.
  const axes = [{ parameter: 'sramKiB.imem', values: [(20 * 32) / 8192, 4] }];
  const pricing = { program: () => program, model: simulatedCosts(HARDWARE), beside: NOTHING_BESIDE };
  const space = { base, axes, constraints: [] };
  const together = networkCosts(space, pricing);
  const alone = [0, 1].map((digit) => {
    const fresh = networkCosts({ ...space, base: settingAt(space, Int32Array.of(digit)), axes: [] }, pricing);
    return fresh.at(new Int32Array(0))!.cycles;
  });
  expect(alone[0]).toBeGreaterThan(alone[1]!);
  expect([0, 1].map((digit) => together.at(Int32Array.of(digit))!.cycles)).toEqual(alone);
});
