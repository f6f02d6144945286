/** Each point of a sweep costs what a run of it takes, whatever of a run varies. */
import { describe, expect, it } from 'vitest';
import { type DramModel, IDEAL } from '../../src/model/dram/model.ts';
import { runNetwork, totalsOf } from '../../src/model/network/network.ts';
import { assumptionsNamed } from '../../src/model/schedule/assumptionNames.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { parseEnergy } from '../../src/model/schemas/energy.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { withDepthwiseOn } from '../../src/model/workload/depthwise.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { digitsOf, latticeSize, type Setting } from '../../src/studies/sweep/space.ts';
import { prepareSweep, type SweepInput } from '../../src/studies/sweep/sweep.ts';
import { parseSweep } from '../../src/studies/sweep/sweepSpec.ts';
import { complete } from '../support/complete.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { hardwarePreset, memoryPreset } from '../support/presets.ts';

/** A conv with a relu, and a depthwise conv: what can be fused, and what can be on either array. */
const NETWORK = parseWorkload(
  {
    name: 'small',
    input: { C: 16, H: 8, W: 8 },
    layers: [
      {
        name: 'conv',
        inputs: ['input'],
        op: 'conv',
        dimensions: { OC: 16, IC: 16, KH: 3, KW: 3, OH: 8, OW: 8 },
        stride: 1,
        padding: 1,
        bias: false,
      },
      { name: 'relu', op: 'relu', inputs: ['conv'], dimensions: { C: 16, H: 8, W: 8 } },
      {
        name: 'depthwise',
        op: 'depthwise-conv',
        inputs: ['relu'],
        dimensions: { C: 16, KH: 3, KW: 3, OH: 8, OW: 8 },
        stride: 1,
        padding: 1,
        bias: false,
      },
    ],
  },
  'small.json',
);

const drams: Readonly<Record<string, DramModel>> = {
  ideal: IDEAL,
  HBM2: memoryPreset('HBM2'),
  'DDR4-2400': memoryPreset('DDR4-2400'),
};

const inputOf = (change: object): SweepInput => ({
  file: 'sweep.json',
  spec: parseSweep({ name: 'sweep', hardware: 'HI1', workload: 'small', model: 'simulated', ...change }, 'sweep.json'),
  hardwares: { HI1: hardwarePreset('HI1'), HI2: hardwarePreset('HI2') },
  workloads: { small: { file: 'small.json', workload: NETWORK } },
  drams,
  energies: {},
});

/** All that a run of a point takes, by the values of its parameters and nothing of the sweep. */
interface Asked extends Partial<Pick<Setting, 'phase' | 'expansion' | 'depthwise' | 'assume' | 'fuse'>> {
  readonly hardware?: string;
  readonly dram?: DramModel;
  readonly clockPicoseconds?: number;
}

/** Cycles of a whole run; on real DRAM, which remembers, layers by themselves, as a sweep without overlap has them. */
function cyclesOf(asked: Asked): number {
  const given = buildGraph(NETWORK, 'small.json');
  const graph = asked.depthwise === undefined ? given : withDepthwiseOn(given, () => asked.depthwise!);
  const program =
    asked.phase === 'training' ? trainingProgram(graph, 2, asked.expansion ?? 'exact') : inferenceProgram(graph, 2);
  const preset = hardwarePreset(asked.hardware ?? 'HI1');
  const hardware = { ...preset, clockPicoseconds: asked.clockPicoseconds ?? preset.clockPicoseconds };
  const assumptions = assumptionsNamed((asked.assume ?? 'hardware').split(','), () => {
    throw new Error('no such assumption');
  });
  const layers = tileProgram(program, hardware);
  const options = { dram: asked.dram ?? IDEAL, fusion: asked.fuse ?? 'none' };
  const isWhole = assumptions.prefetch || options.fusion !== 'none';
  const runs = isWhole || options.dram.kind === 'ideal' ? [layers] : layers.map((layer) => [layer]);
  return runs.reduce((sum, each) => {
    const run = complete(runNetwork(each, hardware, assumptions, 'published', options));
    return sum + totalsOf(run.layers, run.groups).all.simulated.totalCycles;
  }, 0);
}

/** The parameters of every point, with its cycles in the sweep. */
function pointsOf(change: object): [Record<string, number | string>, number | undefined][] {
  const { space, costs, spec } = prepareSweep(inputOf({ batch: 2, ...change }));
  const priced = costs(
    Object.keys(spec.parameters).some((name) => name.startsWith('dram')) ? 'simulated on varying memory' : 'simulated',
  );
  return Array.from({ length: latticeSize(space.axes) }, (_, index) => {
    const digits = digitsOf(space.axes, index);
    const values = space.axes.map(({ parameter, values: all }, place) => [parameter, all[digits[place]!]!] as const);
    return [Object.fromEntries(values), priced.at(digits)?.cycles];
  });
}

/** HBM2 or DDR4 with a few fields of its file changed by hand. */
function memory(name: string, change: (file: Record<string, unknown>) => object, use: object = {}): DramModel {
  const dram = drams[name]!;
  if (dram.kind !== 'banked') return dram;
  return { ...dram, ...use, spec: parseDram(change(structuredClone(dram.spec) as never), name) };
}

