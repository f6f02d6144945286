import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/analytical/closedForm.ts';
import { energyModelFor } from '../../src/energy/constants.ts';
import { energyOf } from '../../src/energy/energy.ts';
import { closedFormCosts, simulatedCosts } from '../../src/explore/costModels.ts';
import { networkCosts } from '../../src/explore/networkCosts.ts';
import { paperLattice } from '../../src/explore/paperLattices.ts';
import { searchExtremes } from '../../src/explore/search.ts';
import { type Axis, digitsOf, latticeSize, type Setting, settingAt } from '../../src/explore/space.ts';
import { Machine } from '../../src/machine/machine.ts';
import { HARDWARE } from '../../src/schedule/assumptions.ts';
import { parseDram } from '../../src/spec/dram.ts';
import { parseEnergy } from '../../src/spec/energy.ts';
import { type Hardware, tooSmallSram } from '../../src/spec/hardware.ts';
import { parseWorkload } from '../../src/spec/workload.ts';
import { tileProgram } from '../../src/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/workload/forward.ts';
import { buildGraph } from '../../src/workload/graph.ts';
import type { Program } from '../../src/workload/program.ts';
import { trainingProgram } from '../../src/workload/training.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

const graphs = {
  resnet18: graphPreset('resnet18'),
  resnet50: graphPreset('resnet50'),
  alexnet: graphPreset('alexnet'),
};
/** Per PE and lane, at the hardware's clock, so that all of it matters. */
const energyFile = parseEnergy(
  {
    name: 'round',
    description: 'round figures',
    points: [
      {
        hardware: {},
        peArray: { per: 'element', dynamicPicojoules: 1, leakageMicrowatts: 4 },
        simd: { per: 'element', dynamicPicojoules: 20, leakageMicrowatts: 4 },
        sramFemtojoulesPerBit: { wbuf: 10, ibuf: 20, obuf: 30, bbuf: 40, vmem: 50, imem: 60 },
        dramPicojoulesPerBit: 4,
      },
    ],
  },
  'round.json',
);

function program({ workload, phase, batch }: Setting): Program {
  const graph = graphs[workload as keyof typeof graphs];
  return phase === 'inference' ? inferenceProgram(graph, batch) : trainingProgram(graph, batch, 'exact');
}

/** Every layer of the network in turn: no factorisation, nothing remembered. */
function plainCost(setting: Setting): { cycles: number; joules: number } {
  const { constants } = energyModelFor(energyFile, setting.hardware, 'fit');
  let cycles = 0;
  let joules = 0;
  for (const layer of tileProgram(program(setting), setting.hardware)) {
    const result = closedForm(layer, setting.hardware, 'published');
    cycles += result.totalCycles;
    joules += energyOf(layer.unit, result, constants).totalJoules;
  }
  return { cycles, joules };
}

describe('the optimum by brute force', () => {
  it('is the same, as are the worst point and the number of points', () => {
    // The 16×16 array with half of table VIII's budget: 8 nested loops over powers of two, budgets tested on the sums.
    const { space, costs } = paperLattice(hardwarePreset('HI3'), graphs.resnet50, { size: 16, budget: 256 }, 0.85);
    const powers = (from: number): number[] => [4, 8, 16, 32, 64, 128, 256].filter((power) => power >= from);
    const isWithin = (sum: number): boolean => sum >= 0.85 * 256 && sum <= 256;
    let points = 0;
    let best = { cycles: Number.POSITIVE_INFINITY, hardware: undefined as Hardware | undefined };
    let worst = { cycles: 0, hardware: undefined as Hardware | undefined };
    const quadruples = (from: readonly number[]): number[][] =>
      powers(from[0]!).flatMap((a) =>
        powers(from[1]!).flatMap((b) =>
          powers(from[2]!).flatMap((c) =>
            powers(from[3]!).flatMap((d) => (isWithin(a + b + c + d) ? [[a, b, c, d]] : [])),
          ),
        ),
      );
    for (const [wbuf, ibuf, obuf, vmem] of quadruples([8, 8, 8, 8])) {
      for (const [weight, ifmap, psum, simd] of quadruples([4, 8, 16, 32])) {
        const hardware = structuredClone(space.base.hardware) as {
          -readonly [Key in keyof Hardware]: Hardware[Key];
        };
        hardware.sramKiB = { ...hardware.sramKiB, wbuf: wbuf!, ibuf: ibuf!, obuf: obuf!, vmem: vmem! };
        hardware.bitsPerCycle = { weight: weight!, ifmap: ifmap!, psum: psum!, vmem: simd! };
        if (tooSmallSram(hardware) !== undefined) continue;
        points++;
        const { cycles } = plainCost({ ...space.base, hardware });
        if (cycles < best.cycles) best = { cycles, hardware };
        if (cycles > worst.cycles) worst = { cycles, hardware };
      }
    }
    const found = searchExtremes(space, costs);
    expect(found.coverage.pointsCovered).toBe(points);
    expect(settingAt(space, digitsOf(space.axes, found.best!.index)).hardware).toEqual(best.hardware);
    expect(settingAt(space, digitsOf(space.axes, found.worst!.index)).hardware).toEqual(worst.hardware);
    expect(found.best!.cycles / best.cycles).toBeCloseTo(1, 12);
    expect(found.worst!.cycles / worst.cycles).toBeCloseTo(1, 12);
  });
});

