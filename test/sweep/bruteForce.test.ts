import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { energyModelFor } from '../../src/model/energy/constants.ts';
import { energyOf } from '../../src/model/energy/energy.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { parseEnergy } from '../../src/model/schemas/energy.ts';
import { type Hardware, tooSmallSram } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import type { Program } from '../../src/model/workload/program.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { NOTHING_BESIDE } from '../../src/studies/sweep/costKeys.ts';
import { closedFormCosts, simulatedCosts } from '../../src/studies/sweep/costModels.ts';
import { energyData } from '../../src/studies/sweep/energyData.ts';
import { networkCosts } from '../../src/studies/sweep/networkCosts.ts';
import { paperLattice } from '../../src/studies/sweep/paperLattices.ts';
import { searchExtremes } from '../../src/studies/sweep/search.ts';
import { type Axis, digitsOf, latticeSize, type Setting, settingAt } from '../../src/studies/sweep/space.ts';
import { complete } from '../support/complete.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

const graphs = {
  resnet18: graphPreset('resnet18'),
  resnet50: graphPreset('resnet50'),
  alexnet: graphPreset('alexnet'),
};
/** Per PE and lane, at the hardware's clock, over the size of every SRAM, and other figures for two kinds of hardware. */
const perElement = { per: 'element', dynamicPicojoules: 1, leakageMicrowatts: 4 };
const table = (femtojoules: number) => [
  { kib: 0.5, femtojoulesPerBit: femtojoules },
  { kib: 4096, femtojoulesPerBit: 100 * femtojoules },
];
const point = {
  hardware: {},
  peArray: perElement,
  simd: { ...perElement, dynamicPicojoules: 20 },
  sramFemtojoulesPerBit: {
    wbuf: table(10),
    ibuf: table(20),
    obuf: table(30),
    bbuf: table(40),
    vmem: table(50),
    imem: table(60),
  },
  dramPicojoulesPerBit: 4,
};
const energyFile = parseEnergy(
  {
    name: 'round',
    description: 'round figures',
    points: [
      { ...point, hardware: { bitsPerCycle: { psum: 256 } }, dramPicojoulesPerBit: 5 },
      { ...point, hardware: { aluCycles: { mul: 2 }, slots: { vmem: 1 } }, dramPicojoulesPerBit: 6 },
      point,
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
    // The 16×16 array with a half or a quarter of table VIII's budget: 8 nested loops over powers of two, budgets tested on
    // the sums.
    const budget = process.env['SYSTOLE_VERIFY'] === '1' ? 256 : 128;
    const { space, costs } = paperLattice(hardwarePreset('HI3'), graphs.resnet50, { size: 16, budget }, 0.85);
    const powers = (from: number): number[] => [4, 8, 16, 32, 64, 128, 256].filter((power) => power >= from);
    const isWithin = (sum: number): boolean => sum >= 0.85 * budget && sum <= budget;
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
    const found = complete(searchExtremes(space, costs));
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
  const source = { constants: energyFile, file: 'fit' };
  const energyOfPoint = (point: Hardware) => energyModelFor(energyFile, point, 'fit');

  it.each([...hardwareAxes, ...settings])('see $parameter wherever it matters', (axis) => {
    // Beside another axis for each array, so that a key that left a parameter out would mix points up.
    const axes = [
      axis,
      ...['sramKiB.obuf', 'bitsPerCycle.vmem'].flatMap((path) => (path === axis.parameter ? [] : [second(path, 128)])),
    ];
    const costs = networkCosts(
      { base, axes },
      {
        program,
        model: closedFormCosts('published', energyOfPoint),
        beside: energyData(source, { base, axes }).beside,
      },
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
      { program, model: simulatedCosts(HARDWARE), beside: NOTHING_BESIDE },
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
    const graph = buildGraph(parseWorkload(SMALL_NETWORK, 'small'), 'small');
    const setting = {
      ...base,
      hardware: hardwarePreset('HI1'),
      phase: 'inference',
      workload: 'small',
      batch: 1,
    } as const;
    const axes = [second('clockPicoseconds', 500), second('bitsPerCycle.ifmap', 64)];
    const pricing = {
      program: () => inferenceProgram(graph, 1),
      beside: { SA: ['clockPicoseconds'], SIMD: ['clockPicoseconds'] },
    };
    const costs = networkCosts(
      { base: setting, axes },
      { ...pricing, model: simulatedCosts(HARDWARE, undefined, HBM2) },
    );
    const cycles = [0, 1, 2, 3].map((index) => {
      const point = settingAt({ base: setting, axes }, digitsOf(axes, index));
      return tileProgram(inferenceProgram(graph, 1), point.hardware).reduce(
        (sum, layer) => sum + new Machine(point.hardware, { dram: HBM2 }).run(layer, HARDWARE).totalCycles,
        0,
      );
    });
    expect([0, 1, 2, 3].map((index) => costs.at(digitsOf(axes, index))!.cycles)).toEqual(cycles);
    expect(new Set(cycles).size).toBe(4);
  });

  it('are those at the clock of the energy data, which such a memory sees', () => {
    const graph = buildGraph(parseWorkload(SMALL_NETWORK, 'small'), 'small');
    const setting = {
      ...base,
      hardware: hardwarePreset('HI1'),
      phase: 'inference',
      workload: 'small',
      batch: 1,
    } as const;
    const axes = [second('bitsPerCycle.ifmap', 64)];
    const at500 = parseEnergy({ ...energyFile, points: [{ ...point, clockPicoseconds: 500 }] }, 'at500.json');
    const { modelOf, beside } = energyData({ constants: at500, file: 'at500.json' }, { base: setting, axes });
    const costs = networkCosts(
      { base: setting, axes },
      { program: () => inferenceProgram(graph, 1), beside, model: simulatedCosts(HARDWARE, modelOf, HBM2) },
    );
    for (const index of [0, 1]) {
      const { hardware } = settingAt({ base: setting, axes }, digitsOf(axes, index));
      const cyclesAt = (clockPicoseconds: number): number =>
        tileProgram(inferenceProgram(graph, 1), hardware).reduce(
          (sum, layer) =>
            sum + new Machine({ ...hardware, clockPicoseconds }, { dram: HBM2 }).run(layer, HARDWARE).totalCycles,
          0,
        );
      const { cycles, seconds } = costs.at(digitsOf(axes, index))!;
      expect(cycles).toBe(cyclesAt(500));
      expect(cycles).not.toBe(cyclesAt(hardware.clockPicoseconds));
      expect(seconds).toBeCloseTo(cycles * 500e-12, 15);
    }
  });
});

const HBM2 = {
  kind: 'banked',
  spec: parseDram(JSON.parse(readFileSync(new URL('../../hw/dram/HBM2.json', import.meta.url), 'utf8')), 'HBM2'),
  layout: 'tiles',
  sharing: 'shared',
} as const;

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
