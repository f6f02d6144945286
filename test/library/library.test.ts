/** The library's functions give what the command line prints, and leave what they are given as it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  closedForm,
  evaluateFormula,
  formulaOf,
  type Hardware,
  InputError,
  loadDram,
  loadEnergy,
  loadFormula,
  loadHardware,
  loadSweep,
  loadWorkload,
  parseDram,
  parseHardware,
  parseWorkload,
  presets,
  type RunReport,
  run,
  simulate,
  sweep,
  VERSION,
  validate,
  type Workload,
} from '../../src/doors/library/node.ts';
import { parseOnnx } from '../../src/doors/library/onnx.ts';
import { parseScaleSim } from '../../src/doors/library/scaleSim.ts';
import { root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

/** What a command prints as JSON. */
function printed(...args: string[]): unknown {
  const { status, stdout, stderr } = systole(...args, '--format', 'json');
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** As JSON has it: what is undefined is not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Cannot be changed at any depth. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** The problem that a job is refused for. */
async function problemOf(job: () => unknown): Promise<string> {
  try {
    await job();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('nothing was refused');
}

let hi3: Hardware;
let resnet18: Workload;

beforeAll(async () => {
  hi3 = frozen(await loadHardware('HI3'));
  resnet18 = frozen(await loadWorkload('resnet18'));
});

describe('run', () => {
  it('is what `systole run` prints', async () => {
    const args = ['run', '-c', 'HI3', '-t', 'resnet18', '--assume', 'paper', '--closed-form', 'ceiling'];
    const report = await run(resnet18, hi3, { assume: 'paper', closedForm: 'ceiling' });
    expect(asJson(report)).toEqual(printed(...args));
  });

  it('with training and energy, too', async () => {
    const args = ['run', '-c', 'HT1', '-t', 'alexnet', '--phase', 'training', '--batch', '4', '--energy', 'fit'];
    const energy = await loadEnergy('fit');
    const workload = await loadWorkload('alexnet');
    const report = await run(workload, await loadHardware('HT1'), { phase: 'training', batch: 4, energy });
    expect(asJson(report)).toEqual(printed(...args));
  });

  it('on real DRAM, too', async () => {
    const file = temporaryFile('pool.json', {
      name: 'pool',
      input: { C: 64, H: 16, W: 16 },
      layers: [
        {
          name: 'pool',
          op: 'max-pool',
          inputs: ['input'],
          dimensions: { C: 64, KH: 2, KW: 2, OH: 8, OW: 8 },
          stride: 2,
          padding: 0,
        },
      ],
    });
    const dram = await loadDram('HBM2', { channels: 4, layout: 'nchw' });
    const report = await run(await loadWorkload(file), hi3, { dram });
    const args = ['run', '-c', 'HI3', '-t', file, '--dram', 'HBM2'];
    expect(asJson(report)).toEqual(printed(...args, '--dram-channels', '4', '--dram-layout', 'nchw'));
  });
});

it('says which version it is, in every result', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const results = [closedForm(resnet18, hi3), await simulate(resnet18, hi3), await check(resnet18, hi3)];
  expect([VERSION, ...results.map((result) => result.version)]).toEqual(Array.from({ length: 4 }, () => version));
});

describe('simulate and closedForm', () => {
  it('are each half of it, energy included', async () => {
    const energy = await loadEnergy('fit');
    const both = (await run(resnet18, hi3, { energy })) as Required<RunReport>;
    const machine = await simulate(resnet18, hi3, { energy });
    const formula = closedForm(resnet18, hi3, { energy });
    expect(machine.totals.all).toEqual(both.totals.all.simulated);
    expect(machine.seconds).toBe(both.seconds.simulated);
    expect(machine.energy!.averageWatts).toBe(both.energy.averageWatts.simulated);
    expect(machine.layers.map(({ name, totalCycles }) => [name, totalCycles])).toEqual(
      both.layers.map(({ name, simulated }) => [name, simulated.totalCycles]),
    );
    expect(formula.totals).toEqual({
      SA: both.totals.SA.closedForm,
      SIMD: both.totals.SIMD.closedForm,
      all: both.totals.all.closedForm,
    });
    expect([formula.seconds, formula.imagesPerSecond]).toEqual([
      both.seconds.closedForm,
      both.imagesPerSecond.closedForm,
    ]);
    expect(formula.energy!.totals.SIMD).toEqual(both.energy.totals.SIMD.closedForm);
    expect(formula.energy!.averageWatts).toBeCloseTo(both.energy.averageWatts.closedForm, 12);
    expect(
      formula.layers.map(({ name, totalCycles, noStallCycles, energy: joules }) => [
        name,
        totalCycles,
        noStallCycles,
        joules,
      ]),
    ).toEqual(
      both.layers.map(({ name, closedForm: { totalCycles }, noStallCycles, energy: joules }) => [
        name,
        totalCycles,
        noStallCycles,
        joules!.closedForm,
      ]),
    );
  });

  it('take a variant of a hardware point', () => {
    const narrow = { ...hi3, bitsPerCycle: { ...hi3.bitsPerCycle, ifmap: hi3.bitsPerCycle.ifmap / 4 } };
    const cycles = (hardware: Hardware): number => closedForm(resnet18, hardware).totals.all.totalCycles;
    expect(cycles(narrow)).toBeGreaterThan(cycles(hi3));
  });
});

describe('layers that are computed register by register', () => {
  it('have the same figures, but that an event passes in every cycle', async () => {
    const figuresOf = async (cycleStepped: readonly string[]) => {
      const { layers, totals } = await simulate(resnet18, hi3, { cycleStepped });
      const { events, ...all } = totals.all;
      return {
        layers: layers.map((layer) => ({ ...layer, events: 0, steppedTiles: 0, jumpedTiles: 0 })),
        ...all,
        events,
      };
    };
    const whole = await figuresOf([]);
    const stepped = await figuresOf(['fc', 'layer4.0.downsample.conv']);
    expect(stepped.layers).toEqual(whole.layers);
    expect(stepped.totalCycles).toBe(whole.totalCycles);
    const computed = stepped.layers.filter(({ name }) => name === 'fc' || name === 'layer4.0.downsample.conv');
    const cycles = computed.reduce((sum, { computeCycles, tiles }) => sum + computeCycles - tiles, 0);
    expect(stepped.events - whole.events).toBe(cycles);
  });

  it('are layers of the network', async () => {
    expect(await problemOf(() => simulate(resnet18, hi3, { cycleStepped: ['fcc'] }))).toMatch(
      /^options: cycleStepped: got "fcc", expected a layer of the network.*fc/,
    );
  });
});

describe('check', () => {
  it('is what `systole check` prints, a formula of one’s own included', async () => {
    const against = { conv1: 600_000, 'layer4.0.conv2': 40_305 };
    const file = temporaryFile('mine.csv', 'conv1,600000\nlayer4.0.conv2,40305\n');
    const args = ['check', '-c', 'HI3', '-t', 'resnet18', '--keep-resident', '--against', file];
    const report = await check(resnet18, hi3, { keepResident: true, against });
    expect(asJson(report)).toEqual(printed(...args));
    expect(report.against!.layers[0]!.name).toBe('layer4.0.conv2');
  });
});

describe('validate', () => {
  it('is what `systole validate` prints', async () => {
    const [formulas, points] = [
      ['published', 'roofline'],
      ['HI1', 'HI3'],
    ];
    const given = await Promise.all(formulas.map(loadFormula));
    const hardware = await Promise.all(points.map((name) => loadHardware(name)));
    const report = await validate(given, await loadWorkload('alexnet'), hardware, { top: 2, batch: 2 });
    const command = ['validate', ...formulas, '-c', points.join(), '-t', 'alexnet', '--top', '2', '--batch', '2'];
    expect(asJson(report)).toEqual(printed(...command));
  });

  it('takes functions for formulas', async () => {
    const [hardware, workload] = [await loadHardware('HI3'), await loadWorkload('alexnet')];
    const { layers } = await simulate(workload, hardware);
    const cycles = new Map(layers.map(({ name, totalCycles }) => [name, totalCycles]));
    const right = formulaOf({ name: 'right', evaluate: ({ name }) => cycles.get(name) });
    const half = formulaOf({
      name: 'half',
      evaluate: ({ name, op }) => (op === 'conv' ? cycles.get(name)! / 2 : undefined),
    });
    const { formulas } = await validate([right, half], workload, hardware);
    expect(formulas[0]!.all).toMatchObject({ cases: layers.length, meanAbsolute: 0, within1: 1 });
    expect(formulas[1]!.all).toMatchObject({ cases: 5, meanAbsolute: 0.5, bias: -0.5, total: -0.5, within10: 0 });
    const evaluated = evaluateFormula(half, workload, hardware);
    const convs = layers.filter(({ op }) => op === 'conv');
    expect(evaluated.cycles).toBe(convs.reduce((sum, { totalCycles }) => sum + totalCycles / 2, 0));
    expect(evaluated.layers.filter(({ estimate }) => estimate !== null)).toHaveLength(convs.length);
  });

  it('says what it has not been given', async () => {
    const [hardware, workload] = [await loadHardware('HI3'), await loadWorkload('alexnet')];
    await expect(validate([], workload, hardware)).rejects.toThrow('formulas: got [], expected at least one');
    const formula = await loadFormula('roofline');
    await expect(validate(formula, workload, hardware, { top: 1.5 })).rejects.toThrow('options: top: got 1.5');
    await expect(loadFormula('rooflin')).rejects.toThrow('did you mean roofline?');
  });
});

describe('sweep', () => {
  const spec = {
    name: 'small',
    hardware: 'HI2',
    workload: 'alexnet',
    parameters: { 'bitsPerCycle.weight': [64, 128, 256], 'sramKiB.vmem': [128, 256] },
    constraints: ['bitsPerCycle.weight + sramKiB.vmem <= 400'],
    objectives: ['cycles', 'totalBitsPerCycle'],
    rerank: { top: 3, model: 'simulated' },
  };

  it('is what `systole sweep` writes', async () => {
    const file = temporaryFile('small.json', spec);
    const { spec: parsed, parts } = await loadSweep(file);
    const shown: number[] = [];
    const report = await sweep(parsed, parts, { onProgress: ({ share }) => shown.push(share) });
    const { status, stdout } = systole('sweep', file, '-o', temporaryFolder(), '--workers', '1', '--format', 'json');
    const expected: unknown = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(asJson(report)).toEqual(expected);
    expect(report.coverage.pointsCovered).toBe(5);
    expect(shown.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it('knows the names of parts that it no longer uses', async () => {
    const parameters = {
      dram: ['HBM2', 'DDR4-2400'],
      'dram.organization.channels': "dram == 'DDR4-2400' ? 4 : 8",
    };
    const { spec: whole, parts } = await loadSweep(
      temporaryFile('memories.json', { ...spec, parameters, constraints: [], model: 'simulated', rerank: [] }),
    );
    const { dram: _, ...others } = whole.parameters;
    const changed = { ...whole, dram: 'HBM2', parameters: others };
    expect((await sweep(changed, parts)).coverage.pointsCovered).toBe(1);
    expect(await problemOf(() => sweep(changed, { ...parts, drams: { HBM2: parts.drams!['HBM2']! } }))).toContain(
      "nothing here is called 'DDR4-2400'",
    );
  });

  it('says what it has not been given', async () => {
    const { spec: parsed, parts } = await loadSweep(temporaryFile('small.json', spec));
    expect(await problemOf(() => sweep(parsed, { ...parts, workloads: {} }))).toBe(
      'sweep: workload: got "alexnet", expected one of the workloads given ()',
    );
  });
});

describe('a job', () => {
  it('says how far it is, at its beginning and at its end', async () => {
    const shown: [number, string][] = [];
    await simulate(resnet18, hi3, { onProgress: ({ share, text }) => shown.push([share, text]) });
    expect(shown[0]).toEqual([0, expect.stringMatching(/^layer 1 of \d+, conv1$/)]);
    expect(shown.at(-1)).toEqual([1, 'done']);
  });

  it('ends with the reason of a signal that is aborted before it', async () => {
    const reason = new Error('enough');
    await expect(simulate(resnet18, hi3, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('ends with the reason of a signal that is aborted meanwhile', async () => {
    const controller = new AbortController();
    const job = check(resnet18, hi3, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('seen enough')),
    });
    await expect(job).rejects.toThrow('seen enough');
  });

  it('runs beside others without a trace of them', async () => {
    const alone = await simulate(resnet18, hi3);
    const [first, second] = await Promise.all([simulate(resnet18, hi3), simulate(resnet18, hi3)]);
    expect([first, second]).toEqual([alone, alone]);
  });
});

describe('inputs', () => {
  it('may be a preset by name, a file, or its data', async () => {
    const path = join(root, 'hw/HI3.json');
    const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
    expect(await loadHardware(path)).toEqual(hi3);
    expect(parseHardware(data)).toEqual(hi3);
    const network: unknown = JSON.parse(readFileSync(join(root, 'workloads/resnet18.json'), 'utf8'));
    expect(closedForm(parseWorkload(network), hi3)).toEqual(closedForm(resnet18, hi3));
    const memory: unknown = JSON.parse(readFileSync(join(root, 'hw/dram/HBM2.json'), 'utf8'));
    expect(parseDram(memory, { channels: 2 })).toEqual(await loadDram('HBM2', { channels: 2 }));
    expect(presets('hardware')).toEqual(['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3']);
  });

  it('may be of other tools', async () => {
    const topology =
      'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\nConv1, 8, 8, 3, 3, 4, 16, 1,\n';
    expect(parseScaleSim(topology).layers.map(({ name, op }) => [name, op])).toEqual([['Conv1', 'conv']]);
    const file = temporaryFile('one.csv', topology);
    expect(await loadWorkload(file)).toEqual({ ...parseScaleSim(topology), name: 'one' });
    expect(await problemOf(() => parseOnnx(new Uint8Array([1, 2, 3])))).toMatch(/^onnx: /);
  });
});

describe('what is wrong', () => {
  /** What the command line says of the same mistake. */
  const said = (...args: string[]): string => systole(...args).stderr.trimEnd();

  it('is said as the command line says it', async () => {
    const { wbuf: _, ...sramKiB } = hi3.sramKiB;
    const file = temporaryFile('wrong.json', { ...hi3, sramKiB, array: { rows: 0, columns: 64 } });
    const message = await problemOf(() => loadHardware(file));
    expect(message.split('\n')).toHaveLength(2);
    expect(said('run', '-c', file, '-t', 'resnet18')).toBe(
      message
        .split('\n')
        .map((line) => `systole: ${line}`)
        .join('\n'),
    );
  });

  it('is data, too', async () => {
    const error = await loadHardware('HI33').catch((thrown: unknown) => thrown);
    expect((error as InputError).problems).toEqual([
      {
        file: 'loadHardware',
        path: '',
        value: 'HI33',
        expected: 'a preset (HI1, HI2, HI3, HT1, HT2, HT3) or a file that can be read; did you mean HI3?',
      },
    ]);
  });

  it.each([
    [{ batch: 0 }, 'options: batch: got 0, expected a whole number from 1 to 1000000000'],
    [{ batch: 1.5 }, 'options: batch: got 1.5, expected a whole number from 1 to 1000000000'],
    [{ phase: 'learning' }, 'options: phase: got "learning", expected inference or training'],
    [{ expansion: 'all' }, 'options: expansion: got "all", expected exact or published'],
    [
      { assume: ['lockstepp'] },
      /^options: assume: got "lockstepp", expected paper, hardware, or a list of .*; did you mean lockstep\?$/,
    ],
    [{ assume: ['keep-resident', 'reload-operands'] }, /^options: assume: .* which exclude each other$/],
  ])('among options: %j', async (options, message) => {
    expect(await problemOf(() => simulate(resnet18, hi3, options as never))).toMatch(message);
  });

  it('is said of a layer by its name', async () => {
    const [first, ...rest] = resnet18.layers;
    const tile = { oc: 64, ic: 64, kh: 7, kw: 7, n: 1, oh: 112, ow: 112 };
    const layers = [{ ...first!, tile }, ...rest] as Workload['layers'];
    const message = await problemOf(() => simulate({ ...resnet18, layers }, hi3));
    expect(message).toMatch(/^resnet18: layers\[0\]\.tile: .*\(layer conv1\)$/);
  });
});
