import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { systole, systoleIn, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { ROUND_ENERGY } from '../support/energy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** ResNet-18 on HI1 with 3 · 3 · 2 sizes and bandwidths. */
const SMALL = {
  name: 'small',
  hardware: 'HI1',
  workload: 'resnet18',
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 64, to: 192, step: 64 },
    'bitsPerCycle.vmem': [64, 128],
  },
  constraints: ['sramKiB.wbuf + sramKiB.ibuf < 160 || bitsPerCycle.psum > 64'],
};
/** Enough to simulate that a kill comes in between. */
const LONG = {
  ...SMALL,
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'sramKiB.ibuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 16, to: 192, step: 8 },
    'bitsPerCycle.vmem': [64, 128],
  },
  constraints: [],
  model: 'simulated',
  objectives: ['cycles', 'totalSramKiB'],
  rerank: { top: 20, model: 'closed-form' },
};

/** All files of a folder, by name. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}

function sweep(spec: unknown, ...args: string[]) {
  const folder = join(temporaryFolder(), 'out');
  return { ...systole('sweep', temporaryFile('sweep.json', spec), '-o', folder, ...args), folder };
}

function start(spec: string, folder: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['dist/cli/main.js', 'sweep', spec, '-o', folder, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

const ended = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));

interface Row {
  parameters: Record<string, number>;
  cycles: number;
  joules?: number;
}
const resultOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as {
    coverage: Record<string, number>;
    best: Row;
    energy?: { description: string };
    worst: Row;
    worstOverBest: number;
    pareto: Row[];
    sensitivity: { parameter: string; bars: { value: number; cycles: number; isInSpace: boolean }[] }[];
    rerank: { spearman: number; kendall: number; points: (Row & { rank: number; rankAgain: number })[] }[];
  };

describe('systole sweep', () => {
  const { status, stdout, folder } = sweep(SMALL);
  const result = resultOf(folder);
  const csv = parse(readFileSync(join(folder, 'points.csv')), { columns: true, cast: true }) as Record<
    string,
    unknown
  >[];

  it('covers the points that meet the constraints, and says with how many evaluations', () => {
    // 3 · 3 · 2 = 18; WBuf 128 + IBuf 32 = 160 with psum 64 is excluded, for both bandwidths of VMem: 16.
    // 8 choices of WBuf and psum are left for the systolic array, 2 of VMem's bandwidth for the SIMD array.
    expect(status).toBe(0);
    expect(result.coverage).toEqual({ latticePoints: 18, pointsCovered: 16, pointsThatDoNotFit: 0, evaluations: 10 });
    expect(stdout).toContain("16 points of 18 combinations covered, 10 evaluations of one array's layers");
    expect(csv).toHaveLength(16);
  });

  it('prices each point as `systole run` does', () => {
    const hardware = JSON.parse(readFileSync(join(root, 'hw/HI1.json'), 'utf8')) as Record<
      string,
      Record<string, number>
    >;
    for (const { parameters, cycles } of [result.best, result.worst]) {
      for (const [path, value] of Object.entries(parameters)) {
        const [group, field] = path.split('.');
        hardware[group!]![field!] = value;
      }
      const { $schema: _, ...file } = hardware;
      const run = JSON.parse(
        systole('run', '-c', temporaryFile('hw.json', file), '-t', 'resnet18', '--format', 'json').stdout,
      ) as { totals: { all: { closedForm: { totalCycles: number } } } };
      expect(run.totals.all.closedForm.totalCycles / cycles).toBeCloseTo(1, 12);
    }
  });

  it('names the least and the most cycles of the rows', () => {
    const cycles = csv.map((row) => row['cycles'] as number);
    expect(result.best.cycles).toBe(Math.min(...cycles));
    expect(result.worst.cycles).toBe(Math.max(...cycles));
    expect(result.worstOverBest).toBe(result.worst.cycles / result.best.cycles);
  });

  it('writes the same rows as Parquet', async () => {
    const file = await asyncBufferFromFile(join(folder, 'points.parquet'));
    const rows = await parquetReadObjects({ file });
    expect(rows.map((row) => ({ ...row, isPareto: String(row['isPareto']) }))).toEqual(csv);
  });

  it('varies each parameter alone around the best point, or around another', () => {
    const own = result.sensitivity.find(({ parameter }) => parameter === 'bitsPerCycle.vmem')!;
    expect(own.bars.find(({ value }) => value === result.best.parameters['bitsPerCycle.vmem'])!.cycles).toBe(
      result.best.cycles,
    );
    const centre = { 'sramKiB.wbuf': 32, 'bitsPerCycle.psum': 64, 'bitsPerCycle.vmem': 64 };
    const around = resultOf(sweep({ ...SMALL, sensitivity: centre }).folder).sensitivity;
    expect(around[0]!.bars.map(({ value, isInSpace }) => [value, isInSpace])).toEqual([
      [32, true],
      [64, true],
      [128, false],
    ]);
  });

  it('leaves nothing but the results', () => {
    expect(readdirSync(folder).sort()).toEqual(['points.csv', 'points.parquet', 'result.json']);
  });

  it('writes the same bytes with any number of workers', () => {
    expect(filesOf(sweep(SMALL, '--workers', '1').folder)).toEqual(filesOf(sweep(SMALL, '--workers', '3').folder));
  });

  it('ranks the best points again by another model', () => {
    const { rerank } = resultOf(sweep({ ...SMALL, points: 'none', rerank: { top: 5, model: 'simulated' } }).folder);
    expect(rerank[0]!.points.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect([...rerank[0]!.points.map(({ rankAgain }) => rankAgain)].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(Math.abs(rerank[0]!.spearman)).toBeLessThanOrEqual(1);
  });

  it('minimises energy, with the Pareto front against time', () => {
    const outcome = sweep({ ...SMALL, energy: 'fit', objectives: ['joules', 'cycles'] });
    const { best, pareto, energy } = resultOf(outcome.folder);
    expect(best.joules).toBe(Math.min(...pareto.map(({ joules }) => joules!)));
    expect(pareto.length).toBeGreaterThan(0);
    // The fit calls itself one in every output.
    expect(energy!.description).toContain('A fit, not measured data');
    expect(outcome.stdout).toContain('energy with the constants "fit": A fit, not measured data');
    const text = readFileSync(join(outcome.folder, 'points.csv'), 'utf8');
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(new Set(rows.map((row) => row['energyData']))).toEqual(new Set(['fit']));
  });
});

/** An energy file that holds for one hardware. */
function energyFor(name: string): unknown {
  return { ...ROUND_ENERGY, points: [{ ...ROUND_ENERGY.points[0], hardware: { name } }] };
}

