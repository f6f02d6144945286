/** Whatever a caller gets wrong is an InputError that says what, and nothing that a type allows is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { DRAM, HARDWARE, WORKLOAD } from '../../src/doors/library/inputKinds.ts';
import { expectInputs } from '../../src/doors/library/kinds.ts';
import { LISTED_LAYER } from '../../src/doors/library/layerKinds.ts';
import {
  type CheckOptions,
  type ClosedFormOptions,
  type CriticalPathOptions,
  check,
  closedForm,
  criticalPath,
  type DramChoice,
  type DramEnergyFile,
  type DramModel,
  type EnergyFile,
  evaluateFormula,
  type Formula,
  type FormulaCode,
  formulaOf,
  type Hardware,
  type HuntOptions,
  hunt,
  InputError,
  type JobOptions,
  loadDram,
  loadDramEnergy,
  loadEnergy,
  loadFormula,
  loadHardware,
  loadSweep,
  loadWorkload,
  type MachineOptions,
  type NetworkOptions,
  parseDram,
  parseDramEnergy,
  parseEnergy,
  parseFormula,
  parseHardware,
  parseSweep,
  parseWorkload,
  presets,
  type RunOptions,
  run,
  type SimulateOptions,
  type SweepParts,
  type SweepSpec,
  simulate,
  sweep,
  type ValidateOptions,
  validate,
  type Workload,
} from '../../src/doors/library/node.ts';
import { parseOnnx } from '../../src/doors/library/onnx.ts';
import { parseScaleSim } from '../../src/doors/library/scaleSim.ts';
import { layerSchema } from '../../src/model/schemas/workloadLayers.ts';

/** What a job is refused with; anything but an InputError fails the test. */
async function refusalOf(job: () => unknown): Promise<string> {
  try {
    await job();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What a caller without types may give. */
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
type Any = any;

let hi3: Hardware;
let pool: Workload;
let hbm2: DramModel;
let energy: EnergyFile;
let dramEnergy: DramEnergyFile;
let roofline: Formula;
let spec: SweepSpec;
let parts: SweepParts;

beforeAll(async () => {
  hi3 = await loadHardware('HI3');
  pool = parseWorkload({
    name: 'small',
    input: { C: 64, H: 16, W: 16 },
    layers: [
      {
        ...{ name: 'conv', op: 'conv', inputs: ['input'], stride: 1, padding: 0, bias: false },
        dimensions: { OC: 64, IC: 64, KH: 1, KW: 1, OH: 16, OW: 16 },
      },
      {
        ...{ name: 'pool', op: 'max-pool', inputs: ['conv'], stride: 2, padding: 0 },
        dimensions: { C: 64, KH: 2, KW: 2, OH: 8, OW: 8 },
      },
    ],
  });
  hbm2 = await loadDram('HBM2');
  [energy, dramEnergy, roofline] = [
    await loadEnergy('fit'),
    await loadDramEnergy('HBM2'),
    await loadFormula('roofline'),
  ];
  spec = parseSweep({ name: 'one', hardware: 'HI3', workload: 'small', parameters: { 'sramKiB.wbuf': [128] } });
  parts = { hardware: hi3, workloads: { small: pool } };
});

const A_NETWORK = 'expected the data of a network, as loadWorkload or parseWorkload give';
const A_HARDWARE = 'expected the data of a hardware point, as loadHardware or parseHardware give';
const A_FORMULA = 'expected a formula, as loadFormula, parseFormula or formulaOf give';

describe('an option', () => {
  it.each<[Any, string]>([
    [{ fuse: 'zz' }, 'options: fuse: got "zz", expected none, pairs or chains'],
    [{ fuse: 'chain' }, 'options: fuse: got "chain", expected none, pairs or chains; did you mean chains?'],
    [{ closedForm: 'foo' }, 'options: closedForm: got "foo", expected published or ceiling'],
    [
      { energy: 'fit' },
      'options: energy: got "fit", expected the data of an energy file, as loadEnergy or parseEnergy give',
    ],
    [
      { dramEnergy: 'HBM2' },
      'options: dramEnergy: got "HBM2", expected the currents of a memory, as loadDramEnergy or parseDramEnergy give',
    ],
    [{ dram: 'HBM2' }, 'options: dram: got "HBM2", expected the data of a memory, as loadDram or parseDram give'],
    [
      { dram: { kind: 'fast' } },
      'options: dram: got {"kind":"fast"}, expected the data of a memory, as loadDram or parseDram give',
    ],
    [{ fastForward: 'no' }, 'options: fastForward: got "no", expected true or false'],
    [{ cycleStepped: 'conv' }, 'options: cycleStepped: got "conv", expected a list of layer names'],
    [{ cycleStepped: [7] }, 'options: cycleStepped[0]: got 7, expected a text'],
    [{ dramLatencies: 1 }, 'options: dramLatencies: got 1, expected true or false'],
    [{ onProgress: true }, 'options: onProgress: got true, expected a function'],
    [{ signal: 5 }, 'options: signal: got 5, expected an AbortSignal'],
    [{ batch: null }, 'options: batch: got null, expected a whole number from 1 to 1000000000'],
    [{ batch: '4' }, 'options: batch: got "4", expected a whole number from 1 to 1000000000'],
  ])('may be wrong: %j', async (options, message) => {
    expect(await refusalOf(() => run(pool, hi3, options))).toBe(message);
  });

  it('may be misspelt', async () => {
    const options: Any = { fuze: 'chains', assumptions: 'paper' };
    const names =
      'phase, batch, expansion, depthwise, dram, fastForward, fuse, onProgress, signal, assume, cycleStepped, energy, dramEnergy, dramLatencies';
    expect(await refusalOf(() => simulate(pool, hi3, options))).toBe(
      [
        `options: fuze: got "chains", expected no such option, but one of ${names}; did you mean fuse?`,
        `options: assumptions: got "paper", expected no such option, but one of ${names}`,
      ].join('\n'),
    );
  });

  it('may be of another function', async () => {
    const message = /^options: closedForm: got "ceiling", expected no such option/;
    expect(await refusalOf(() => simulate(pool, hi3, { closedForm: 'ceiling' } as Any))).toMatch(message);
    expect(await refusalOf(() => closedForm(pool, hi3, { closedForm: 'ceiling' } as Any))).toMatch(message);
    // No name that every object has is one of an option.
    const inherited: Any = { toString: 'x' };
    expect(await refusalOf(() => closedForm(pool, hi3, inherited))).toMatch(
      /^options: toString: got "x", expected no such/,
    );
  });

  it.each<[string, (wrong: Any) => unknown]>([
    ['run', (wrong) => run(pool, hi3, wrong)],
    ['simulate', (wrong) => simulate(pool, hi3, wrong)],
    ['closedForm', (wrong) => closedForm(pool, hi3, wrong)],
    ['check', (wrong) => check(pool, hi3, wrong)],
    ['criticalPath', (wrong) => criticalPath(pool, hi3, wrong)],
    ['validate', (wrong) => validate(roofline, pool, hi3, wrong)],
    ['evaluateFormula', (wrong) => evaluateFormula(roofline, pool, hi3, wrong)],
    ['hunt', (wrong) => hunt(roofline, wrong)],
    ['sweep', (wrong) => sweep(spec, parts, wrong)],
    ['loadHardware', (wrong) => loadHardware('HI3', wrong)],
    ['loadWorkload', (wrong) => loadWorkload('alexnet', wrong)],
    ['loadDram', (wrong) => loadDram('ideal', wrong)],
    ['parseHardware', (wrong) => parseHardware(hi3, wrong)],
    ['parseWorkload', (wrong) => parseWorkload(pool, wrong)],
    ['parseDram', (wrong) => parseDram({}, wrong)],
    ['parseEnergy', (wrong) => parseEnergy(energy, wrong)],
    ['parseDramEnergy', (wrong) => parseDramEnergy(dramEnergy, wrong)],
    ['parseFormula', (wrong) => parseFormula({}, wrong)],
    ['parseSweep', (wrong) => parseSweep(spec, wrong)],
    ['parseOnnx', (wrong) => parseOnnx(new Uint8Array(1), wrong)],
    ['parseScaleSim', (wrong) => parseScaleSim('', wrong)],
  ])('is looked at by %s', async (_, job) => {
    expect(await refusalOf(() => job(null))).toMatch(/^options: got null, expected an object with options by name: /);
    expect(await refusalOf(() => job('training'))).toMatch(/^options: got "training", expected an object with options/);
    expect(await refusalOf(() => job({ zzz: 1 }))).toMatch(
      /^options: zzz: got 1, expected no such option, but one of /,
    );
  });

  it.each<[Any, string]>([
    [{ wck: 'sometimes' }, 'options: wck: got "sometimes", expected always-on'],
    [{ channels: '4' }, 'options: channels: got "4", expected a whole number ≥ 1'],
    [{ layout: 'nhcw' }, 'options: layout: got "nhcw", expected tiles, nhwc or nchw; did you mean nhwc?'],
  ])('of a memory may be wrong: %j', async (choice, message) => {
    expect(await refusalOf(() => loadDram('LPDDR5-6400', choice))).toBe(message);
  });

  it('of a memory changes nothing where memory is ideal', async () => {
    expect(await refusalOf(() => loadDram('ideal', { channels: 4 }))).toBe(
      'options: channels: got 4, expected banked DRAM, without which it changes nothing',
    );
  });

  it.each(['ideal', 'HBM2'])('is no seed where nothing is random: in %s', async (memory) => {
    expect(await refusalOf(() => loadDram(memory, { seed: '7' }))).toBe(
      'options: seed: got "7", expected a memory with latency, without which it changes nothing',
    );
  });
});

describe('an input', () => {
  it.each<[string, () => unknown, string]>([
    [
      'nothing',
      () => simulate(null as Any, null as Any),
      `workload: got null, ${A_NETWORK}\nhardware: got null, ${A_HARDWARE}`,
    ],
    ['empty', () => simulate({} as Any, {} as Any), `workload: got {}, ${A_NETWORK}\nhardware: got {}, ${A_HARDWARE}`],
    [
      'names',
      () => closedForm('resnet50' as Any, 'HI3' as Any),
      `workload: got "resnet50", ${A_NETWORK}\nhardware: got "HI3", ${A_HARDWARE}`,
    ],
    ['left out', () => (check as Any)(pool), `hardware: ${A_HARDWARE} (it is missing)`],
    ['a formula by its name', () => hunt('published' as Any, { cases: 1 }), `formula: got "published", ${A_FORMULA}`],
    [
      'one formula of several',
      () => validate([roofline, 'published' as Any], pool, hi3),
      `formulas: [1]: got "published", ${A_FORMULA}`,
    ],
    [
      'code without a function',
      () => formulaOf({ name: 'mine' } as Any),
      'formula: evaluate: expected a function (it is missing)',
    ],
    [
      'no name',
      () => (loadHardware as Any)(),
      "loadHardware: expected a preset's name or a file's path (it is missing)",
    ],
    [
      'presets of nothing',
      () => presets('hardwares' as Any),
      'presets: got "hardwares", expected hardware, workload, dram, energy, formula or sweep; did you mean hardware?',
    ],
    ['the text of a model', () => parseOnnx('model' as Any), 'bytes: got "model", expected a Uint8Array'],
    ['no text', () => parseScaleSim(5 as Any), 'text: got 5, expected a text'],
    [
      'parts left out',
      () => (sweep as Any)(spec),
      'parts: expected an object with parts by name: hardware, hardwares, workloads, drams, energy, energies (it is missing)',
    ],
    [
      'a part by its name',
      () => sweep(spec, { ...parts, workloads: { small: 'alexnet' } } as Any),
      `parts: workloads.small: got "alexnet", ${A_NETWORK}`,
    ],
    [
      'a part left out',
      () => sweep(spec, { hardware: hi3 } as Any),
      'parts: workloads: expected an object (it is missing)',
    ],
    [
      'the name of a sweep',
      () => sweep('nine-memories' as Any, parts),
      'sweep: got "nine-memories", expected a value of type object',
    ],
  ])('may be wrong: %s', async (_, job, message) => {
    expect(await refusalOf(job)).toBe(message);
  });

  it.each(['loadHardware', 'loadWorkload', 'loadDram', 'loadEnergy', 'loadDramEnergy', 'loadFormula', 'loadSweep'])(
    'is read by name: %s',
    async (name) => {
      const load = { loadHardware, loadWorkload, loadDram, loadEnergy, loadDramEnergy, loadFormula, loadSweep }[
        name
      ] as Any;
      expect(await refusalOf(() => load(hi3))).toMatch(
        new RegExp(`^${name}: got \\{.*, expected a preset's name or a file's path$`),
      );
    },
  );

  it('may be wrong deep inside', async () => {
    const { ifmap: _, ...bitsPerCycle } = hi3.bitsPerCycle;
    const hardware: Any = { ...hi3, array: { rows: '64', columns: 64 }, bitsPerCycle };
    const [conv, last] = pool.layers as Any[];
    const layers = [{ ...conv, stride: '1' }, { ...last, op: 'max-pol' }, null];
    expect((await refusalOf(() => closedForm({ ...pool, layers } as Any, hardware))).split('\n')).toEqual([
      'workload: layers[0].stride: got "1", expected a whole number, or a list of them (layer conv)',
      expect.stringMatching(
        /^workload: layers\[1\]\.op: got "max-pol", expected conv, .*; did you mean max-pool\? \(layer pool\)$/,
      ),
      'workload: layers[2]: got null, expected a layer',
      'hardware: array.rows: got "64", expected a whole number ≥ 1',
      'hardware: bitsPerCycle.ifmap: expected a number > 0 (it is missing)',
    ]);
  });

  it('may be hardware with an SRAM in which no tile has room', async () => {
    // On 64×64, two slots: weights of 3×3 with 8 bits each are 72 KiB, ofmaps of 7×7 with 32 bits 24.5 KiB.
    const sramKiB = { ...hi3.sramKiB, wbuf: 71, obuf: 24 };
    const words = [
      'sramKiB.wbuf: got 71, expected at least 72 KiB (slots · J · K · 9 · b_w bits, the smallest valid wbuf)',
      'sramKiB.obuf: got 24, expected at least 24.5 KiB (slots · K · 7² · b_p bits, the smallest valid obuf)',
    ];
    const said = (file: string): string => words.map((each) => `${file}: ${each}`).join('\n');
    const small = { ...hi3, sramKiB };
    expect(await refusalOf(() => simulate(pool, small))).toBe(said('hardware'));
    expect(await refusalOf(() => sweep(spec, { ...parts, hardwares: { small } }))).toBe(
      words.map((each) => `parts: hardwares.small.${each}`).join('\n'),
    );
    expect(await refusalOf(() => parseHardware(small))).toBe(said('hardware'));
  });

  it('may be a memory that lacks something', async () => {
    const banked: Any = hbm2;
    const { mapping: _, ...others } = banked.spec;
    expect(await refusalOf(() => simulate(pool, hi3, { dram: { ...banked, spec: others } }))).toBe(
      'options: dram.spec.mapping: expected a text (it is missing)',
    );
    const fields = Object.keys(banked.spec).filter((name) => !['$schema', 'description'].includes(name));
    for (const name of fields) {
      const { [name]: __, ...rest } = banked.spec;
      const refusal = await refusalOf(() => simulate(pool, hi3, { dram: { ...banked, spec: rest } }));
      expect(refusal).toMatch(new RegExp(`^options: dram\\.spec\\.${name}: expected .* \\(it is missing\\)$`));
    }
    const piped: Any = await loadDram('latency');
    const interfaces = { ...piped.spec.interfaces, vmem: { ...piped.spec.interfaces.vmem, efficiency: -1 } };
    const dram = { ...piped, spec: { ...piped.spec, interfaces } };
    expect(await refusalOf(() => simulate(pool, hi3, { dram }))).toBe(
      'options: dram.spec.interfaces.vmem.efficiency: got -1, expected a number > 0',
    );
  });

  it('may be a memory that no file could be', async () => {
    const { spec: memory } = hbm2 as Extract<DramModel, { kind: 'banked' }>;
    for (const [change, message] of [
      [
        { organization: { ...memory.organization, channels: 3 } },
        'organization.channels: got 3, expected a power of two',
      ],
      [{ timing: { ...memory.timing, REFI: 10 } }, 'timing.REFI: got 10, expected 0, or more than '],
      [{ mapping: 'rorabgbach' }, 'mapping: got "rorabgbach", expected a place for co too'],
      [{ refreshLevel: 'bank' }, 'refreshLevel: got "bank", expected '],
      [{ timing: { ...memory.timing, CL: undefined } }, 'timing.CL: expected a value of type number (it is missing)'],
    ] as const) {
      const changed: Any = { ...hbm2, spec: { ...memory, ...change } };
      const refusal = await refusalOf(() => simulate(pool, hi3, { dram: changed }));
      expect(refusal.startsWith(`options: dram.spec.${message}`), refusal).toBe(true);
      const inSweep = await refusalOf(() => sweep(spec, { ...parts, drams: { HBM2: changed } }));
      expect(inSweep.startsWith(`parts: drams.HBM2.spec.${message}`), inSweep).toBe(true);
      expect((await refusalOf(() => parseDram(changed.spec))).startsWith(`dram: ${message}`)).toBe(true);
    }
  });

  it('may be a memory with fewer channels than are to be split', async () => {
    const dram = { ...(await loadDram('HBM2', { channels: 2 })), sharing: 'split' } as DramModel;
    expect(await refusalOf(() => simulate(pool, hi3, { dram }))).toBe(
      'options: dram.sharing: got "split", expected a memory with at least 4 channels (HBM2 has 2)',
    );
  });

  it('is refused, and nothing else is thrown, whatever one of its values is', () => {
    const wrong = [undefined, null, 'x', {}, [], -1, Number.NaN];
    let refused = 0;
    const attempt = (job: () => unknown): void => {
      try {
        job();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    };
    for (const value of changed(pool, wrong)) attempt(() => closedForm(value, hi3));
    for (const value of changed(hi3, wrong)) attempt(() => closedForm(pool, value));
    for (const value of changed(energy, wrong)) attempt(() => closedForm(pool, hi3, { energy: value }));
    // Of names and descriptions some are as good as others; of numbers none.
    expect(refused).toBeGreaterThan(500);
  });

  it('is refused or ends, whatever one of the values of a memory is', async () => {
    let refused = 0;
    for (const dram of changed(hbm2, [undefined, null, 'x', {}, [], -1, Number.NaN])) {
      try {
        await simulate(pool, hi3, { dram });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

/** A value with one of the values in it, at any depth, replaced by each of some or, by undefined, taken away. */
function* changed<Value>(value: Value, by: readonly unknown[]): Generator<Value> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const put = (part: unknown): Value => {
      const copy: Any = Array.isArray(value) ? [...value] : { ...value };
      if (part === undefined) delete copy[key];
      else copy[key] = part;
      return copy;
    };
    yield* by.map(put);
    for (const part of changed((value as Any)[key], by)) yield put(part);
  }
}

describe('what a type allows', () => {
  const network: Required<NetworkOptions> = { phase: 'training', batch: 2, expansion: 'exact', depthwise: 'SA' };
  const job: Required<JobOptions> = { onProgress: () => {}, signal: { aborted: false } };
  const machine = (): Required<MachineOptions> => ({ dram: hbm2, fastForward: true, fuse: 'pairs' });
  const simulated = (): Required<SimulateOptions> => ({
    ...{ ...network, ...machine(), ...job, assume: ['lockstep', 'keep-resident'], cycleStepped: ['pool'] },
    ...{ energy, dramEnergy, dramLatencies: true },
  });

  // An option that is added to a type does not compile here until it is given.
  it('is taken: every option at once', async () => {
    const both: Required<RunOptions> = { ...simulated(), closedForm: 'ceiling' };
    expect((await run(pool, hi3, both)).closedFormVariant).toBe('ceiling');
    expect((await simulate(pool, hi3, simulated())).batch).toBe(2);
    const formula: Required<ClosedFormOptions> = { ...network, variant: 'ceiling', energy };
    expect(closedForm(pool, hi3, formula).variant).toBe('ceiling');
    const steps: Required<CheckOptions> = {
      ...{ ...network, ...machine(), ...job, keepResident: true, prefetch: true },
      against: { conv: 100 },
    };
    expect((await check(pool, hi3, steps)).against?.layers.map(({ name }) => name)).toEqual(['conv']);
    const path: Required<CriticalPathOptions> = { ...network, ...machine(), ...job, assume: 'paper', segments: true };
    expect((await criticalPath(pool, hi3, path)).phase).toBe('training');
    const trial: Required<ValidateOptions> = { ...network, ...machine(), ...job, assume: 'hardware', top: 1 };
    expect((await validate(roofline, pool, hi3, trial)).formulas).toHaveLength(1);
    expect(evaluateFormula(roofline, pool, hi3, network).batch).toBe(2);
  });

  it('is taken: every option of a hunt, of a memory, of code, every part of a sweep', async () => {
    const hunted: Required<HuntOptions> = {
      ...{ ...job, column: 'cycles', assume: 'paper', tolerancePercent: 5, side: 'over', seed: '2', cases: 2 },
      ...{ operations: ['relu'], bounds: { name: 'all', numbers: {} }, hardware: hi3 },
    };
    expect((await hunt(roofline, hunted)).seed).toBe('2');
    const { seed, wck, ...choice }: Required<DramChoice> = {
      ...{ channels: 4, mapping: 'rorabgbachco', ranks: 2, refresh: 'off', clock: 1000 },
      ...{ wck: 'always-on', layout: 'nchw', sharing: 'split', seed: '7' },
    };
    expect(await loadDram('DDR4-2400', choice)).toMatchObject({ layout: 'nchw', sharing: 'split' });
    expect(await loadDram('latency', { seed })).toMatchObject({ kind: 'latency', seed: '7' });
    expect(await loadDram('LPDDR5-6400', { wck })).toMatchObject({ spec: { dataClock: 'always on' } });
    const code: Required<FormulaCode> = {
      ...{ name: 'mine', description: 'one cycle', source: 'nowhere', columns: ['cycles'] },
      evaluate: () => 1,
    };
    expect(evaluateFormula(formulaOf(code), pool, hi3).cycles).toBe(2);
    const every: Required<SweepParts> = {
      ...{ ...parts, hardwares: { HI3: hi3 }, drams: { HBM2: hbm2 }, energy, energies: { fit: energy } },
    };
    expect((await sweep(spec, every, job)).coverage.pointsCovered).toBe(1);
  });

  it('is taken: options that are there, but undefined', async () => {
    const nothing = Object.fromEntries(Object.keys(simulated()).map((name) => [name, undefined]));
    expect(await simulate(pool, hi3, nothing)).toEqual(await simulate(pool, hi3));
  });

  it('is taken: memories of every kind', async () => {
    const latency = await loadDram('latency');
    for (const dram of [hbm2, latency, { kind: 'ideal' }, { kind: 'peak', bitsPerCycle: 512 }] as const) {
      expect((await simulate(pool, hi3, { dram })).totals.all.totalCycles).toBeGreaterThan(0);
    }
  });

  it('is taken: every preset', async () => {
    for (const name of presets('workload')) {
      expectInputs({ workload: WORKLOAD }, { workload: await loadWorkload(name) });
    }
    for (const name of presets('hardware')) {
      expectInputs({ hardware: HARDWARE }, { hardware: await loadHardware(name) });
    }
    for (const name of presets('dram')) {
      expectInputs({ dram: DRAM }, { dram: await loadDram(name) });
    }
    for (const name of presets('sweep')) {
      const { spec: parsed } = await loadSweep(name);
      expect(parseSweep(parsed)).toEqual(parsed);
    }
  });

  it('is taken: the data of a hardware file as they are, which leave out what is 1', async () => {
    const { min, mac, ...aluCycles } = hi3.aluCycles;
    expect([min, mac]).toEqual([1, 1]);
    const asInFile = { ...hi3, aluCycles } as Hardware;
    const mobile = await loadWorkload('mobilenet_v2');
    expect(closedForm(mobile, asInFile)).toEqual(closedForm(mobile, hi3));
    const same: SweepParts = { ...parts, hardware: asInFile };
    expect(await sweep(spec, same)).toEqual(await sweep(spec, parts));
  });

  it.each(layerSchema.options.map(({ shape }) => [shape.op.value, shape] as const))(
    'is taken: a layer %s, of which as much is asked as of a file',
    (op, shape) => {
      const needed = (fields: object): string[] =>
        Object.entries(fields as Readonly<Record<string, z.ZodType>>).flatMap(([name, field]) =>
          field.safeParse(undefined).success ? [] : [name],
        );
      const sizes = 'dimensions' in shape ? shape.dimensions.shape : {};
      const [first, ...others] = needed(sizes);
      const missing: string[] = [];
      const one = first === undefined ? {} : { dimensions: { [first]: 1 } };
      LISTED_LAYER({ op, ...one }, '', (path) => missing.push(path));
      // Without a bias it has none.
      const fields = needed(shape).filter((name) => !['op', 'bias', 'dimensions'].includes(name));
      expect(missing.toSorted()).toEqual([...fields, ...others.map((name) => `dimensions.${name}`)].toSorted());
    },
  );
});
