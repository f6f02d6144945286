import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IDEAL } from '../../src/model/dram/model.ts';
import { digitsOf, latticeSize, pointsOf, settingAt, shareBefore } from '../../src/studies/sweep/space.ts';
import { allDigits, evaluationsFor, prepareSweep, type SweepInput } from '../../src/studies/sweep/sweep.ts';
import { parseSweep, type SweepSpec } from '../../src/studies/sweep/sweepSpec.ts';
import { complete } from '../support/complete.ts';
import { hardwarePreset, memoryPreset, workloadPreset } from '../support/presets.ts';

/** 3 · 3 sizes and bandwidths of ResNet-18 on HI1. */
const SMALL = {
  name: 'small',
  hardware: 'HI1',
  workload: 'resnet18',
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 64, to: 200, step: 64 },
  },
};
/** All presets of banked memories. */
const MEMORIES = readdirSync(new URL('../../hw/dram/', import.meta.url))
  .map((file) => file.replace('.json', ''))
  .filter((name) => /^(HBM|DDR|LPDDR|GDDR)\d[-\w]*$/.test(name));

const inputOf = (spec: SweepSpec): SweepInput => ({
  file: 'sweep.json',
  spec,
  hardwares: { HI1: hardwarePreset('HI1'), HI3: hardwarePreset('HI3') },
  workloads: { resnet18: workloadPreset('resnet18') },
  drams: { ideal: IDEAL, ...Object.fromEntries(MEMORIES.map((name) => [name, memoryPreset(name)])) },
  energies: {},
});
const prepare = (change: object) => {
  const spec = parseSweep({ ...SMALL, ...change }, 'sweep.json');
  return prepareSweep({ ...inputOf(spec), file: 'sweep.json' });
};

/** Parameter values of all points, in order. */
function pointsIn(change: object): unknown[][] {
  const { space } = prepare(change);
  const digits = new Int32Array(space.axes.length);
  const indices = [...pointsOf(space, digits)].filter((index) => index !== undefined);
  return indices.map((index) => {
    const own = digitsOf(space.axes, index);
    return space.axes.map(({ values }, place) => values[own[place]!]);
  });
}