describe('the factorised costs of every point', () => {
  /** A parameter with its value and twice that. */
  const second = (path: string, value: number): Axis => ({ parameter: path, values: [value, value * 2] });
  const hardware = hardwarePreset('HT1');
  const groups = ['array', 'bits', 'sramKiB', 'slots', 'bitsPerCycle', 'aluCycles'] as const;
  const hardwareAxes = groups.flatMap((group) =>
    Object.entries(hardware[group]).map(([field, value]) => second(`${group}.${field}`, value)),
  );
  const base = { hardware, workload: 'resnet18', phase: 'training', batch: 2 } as const;
  const settings: Axis[] = [
    { parameter: 'batch', values: [1, 3] },
    { parameter: 'phase', values: ['inference', 'training'] },
    { parameter: 'workload', values: ['resnet18', 'resnet50'] },
    second('clockPicoseconds', 1000),
  ];
  const constantsOf = (point: Hardware) => energyModelFor(energyFile, point, 'fit').constants;

  it.each([...hardwareAxes, ...settings])('see $parameter wherever it matters', (axis) => {
    // Beside another axis for each array, so that a key that left a parameter out would mix points up.
    const axes = [
      axis,
      ...['sramKiB.obuf', 'bitsPerCycle.vmem'].flatMap((path) => (path === axis.parameter ? [] : [second(path, 128)])),
    ];
    const costs = networkCosts(
      { base, axes },
      { program, model: closedFormCosts('published', constantsOf), hasEnergy: true, hasRealDram: false },
    );
    for (let index = 0; index < latticeSize(axes); index++) {
      const digits = digitsOf(axes, index);
      const factorised = costs.at(digits);
      let plain: ReturnType<typeof plainCost> | undefined;
      try {
        plain = plainCost(settingAt({ base, axes }, digits));
      } catch {
        plain = undefined;
      }
      expect(factorised === undefined).toBe(plain === undefined);
      if (factorised === undefined || plain === undefined) continue;
      expect(factorised.cycles / plain.cycles).toBeCloseTo(1, 12);
      expect(factorised.joules / plain.joules).toBeCloseTo(1, 12);
    }
  });

  it('are what the machine takes, by simulation', () => {
    const axes = [second('bitsPerCycle.psum', 64), second('sramKiB.vmem', 128)];
    const setting = {
      ...base,
      hardware: hardwarePreset('HI1'),
      phase: 'inference',
      workload: 'alexnet',
      batch: 1,
    } as const;
    const costs = networkCosts(
      { base: setting, axes },
      { program, model: simulatedCosts(HARDWARE), hasEnergy: false, hasRealDram: false },
    );
    for (let index = 0; index < 4; index++) {
      const point = settingAt({ base: setting, axes }, digitsOf(axes, index));
      const machine = new Machine(point.hardware);
      const cycles = tileProgram(program(point), point.hardware).reduce(
        (sum, layer) => sum + machine.run(layer, HARDWARE).totalCycles,
        0,
      );
      expect(costs.at(digitsOf(axes, index))).toEqual({ cycles, joules: 0, seconds: 0 });
    }
  });

  it('are what the machine takes on real DRAM at rest, which has a clock of its own', () => {
    const hbm2 = parseDram(
      JSON.parse(readFileSync(new URL('../../hw/dram/HBM2.json', import.meta.url), 'utf8')),
      'HBM2',
    );
    const dram = { kind: 'banked', spec: hbm2, layout: 'tiles', sharing: 'shared' } as const;
    const graph = buildGraph(parseWorkload(SMALL_NETWORK, 'small'), 'small');
    const setting = {
      ...base,
      hardware: hardwarePreset('HI1'),
      phase: 'inference',
      workload: 'small',
      batch: 1,
    } as const;
    const axes = [second('clockPicoseconds', 500), second('bitsPerCycle.ifmap', 64)];
    const pricing = { program: () => inferenceProgram(graph, 1), hasEnergy: false, hasRealDram: true };
    const costs = networkCosts(
      { base: setting, axes },
      { ...pricing, model: simulatedCosts(HARDWARE, undefined, dram) },
    );
    const cycles = [0, 1, 2, 3].map((index) => {
      const point = settingAt({ base: setting, axes }, digitsOf(axes, index));
      return tileProgram(inferenceProgram(graph, 1), point.hardware).reduce(
        (sum, layer) => sum + new Machine(point.hardware, { dram }).run(layer, HARDWARE).totalCycles,
        0,
      );
    });
    expect([0, 1, 2, 3].map((index) => costs.at(digitsOf(axes, index))!.cycles)).toEqual(cycles);
    expect(new Set(cycles).size).toBe(4);
  });
});

/** Two equal layers, and one after them. */
const SMALL_NETWORK = {
  name: 'small',
  input: { C: 16, H: 12, W: 12 },
  layers: [
    ...[
      ['first', 'input'],
      ['second', 'first'],
    ].map(([name, feeder]) => ({
      name,
      inputs: [feeder],
      op: 'conv',
      dimensions: { OC: 16, IC: 16, KH: 3, KW: 3, OH: 12, OW: 12 },
      stride: 1,
      padding: 1,
      bias: false,
    })),
    { name: 'last', op: 'relu', inputs: ['second'], dimensions: { C: 16, H: 12, W: 12 } },
  ],
};