describe('a point of a sweep costs what a run of it takes', () => {
  it('over hardware presets, phases, expansions and where depthwise convs run', () => {
    const parameters = {
      hardware: ['HI1', 'HI2'],
      phase: ['inference', 'training'],
      expansion: ['exact', 'published'],
      depthwise: ['SIMD', 'SA'],
    };
    const points = pointsOf({ parameters });
    expect(points).toHaveLength(16);
    for (const [asked, cycles] of points) expect([asked, cycles]).toEqual([asked, cyclesOf(asked as Asked)]);
    expect(new Set(points.map(([, cycles]) => cycles)).size).toBeGreaterThan(8);
  });

  it('over memories, their fields, mappings, layouts and sharing, and the clock', () => {
    const parameters = {
      dram: ['HBM2', 'DDR4-2400', 'ideal'],
      'dram.layout': ['tiles', 'nhwc'],
      'dram.mapping': ['rorabgbachco', 'rorabachcobg', 'as given'],
      'dram.timing.CL': [10, 20],
      clockPicoseconds: [500, 1000],
    };
    const points = pointsOf({ parameters });
    expect(points).toHaveLength(72);
    for (const [values, cycles] of points) {
      const dram = memory(
        values['dram'] as string,
        (file) => ({
          ...file,
          mapping: values['dram.mapping'] === 'as given' ? file['mapping'] : values['dram.mapping'],
          timing: { ...(file['timing'] as object), CL: values['dram.timing.CL'] },
        }),
        { layout: values['dram.layout'] },
      );
      const clockPicoseconds = values['clockPicoseconds'] as number;
      expect([values, cycles]).toEqual([values, cyclesOf({ dram, clockPicoseconds })]);
    }
    const onHbm = points.filter(([values]) => values['dram'] === 'HBM2').map(([, cycles]) => cycles);
    expect(new Set(onHbm).size).toBeGreaterThan(4);
  });

  it('over channels and sharing', () => {
    const parameters = { 'dram.organization.channels': [4, 8], 'dram.sharing': ['shared', 'split', 'private'] };
    for (const [values, cycles] of pointsOf({ dram: 'HBM2', parameters })) {
      const channels = values['dram.organization.channels'];
      const dram = memory(
        'HBM2',
        (file) => ({ ...file, organization: { ...(file['organization'] as object), channels } }),
        { sharing: values['dram.sharing'] },
      );
      expect([values, cycles]).toEqual([values, cyclesOf({ dram })]);
    }
  });

  it('over assumptions and fusion, whose layers are not alone', () => {
    const parameters = {
      assume: ['hardware', 'paper', 'keep-resident', 'prefetch'],
      fuse: ['none', 'pairs', 'chains'],
    };
    const points = pointsOf({ parameters, phase: 'training' });
    for (const [asked, cycles] of points) {
      expect([asked, cycles]).toEqual([asked, cyclesOf({ ...asked, phase: 'training' } as Asked)]);
    }
    expect(new Set(points.map(([, cycles]) => cycles)).size).toBeGreaterThan(3);
  });

  it('over what follows from other parameters', () => {
    const parameters = {
      clockPicoseconds: [500, 1000],
      dram: "clockPicoseconds == 500 ? 'HBM2' : 'DDR4-2400'",
      'dram.timing.CL': 'clockPicoseconds / 50',
    };
    const points = pointsOf({ parameters });
    expect(points).toHaveLength(2);
    for (const [{ clockPicoseconds }, cycles] of points as [{ clockPicoseconds: number }, number][]) {
      const name = clockPicoseconds === 500 ? 'HBM2' : 'DDR4-2400';
      const CL = clockPicoseconds / 50;
      const dram = memory(name, (file) => ({ ...file, timing: { ...(file['timing'] as object), CL } }));
      expect(cycles).toBe(cyclesOf({ dram, clockPicoseconds }));
    }
  });

  it('by the energy data that it names', () => {
    const round = parseEnergy(ROUND_ENERGY, 'round.json');
    const double = {
      ...round,
      points: round.points.map((each) => ({ ...each, dramPicojoulesPerBit: 2 * each.dramPicojoulesPerBit })),
    };
    const joules = (energies: SweepInput['energies'], parameters: object, energy?: string) => {
      const { costs, space } = prepareSweep({ ...inputOf({ parameters, ...(energy && { energy }) }), energies });
      return Array.from(
        { length: latticeSize(space.axes) },
        (_, index) => costs('simulated').at(digitsOf(space.axes, index))!.joules,
      );
    };
    const sources = { round: { constants: round, file: 'round' }, double: { constants: double, file: 'double' } };
    const both = joules(sources, { energy: ['round', 'double'] });
    const alone = (['round', 'double'] as const).map(
      (name) => joules({ [name]: sources[name] }, { batch: [1] }, name)[0],
    );
    expect(both).toEqual(alone);
    expect(both[1]).toBeGreaterThan(both[0]!);
  });
});

describe('a sweep as data', () => {
  it('comes to the same from JSON as in memory, and no larger than the files are', () => {
    const parameters = { dram: ['HBM2', 'ideal'], 'dram.layout': ['tiles', 'nchw'], fuse: ['none', 'chains'] };
    const input = inputOf({ parameters });
    const text = JSON.stringify(input);
    const model = 'simulated on varying memory';
    const [here, there] = [input, JSON.parse(text) as SweepInput].map((each) => {
      const { space, costs } = prepareSweep(each);
      return Array.from({ length: latticeSize(space.axes) }, (_, index) =>
        costs(model).at(digitsOf(space.axes, index)),
      );
    });
    expect(there).toEqual(here);
    expect(text.length).toBeLessThan(40_000);
  });
});