describe('the space of a sweep file', () => {
  it('spells out ranges, the last parameter running fastest', () => {
    // 200 is not met: 64, 128, 192.
    expect(pointsIn({})).toEqual([32, 64, 128].flatMap((wbuf) => [64, 128, 192].map((psum) => [wbuf, psum])));
  });

  it.each([
    // In binary 0.1 + 2 · 0.1 is 0.30000000000000004, and 0.1 · 3 too.
    [{ from: 0.1, to: 0.3, step: 0.1 }, [0.1, 0.2, 0.3]],
    [{ from: 0.1, to: 0.5, step: 0.1 }, [0.1, 0.2, 0.3, 0.4, 0.5]],
    [{ from: 0.1, to: 0.9, factor: 3 }, [0.1, 0.3, 0.9]],
    [{ from: 0.1, to: 0.35, step: 0.1 }, [0.1, 0.2, 0.3]],
    [{ from: 1, to: 2, step: 1 / 3 }, [1, 1.33333333333333, 1.66666666666667, 2]],
  ])('takes the end of a range that its steps meet: %o', (range, values) => {
    const { space } = prepare({ parameters: { 'bitsPerCycle.psum': range } });
    expect(space.axes[0]!.values).toEqual(values);
  });

  it('keeps what meets all relations', () => {
    expect(pointsIn({ constraints: ['bitsPerCycle.psum <= 2 * sramKiB.wbuf', 'sramKiB.wbuf != 128'] })).toEqual([
      [32, 64],
      [64, 64],
      [64, 128],
    ]);
  });

  it('keeps what lies near a budget', () => {
    // HI1 has 32 + 128 + 128 KiB beside WBuf: totals of 320, 352 and 416; 10 % around 350 is 315 to 385.
    const budgets = [{ quantity: 'totalSramKiB', budget: 350, minusPercent: 10, plusPercent: 10 }];
    expect(pointsIn({ budgets }).map(([wbuf]) => wbuf)).toEqual([32, 32, 32, 64, 64, 64]);
  });

  it('understands the budgets of result.json as constraints', () => {
    const budgets = [{ quantity: 'totalSramKiB', budget: 350, minusPercent: 10, plusPercent: 10 }];
    const [text] = prepare({ budgets }).space.constraints.map((constraint) => constraint.text);
    expect(text).toMatch(/^315 <= totalSramKiB <= 385/);
    expect(pointsIn({ constraints: [text] })).toEqual(pointsIn({ budgets }));
    expect(pointsIn({ constraints: ['100 <= sramKiB.wbuf <= 200'] }).map(([wbuf]) => wbuf)).toEqual([128, 128, 128]);
  });

  it('leaves invalid hardware out', () => {
    // The smallest valid WBuf of a 16×16 array is 2 · 16 · 16 · 9 · 8 bits = 4.5 KiB.
    expect(pointsIn({ parameters: { 'sramKiB.wbuf': [2, 4, 4.5, 8] } })).toEqual([[4.5], [8]]);
  });

  it('lets a parameter follow from others, in any order', () => {
    // HI1's IBuf holds 2 slots of at least 16 channels of 8 bits for any of these.
    const parameters = {
      'sramKiB.obuf': 'if(sramKiB.ibuf > 100, 64, sramKiB.ibuf)',
      'sramKiB.wbuf': [32, 64],
      'sramKiB.ibuf': '2 * sramKiB.wbuf',
    };
    const { space } = prepare({ parameters, constraints: ['sramKiB.obuf <= totalSramKiB'] });
    expect(space.axes.map(({ parameter }) => parameter)).toEqual(['sramKiB.wbuf']);
    const sizes = [0, 1].map((digit) => settingAt(space, Int32Array.of(digit)).hardware.sramKiB);
    expect(sizes.map(({ wbuf, ibuf, obuf }) => [wbuf, ibuf, obuf])).toEqual([
      [32, 64, 64],
      [64, 128, 64],
    ]);
    expect(pointsIn({ parameters, constraints: ['sramKiB.ibuf == 128'] })).toEqual([[64]]);
  });

  it('leaves out where what follows is no value', () => {
    const parameters = { 'slots.wbuf': [2, 3, 4], 'slots.ibuf': 'slots.wbuf / 2' };
    expect(pointsIn({ parameters })).toEqual([[2], [4]]);
  });

  it('reads what the hardware or the memory of a point has', () => {
    // HI1 has 16 rows, HI3 64; HBM2 reads after 14 cycles, DDR4-2400 after 16.
    const parameters = { hardware: ['HI1', 'HI3'] };
    expect(pointsIn({ parameters, constraints: ['array.rows > 16'] })).toEqual([['HI3']]);
    const drams = { dram: ['HBM2', 'DDR4-2400'] };
    expect(pointsIn({ model: 'simulated', parameters: drams, constraints: ['dram.timing.CL > 14'] })).toEqual([
      ['DDR4-2400'],
    ]);
  });

  it('leaves out what makes no memory', () => {
    // HBM2 has 8 channels, DDR4-2400 one, which four interfaces cannot split.
    const parameters = { dram: ['HBM2', 'DDR4-2400'], 'dram.sharing': ['shared', 'split'] };
    expect(pointsIn({ model: 'simulated', parameters })).toEqual([
      ['HBM2', 'shared'],
      ['HBM2', 'split'],
      ['DDR4-2400', 'shared'],
    ]);
  });

  it('has one point where nothing varies, unless that breaks a constraint', () => {
    for (const parameters of [{}, { batch: '2' }]) {
      expect(pointsIn({ parameters })).toEqual([[]]);
      expect(pointsIn({ parameters, constraints: ['batch < 1'] })).toEqual([]);
    }
  });

  it('varies network, batch and phase too', () => {
    const parameters = { phase: ['inference', 'training'], batch: [1, 4], workload: ['resnet18'] };
    expect(pointsIn({ parameters, constraints: ["phase == 'training' || batch == 1"] })).toEqual([
      ['inference', 1, 'resnet18'],
      ['training', 1, 'resnet18'],
      ['training', 4, 'resnet18'],
    ]);
  });
});