describe('a sweep that is stopped', () => {
  const spec = temporaryFile('sweep.json', LONG);
  const alone = join(temporaryFolder(), 'out');
  const began = Date.now();
  const undisturbed = systole('sweep', spec, '-o', alone);
  const milliseconds = Date.now() - began;
  const KILLS = process.env['SYSTOLE_VERIFY'] === '1' ? 10 : 2;

  it('ends with the same bytes when it is killed at random moments and started again', async () => {
    expect(undisturbed.status).toBe(0);
    const random = seedrandom('kills');
    const folder = join(temporaryFolder(), 'out');
    const journal = join(folder, 'journal.jsonl');
    let wholeLines = Buffer.alloc(0);
    let resumed = 0;
    for (let kills = 0; kills < KILLS; ) {
      if (wholeLines.indexOf('\n') < wholeLines.length - 1) resumed++;
      const child = start(spec, folder, '--workers', String(1 + (kills % 3)));
      const end = ended(child);
      await setTimeout((0.3 + 0.7 * random()) * milliseconds);
      child.kill('SIGKILL');
      if ((await end).signal === 'SIGKILL') kills++;
      const left = existsSync(journal) ? readFileSync(journal) : Buffer.alloc(0);
      // What earlier runs wrote is still there, unless the sweep came to its end before the kill.
      if (left.length > 0) expect(left.subarray(0, wholeLines.length).equals(wholeLines)).toBe(true);
      wholeLines = left.subarray(0, left.lastIndexOf('\n') + 1);
    }
    if (KILLS === 10) expect(resumed).toBeGreaterThan(0);
    expect(await ended(start(spec, folder))).toEqual({ code: 0, signal: null });
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('resumes when the last line of its journal is torn or wrong', async () => {
    const folder = join(temporaryFolder(), 'out');
    const child = start(spec, folder);
    const end = ended(child);
    while (!existsSync(join(folder, 'journal.jsonl')) || readFileSync(join(folder, 'journal.jsonl')).length < 4000) {
      await setTimeout(10);
    }
    child.kill('SIGKILL');
    await end;
    appendFileSync(
      join(folder, 'journal.jsonl'),
      '00000000 {"model":"simulated","unit":"SA","keys":[0],"costs":[{"cycles":1}]}\n12ab',
    );
    expect(systole('sweep', spec, '-o', folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('stops cleanly on Ctrl-C and resumes', async () => {
    const folder = join(temporaryFolder(), 'out');
    const child = start(spec, folder);
    let stderr = '';
    child.stderr!.on('data', (text) => {
      stderr += String(text);
    });
    const end = ended(child);
    while (!existsSync(join(folder, 'journal.jsonl')) || readFileSync(join(folder, 'journal.jsonl')).length < 500) {
      await setTimeout(10);
    }
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, signal: null });
    expect(stderr).toBe('systole: interrupted\n');
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    expect(systole('sweep', spec, '-o', folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('refuses the folder of another sweep', async () => {
    const folder = temporaryFolder();
    const child = start(spec, folder);
    const end = ended(child);
    while (!existsSync(join(folder, 'journal.jsonl')) || readFileSync(join(folder, 'journal.jsonl')).length < 500) {
      await setTimeout(10);
    }
    child.kill('SIGKILL');
    await end;
    const { status, stderr } = systole('sweep', temporaryFile('other.json', SMALL), '-o', folder);
    expect(status).toBe(2);
    expect(stderr).toContain('journal.jsonl: expected the journal of this sweep; it is that of another');
  });
});

describe('a sweep that cannot be done', () => {
  const cases: [string, object, string][] = [
    ['an unknown network', { workload: 'resnet19' }, 'workload: got "resnet19", expected a preset (alexnet'],
    [
      'an unknown network in a list',
      { parameters: { workload: ['resnet18', 'resnet19'] } },
      'sweep.json: parameters.workload[1]: got "resnet19", expected a preset (alexnet',
    ],
    [
      'an unknown memory',
      { model: 'simulated', dram: 'HBM9' },
      'sweep.json: dram: got "HBM9", expected a preset (DDR4-2400',
    ],
    [
      'an unknown memory to rank by',
      { rerank: [{ top: 2, model: 'simulated', dram: 'HBM9' }] },
      'sweep.json: rerank[0].dram: got "HBM9", expected a preset (DDR4-2400',
    ],
    ['a range of networks', { parameters: { workload: { from: 1, to: 2, step: 1 } } }, 'parameters.workload: got'],
    ['an unknown hardware', { hardware: 'HI9' }, 'hardware: got "HI9", expected a preset (HI1'],
    [
      'energy data for other hardware',
      { energy: temporaryFile('energy.json', energyFor('HT1')), objectives: ['joules'] },
      'points: got [{"name":"HT1"}], expected one whose "hardware" agrees with HI1',
    ],
  ];
  it.each(cases)('with %s is refused', (_, change, message) => {
    const { status, stdout, stderr } = sweep({ ...SMALL, ...change });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('is no error where no point is valid', () => {
    const { status, stdout } = sweep({ ...SMALL, constraints: ['batch > 1'] });
    expect(status).toBe(0);
    expect(stdout).toContain('No point meets all constraints.');
  });

  it('cannot write where a file is', () => {
    const { status, stderr } = systole('sweep', temporaryFile('sweep.json', SMALL), '-o', temporaryFile('taken', ''));
    expect(status).toBe(2);
    expect(stderr).toContain('--output: got');
  });
});

describe('the folder of a sweep', () => {
  it('is named after the file unless told otherwise, which is said', () => {
    const here = temporaryFolder();
    const spec = temporaryFile('mine.json', SMALL);
    const { status, stderr } = systoleIn(here, 'sweep', spec);
    expect([status, stderr]).toEqual([0, 'systole: results go to ./mine/\n']);
    expect(readdirSync(join(here, 'mine')).sort()).toEqual(['points.csv', 'points.parquet', 'result.json']);
    expect(systoleIn(here, 'sweep', spec).status).toBe(0); // again: what is there is an earlier sweep's
  });

  it('is not named after the file where something else has that name', () => {
    const here = temporaryFolder();
    mkdirSync(join(here, 'mine'));
    writeFileSync(join(here, 'mine', 'letter.txt'), 'dear');
    const { status, stderr } = systoleIn(here, 'sweep', temporaryFile('mine.json', SMALL));
    expect(status).toBe(2);
    expect(stderr).toBe(
      'systole: --output: expected a folder, because ./mine, which is named after the sweep, holds something else\n',
    );
    expect(readdirSync(join(here, 'mine'))).toEqual(['letter.txt']);
  });

  it('loses the points of an earlier sweep when a sweep writes none, and only those', () => {
    const { folder } = sweep(SMALL);
    const without = temporaryFile('sweep.json', { ...SMALL, points: 'none' });
    expect(systole('sweep', without, '-o', folder).status).toBe(0);
    expect(readdirSync(folder)).toEqual(['result.json']);
    // Points that are no sweep's stay.
    const own = temporaryFolder();
    writeFileSync(join(own, 'points.csv'), 'mine');
    expect(systole('sweep', without, '-o', own).status).toBe(0);
    expect(readdirSync(own).sort()).toEqual(['points.csv', 'result.json']);
  });

  it('is cleared of what a killed sweep has left half-written', () => {
    const { folder } = sweep(SMALL);
    const whole = filesOf(folder);
    for (const name of ['points.csv', 'points.parquet', 'result.json']) {
      renameSync(join(folder, name), join(folder, `${name}.tmp`));
    }
    expect(systole('sweep', temporaryFile('sweep.json', SMALL), '-o', folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(whole);
  });
});