describe('a walk through a space', () => {
  it('pauses now and then where it finds nothing, and knows how far it is', () => {
    // 20 · 1000 combinations, none of which is a point.
    const { space } = prepare({
      parameters: {
        'bitsPerCycle.psum': { from: 1, to: 20, step: 1 },
        'bitsPerCycle.vmem': { from: 1, to: 1000, step: 1 },
      },
      constraints: ['bitsPerCycle.vmem + bitsPerCycle.psum < 0'],
    });
    const digits = new Int32Array(space.axes.length);
    const shares: number[] = [];
    for (const index of pointsOf(space, digits)) {
      expect(index).toBeUndefined();
      shares.push(shareBefore(space.axes, digits));
    }
    // A pause after every 4096: at 4095, 8191, … of 20,000.
    expect(shares.map((share) => Math.round(share * 20_000))).toEqual([4095, 8191, 12_287, 16_383]);
  });

  it('knows how far it is at every point', () => {
    const { space } = prepare({});
    const digits = new Int32Array(space.axes.length);
    for (const index of pointsOf(space, digits)) expect(shareBefore(space.axes, digits)).toBeCloseTo(index! / 9, 12);
  });
});

describe('the evaluations of a sweep', () => {
  const needed = (most?: number) => {
    const sweep = prepare({});
    const digits = new Int32Array(sweep.space.axes.length);
    return complete(evaluationsFor(sweep, 'closed-form', allDigits(sweep.space, digits), most));
  };

  it('are those of each array by itself', () => {
    // 3 sizes of WBuf with 3 bandwidths; nothing of the SIMD array varies.
    const { SA, SIMD } = needed();
    expect([SA.size, SIMD.size]).toEqual([9, 1]);
  });

  it('are refused where they are too many', () => {
    expect(needed(10).SA.size).toBe(9);
    expect(() => needed(9)).toThrow(
      "sweep.json: parameters: expected points that need at most 9 evaluations of one array's layers",
    );
  });
});

describe('the sweep presets', () => {
  const folder = new URL('../../hw/sweeps/', import.meta.url);
  const presets = readdirSync(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

  it.each(presets)('%s spans its lattice', (file) => {
    const spec = parseSweep(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), file);
    const hardware = hardwarePreset(spec.hardware);
    const { space } = prepareSweep({ ...inputOf(spec), file, hardwares: { [spec.hardware]: hardware } });
    const points: Record<string, number> = {
      // 2 ways to fuse, 2 slots, 5 sizes of VMem from 128 to 2048 KiB, 3 of OBuf from 256 to 1024.
      'fused-buffers.json': 2 * 2 * 5 * 3,
      // 3 layouts; all orders of 4 fields, and the memory's own.
      'mappings-and-layouts.json': 3 * (4 * 3 * 2 + 1),
      // 9 memories, 2 layouts, 2 mappings.
      'nine-memories.json': 9 * 2 * 2,
    };
    // Of the paper's array 9 sizes from 8 to 2048 KiB for each of four SRAMs; 10, 9, 8 and 7 bandwidths from 4, 8, 16 and
    // 32 to 2048.
    expect(latticeSize(space.axes)).toBe(points[file] ?? 9 ** 4 * 10 * 9 * 8 * 7);
  });
});

const ON_MEMORY = { model: 'simulated', parameters: { dram: ['HBM2', 'DDR4-2400'] } };

describe('a wrong sweep file', () => {
  const parameters = SMALL.parameters;
  const cases: [string, object, string][] = [
    [
      'an unknown parameter',
      { parameters: { 'sramKiB.xbuf': [1] } },
      'parameters.sramKiB.xbuf: got [1], expected a number of the hardware file, batch, workload or phase',
    ],
    [
      'an expression that is no value at any point',
      { parameters: { batch: [1, 2], 'sramKiB.wbuf': '-1' } },
      'parameters.sramKiB.wbuf: got "-1", expected a valid sramKiB.wbuf',
    ],
    [
      'such an expression of what does not vary',
      { parameters: { batch: [1, 2], 'sramKiB.wbuf': 'sramKiB.ibuf - 128' } },
      'parameters.sramKiB.wbuf: got "sramKiB.ibuf - 128", expected a valid sramKiB.wbuf',
    ],
    [
      'such an expression of what has one value',
      { parameters: { batch: [1, 2], 'sramKiB.ibuf': [64], 'sramKiB.wbuf': 'sramKiB.ibuf - 64' } },
      'parameters.sramKiB.wbuf: got "sramKiB.ibuf - 64", expected a valid sramKiB.wbuf',
    ],
    [
      'an expression with which there is no memory',
      { model: 'simulated', dram: 'HBM2', parameters: { batch: [1, 2], 'dram.organization.channels': '3' } },
      'sweep.json: dram: organization.channels: got 3, expected',
    ],
    [
      'a word of a memory that it does not know, alone',
      { model: 'simulated', dram: 'HBM2', parameters: { 'dram.layout': ['as given'] } },
      'parameters.dram.layout[0]: got "as given", expected',
    ],
    [
      'a range without a step',
      { parameters: { batch: { from: 1, to: 2 } } },
      'expected a range with either a step or a factor',
    ],
    [
      'a range that runs down',
      { parameters: { batch: { from: 3, to: 2, step: 1 } } },
      'expected a range with to ≥ from',
    ],
    [
      'values of the wrong kind',
      { parameters: { batch: 'all' } },
      'parameters.batch: got "all", expected an expression of parameters (there is no all) at character 1',
    ],
    [
      'no values at all',
      { parameters: { batch: 3 } },
      'expected a list of values, {from, to, step}, {from, to, factor} or an expression',
    ],
    [
      'a misspelt parameter',
      { parameters: { 'sramKiB.wbfu': [1] } },
      'or something else that a run takes; did you mean sramKiB.wbuf?',
    ],
    [
      'an expression that needs itself',
      { parameters: { ...parameters, 'sramKiB.ibuf': 'sramKiB.obuf', 'sramKiB.obuf': '2 * sramKiB.ibuf' } },
      'does not need itself (sramKiB.ibuf → sramKiB.obuf → sramKiB.ibuf)',
    ],
    [
      'an expression of the wrong type',
      { parameters: { ...parameters, 'sramKiB.ibuf': 'phase' } },
      'parameters.sramKiB.ibuf: got "phase", expected a valid sramKiB.ibuf; it is a string',
    ],
    [
      'a misspelt word in a constraint',
      { ...ON_MEMORY, constraints: ["dram != 'HMB2'"] },
      "nothing here is called 'HMB2'; did you mean HBM2?) at character 9",
    ],
    [
      'a misspelt word in an expression',
      { ...ON_MEMORY, parameters: { ...ON_MEMORY.parameters, 'dram.layout': "dram == 'HBM2' ? 'tiles' : 'nhwk'" } },
      "nothing here is called 'nhwk'; did you mean nhwc?) at character 28",
    ],
    [
      'a field that no memory has',
      { ...ON_MEMORY, parameters: { ...ON_MEMORY.parameters, 'dram.timing.CLL': [10] } },
      'or something else that a run takes; did you mean dram.timing.CL?',
    ],
    [
      'a value with which there is no memory',
      { ...ON_MEMORY, parameters: { ...ON_MEMORY.parameters, 'dram.timing.REFI': [3900, 10] } },
      'sweep.json: dram: timing.REFI: got 10, expected 0, or more than',
    ],
    [
      'a mapping of no memory',
      { ...ON_MEMORY, parameters: { ...ON_MEMORY.parameters, 'dram.mapping': ['rorabgbachco', 'rorabgbachxx'] } },
      'sweep.json: dram: mapping: got "rorabgbachxx"',
    ],
    [
      'a memory that varies for the closed form',
      { parameters: ON_MEMORY.parameters },
      'parameters.dram: got ["HBM2","DDR4-2400"], expected nothing, because model is closed-form',
    ],
    [
      'assumptions that there are not',
      { assume: 'lock-step' },
      'sweep.json: assume: got "lock-step", expected paper, hardware, or a list of',
    ],
    [
      'a memory made of an expression that is no choice of names',
      { ...ON_MEMORY, parameters: { ...parameters, dram: "phase + 'HBM2'" } },
      'parameters.dram: got "phase + \'HBM2\'", expected names in quotes and choices between them',
    ],
    [
      'a value that the hardware file would not take',
      { parameters: { 'slots.wbuf': [2, 1.5] } },
      'parameters.slots.wbuf[1]: got 1.5, expected a valid slots.wbuf',
    ],
    [
      'a range of networks',
      { parameters: { workload: { from: 1, to: 2, step: 1 } } },
      'parameters.workload: got {"from":1,"to":2,"step":1}, expected the name of a network, not 1',
    ],
    [
      'a number among the networks',
      { parameters: { workload: ['resnet18', 3] } },
      'parameters.workload[1]: got 3, expected the name of a network',
    ],
    [
      'a batch beyond all bounds',
      { parameters: { batch: [9007199254740991] } },
      'parameters.batch[0]: got 9007199254740991, expected a whole number from 1 to 1000000000',
    ],
    [
      'a batch beyond all bounds that does not vary',
      { batch: 9007199254740991 },
      'batch: got 9007199254740991, expected a number ≤ 1000000000',
    ],
    [
      'more points than there are numbers for',
      {
        parameters: Object.fromEntries(
          ['add', 'sub', 'mul', 'div', 'max', 'exp'].map((name) => [
            `aluCycles.${name}`,
            { from: 1, to: 1000, step: 1 },
          ]),
        ),
      },
      'parameters: got 1000000000000000000, expected at most 9007199254740991 combinations',
    ],
    [
      'real DRAM for the closed form',
      { dram: 'HBM2' },
      'sweep.json: dram: got "HBM2", expected ideal, because model is closed-form, which knows no other memory',
    ],
    [
      'real DRAM for the closed form among other rankings',
      {
        rerank: [
          { top: 3, model: 'simulated' },
          { top: 3, model: 'closed-form', dram: 'HBM2' },
        ],
      },
      'sweep.json: rerank[1].dram: got "HBM2", expected ideal, because',
    ],
    ['more points to rank again than can be compared', { rerank: { top: 1_000_000, model: 'simulated' } }, 'rerank'],
    ['a value twice', { parameters: { batch: [1, 1] } }, 'parameters.batch[1]: got 1, expected each value once'],
    [
      'a constraint that does not parse',
      { parameters, constraints: ['batch <'] },
      'constraints[0]: got "batch <", expected an expression of parameters (Expected expression after <',
    ],
    [
      'a constraint on nothing that there is',
      { parameters, constraints: ['speed > 1'] },
      'expected an expression of parameters (there is no speed)',
    ],
    [
      'a constraint that is no relation',
      { parameters, constraints: ['batch + 1'] },
      'constraints[0]: got "batch + 1", expected a relation, such as a <= b',
    ],
    [
      'a network compared with a number',
      { parameters, constraints: ['workload <= 3'] },
      'constraints[0]: got "workload <= 3", expected an expression of parameters (<= takes a number, not a string)',
    ],
    [
      'arithmetic with a phase',
      { parameters, constraints: ['batch > 0', 'phase * 2 > 1'] },
      'constraints[1]: got "phase * 2 > 1", expected an expression of parameters (* takes a number, not a string)',
    ],
    [
      'a budget of networks',
      { parameters, budgets: [{ quantity: 'workload', budget: 1 }] },
      'budgets[0].quantity: got "workload", expected a number, such as totalSramKiB; it is a string',
    ],
    [
      'a budget of truths',
      { parameters, budgets: [{ quantity: 'batch > 1', budget: 1 }] },
      'budgets[0].quantity: got "batch > 1", expected a number, such as totalSramKiB; it is a relation',
    ],
    [
      'a wrong budget',
      { parameters, budgets: [{ quantity: 'totalKiB', budget: 1 }] },
      'budgets[0].quantity: got "totalKiB", expected an expression of parameters (there is no totalKiB)',
    ],
    [
      'energy without a file',
      { parameters, objectives: ['joules'] },
      'energy: expected an energy file or "fit", because joules is an objective',
    ],
    [
      'an unknown objective',
      { parameters, objectives: ['speed'] },
      'objectives[0]: got "speed", expected one of cycles, joules',
    ],
    [
      'a phase that varies without a batch',
      { parameters: { phase: ['inference', 'training'] } },
      'batch: expected a number, because phase varies',
    ],
    [
      'a centre that is no value',
      { parameters, sensitivity: { 'sramKiB.wbuf': 33, 'bitsPerCycle.psum': 64 } },
      'sensitivity.sramKiB.wbuf: got 33, expected one of 32, 64, 128',
    ],
    [
      'a centre that does not vary',
      { parameters, sensitivity: { batch: 1 } },
      'sensitivity.batch: got 1, expected a parameter that varies',
    ],
    ['a field that is none', { parameters, bugdets: [] }, 'bugdets: got [], expected no such field'],
  ];
  it.each(cases)('with %s is refused', (_, change, message) => {
    expect(() => prepare(change)).toThrow(message);
  });
});
