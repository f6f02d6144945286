import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { root, systole, systoleIn, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { FILES, filesOf, ONE_THREAD, resultOf, SMALL, sweep } from '../support/sweep.ts';

/** The rows of points.csv. */
const csvOf = (folder: string) =>
  parse(readFileSync(join(folder, 'points.csv')), { columns: true, cast: true }) as Record<string, unknown>[];

/** The rows of points.parquet. */
const parquetOf = async (folder: string) =>
  parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'points.parquet')) });

describe('systole sweep', () => {
  const { status, stdout, folder } = sweep(SMALL);
  const result = resultOf(folder);
  const csv = csvOf(folder);

  it('shows no character of its name raw, in whatever it writes', () => {
    const { status, stdout, folder } = sweep({ ...SMALL, name: 'a\u202eb\u001b[2J' });
    expect(status).toBe(0);
    const written = readFileSync(join(folder, 'result.json'), 'utf8');
    expect(stdout + written).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(written)).toMatchObject({ name: 'a\u202eb\u001b[2J' });
  });

  it('covers the points that meet the constraints, and says with how many evaluations', () => {
    // 3 · 3 · 2 = 18; WBuf 128 + IBuf 32 = 160 with psum 64 is excluded, for both bandwidths of VMem: 16.
    // 8 choices of WBuf and psum are left for the systolic array, 2 of VMem's bandwidth for the SIMD array.
    expect(status).toBe(0);
    expect(result.coverage).toEqual({ latticePoints: 18, pointsCovered: 16, pointsThatDoNotFit: 0, evaluations: 10 });
    expect(stdout.replaceAll('\n  ', ' ')).toContain(
      "16 points of 18 combinations covered, 10 evaluations of one array's layers",
    );
    expect(csv).toHaveLength(16);
  });

  it('prices each point as `systole run` does', () => {
    const hardware = JSON.parse(readFileSync(join(root, 'hw/HI1.json'), 'utf8')) as Record<
      string,
      Record<string, number | string>
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
    const rows = await parquetOf(folder);
    expect(rows.map((row) => ({ ...row, isPareto: String(row['isPareto']) }))).toEqual(csv);
  });

  it('varies each parameter alone around the best point, or around another', () => {
    const own = result.sensitivity.find(({ parameter }) => parameter === 'bitsPerCycle.vmem')!;
    expect(own.bars.find(({ value }) => value === result.best.parameters['bitsPerCycle.vmem'])!.cycles).toBe(
      result.best.cycles,
    );
    const centre = { 'sramKiB.wbuf': 32, 'bitsPerCycle.psum': 64, 'bitsPerCycle.vmem': 64 };
    const other = sweep({ ...SMALL, sensitivity: centre }, '--format', 'csv');
    const { sensitivity: around, centre: found } = resultOf(other.folder);
    expect(found).toMatchObject({ parameters: centre, cycles: around[0]!.bars[0]!.cycles });
    expect(other.stdout.split('\n').filter((row) => row.startsWith('centre,'))).toHaveLength(1);
    expect(result.centre).toBeUndefined();
    expect(around[0]!.bars.map(({ value, isInSpace }) => [value, isInSpace])).toEqual([
      [32, true],
      [64, true],
      [128, false],
    ]);
  });

  it('is changed by the command line as the file would be', () => {
    const parameters = {
      'sramKiB.wbuf': [32, 64],
      'bitsPerCycle.psum': [128],
      'bitsPerCycle.vmem': [64, 128],
      hardware: ['HI1', 'HI2'],
    };
    const centre = { 'sramKiB.wbuf': 32, 'bitsPerCycle.vmem': 128 };
    const given = { ...SMALL, sensitivity: { ...centre, 'bitsPerCycle.psum': 64 } };
    const asked = ['sramKiB.wbuf=32,64', 'bitsPerCycle.psum=128', 'batch=2', 'hardware=HI1,HI2', 'workload=alexnet'];
    const here = sweep(given, ...asked.flatMap((each) => ['--set', each]));
    const file = { ...SMALL, batch: 2, workload: 'alexnet', parameters };
    const there = sweep({ ...file, sensitivity: { ...centre, 'bitsPerCycle.psum': 128, hardware: 'HI1' } });
    expect([here.status, here.stdout]).toEqual([0, there.stdout]);
    expect(filesOf(here.folder)).toEqual(filesOf(there.folder));
  });

  it('still knows the names that a change has taken out of it, and other presets', () => {
    const workload = temporaryFile('one.json', {
      ...{ name: 'one', input: { C: 64, H: 32, W: 32 } },
      layers: [
        {
          ...{ name: 'conv', op: 'conv', inputs: ['input'], stride: 1, padding: 1, bias: true },
          dimensions: { OC: 64, IC: 64, KH: 3, KW: 3, OH: 32, OW: 32 },
        },
      ],
    });
    const memories = {
      ...{ name: 'memories', hardware: 'HI1', workload, model: 'simulated', plots: 'none' },
      parameters: {
        dram: ['HBM2', 'DDR4-2400'],
        'dram.organization.channels': "dram == 'DDR4-2400' || dram == 'LPDDR4' ? 4 : 8",
        'dram.mapping': ['as given', 'rorasibacobgpcch'],
      },
      constraints: ["dram.mapping != 'rorasibacobgpcch' || dram == 'DDR4-2400'"],
    };
    for (const [asked, dram, channels] of [
      ['HBM2', 'HBM2', 8],
      ['ddr4-2400', 'DDR4-2400', 4],
    ] as const) {
      const { status, stderr, folder } = sweep(memories, '--set', `dram=${asked}`, '--set', 'dram.mapping=as given');
      expect([status, stderr]).toEqual([0, '']);
      expect(resultOf(folder).setting).toMatchObject({ dram });
      const parameters = { 'dram.mapping': ['as given'], 'dram.organization.channels': [channels] };
      const there = sweep({ ...memories, dram, parameters, constraints: [] });
      expect(there.status).toBe(0);
      expect(resultOf(folder).best.cycles).toBe(resultOf(there.folder).best.cycles);
    }
    const twice = sweep(memories, '--set', 'dram=HBM2', '--set', 'batch=1', '--set', 'dram=DDR4-2400,HBM2');
    expect([twice.status, twice.stderr]).toEqual([
      2,
      expect.stringContaining('dram is given twice: HBM2 and DDR4-2400,HBM2. Expected it once'),
    ]);
    const misspelt = sweep(memories, '--set', "constraints=dram != 'HBM22'");
    expect([misspelt.status, misspelt.stderr]).toEqual([
      2,
      expect.stringContaining("nothing here is called 'HBM22'; did you mean HBM2?) at character 9"),
    ]);
    const otherwise = sweep(memories, '--set', "constraints=dram != 'hbm2'");
    expect([otherwise.status, otherwise.stderr]).toEqual([
      2,
      expect.stringContaining("nothing here is called 'hbm2'; did you mean HBM2?) at character 9"),
    ]);
  });

  it('says what it is of: all that is the same at all points', () => {
    const same = { hardware: 'HI1', workload: 'resnet18', phase: 'inference', batch: 1, dram: 'ideal' };
    expect(result.setting).toEqual({ ...same, closedForm: 'published' });
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'at all points: hardware HI1, workload resnet18, phase inference, batch 1, closedForm published, dram ideal ',
    );
    const energy = { energy: 'fit', depthwise: 'SA', rerank: { top: 1, model: 'simulated' } };
    expect(resultOf(sweep({ ...SMALL, points: 'none', ...energy }).folder).setting).toEqual({
      ...same,
      closedForm: 'published',
      ...{ assume: 'hardware', fuse: 'none', depthwise: 'SA', energy: 'fit' },
    });
  });

  it('leaves out of that what varies, or follows from what does', () => {
    const parameters = { phase: ['inference', 'training'], batch: [1, 2], dram: ['ideal'], fuse: "'pairs'" };
    const change = { model: 'simulated', assume: 'paper', parameters, points: 'none', constraints: [], plots: 'none' };
    const { folder, status } = sweep({ ...SMALL, workload: 'alexnet', ...change });
    expect(status).toBe(0);
    expect(resultOf(folder).setting).toEqual({
      ...{ hardware: 'HI1', workload: 'alexnet', expansion: 'exact', assume: 'paper' },
    });
  });

  it('says what it is of where there is no point, too', () => {
    const { stdout } = sweep({ ...SMALL, dram: 'ideal', constraints: ['batch > 1'] });
    expect(stdout).toContain('workload resnet18');
  });

  it('leaves nothing but the results', () => {
    expect(readdirSync(folder).sort()).toEqual(FILES);
  });

  it('writes the same bytes with any number of workers', () => {
    expect(filesOf(sweep(SMALL, '--workers', '1').folder)).toEqual(filesOf(sweep(SMALL, '--workers', '3').folder));
  });

  it('ranks the best points again by another model', () => {
    const { rerank } = resultOf(sweep({ ...SMALL, points: 'none', rerank: { top: 5, model: 'simulated' } }).folder);
    expect(rerank[0]!.points.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect([...rerank[0]!.points.map(({ rankAgain }) => rankAgain)].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(Math.abs(rerank[0]!.spearman!)).toBeLessThanOrEqual(1);
  });

  it('prints its parts as CSV', () => {
    const other = sweep({ ...SMALL, points: 'none', rerank: { top: 2, model: 'simulated' } }, '--format', 'csv');
    const rows = parse(other.stdout, { columns: true, cast: true }) as Record<string, unknown>[];
    const { best, pareto, sensitivity } = result;
    const bars = sensitivity.flatMap((each) => each.bars).length;
    expect(rows.map(({ part }) => part)).toEqual([
      ...['best', 'worst', ...pareto.map(() => 'pareto')],
      ...Array.from({ length: bars }, () => 'sensitivity'),
      ...['rerank', 'rerank'],
    ]);
    // A bar's own value is that of its parameter, and no rank.
    expect(rows.filter(({ part }) => part === 'sensitivity').map(({ value }) => value)).toEqual(Array(bars).fill(''));
    expect(rows[0]).toMatchObject({ model: 'closed-form', ...best.parameters, cycles: best.cycles });
    expect(rows.at(-1)).toMatchObject({ model: 'simulated', rank: 2 });
  });

  it('is no error where no point is valid', () => {
    const none = sweep({ ...SMALL, constraints: ['batch > 1'] });
    expect(none.status).toBe(0);
    expect(none.stdout).toContain('No point meets all constraints.');
  });
});

describe('a sweep for energy', () => {
  const objectives = ['joules', 'jouleSeconds', 'cycles', 'totalSramKiB'] as const;
  const { stdout, folder } = sweep({ ...SMALL, energy: 'fit', objectives });
  const result = resultOf(folder);

  it('minimises it, with the Pareto front against the other objectives', () => {
    const { best, pareto } = result;
    expect(best.joules).toBe(Math.min(...pareto.map(({ joules }) => joules!)));
    expect(pareto.length).toBeGreaterThan(0);
  });

  it('says in every output that the fit is a fit', async () => {
    expect(result.energy!.name).toBe('fit');
    expect(result.energy!.description).toContain('A fit, not measured data');
    expect(stdout).toContain('energy with the constants "fit": A fit, not measured data');
    expect(new Set(csvOf(folder).map((row) => row['energyData']))).toEqual(new Set(['fit']));
    expect(new Set((await parquetOf(folder)).map((row) => row['energyData']))).toEqual(new Set(['fit']));
  });

  it('shows how each parameter alone moves every objective', () => {
    for (const { parameter, bars } of result.sensitivity) {
      const atBest = bars.find(({ value }) => value === result.best.parameters[parameter])!;
      for (const objective of [...objectives, 'totalBitsPerCycle', 'seconds'] as const) {
        expect(atBest[objective]).toBe(result.best[objective]);
      }
    }
    // HI1 has 32 + 128 + 128 KiB beside WBuf.
    const wbuf = result.sensitivity.find(({ parameter }) => parameter === 'sramKiB.wbuf')!;
    expect(wbuf.bars.map(({ totalSramKiB }) => totalSramKiB)).toEqual([320, 352, 416]);
    for (const objective of objectives) {
      expect(stdout).toContain(`Each parameter alone, ${objective} over the best point's`);
    }
  });

  it('takes the power of whole arrays where every array of the sweep has its own', () => {
    const [any] = ROUND_ENERGY.points;
    const points = [16, 32].map((size) => ({
      ...any,
      hardware: { rows: size, columns: size },
      peArray: { ...any.peArray, dynamicMilliwatts: size * size },
    }));
    const { status, folder: squares } = sweep({
      ...SMALL,
      parameters: { 'array.rows': [16, 32], 'array.columns': [16, 32] },
      constraints: ['array.rows == array.columns'],
      energy: temporaryFile('squares.json', { ...ROUND_ENERGY, points }),
      objectives: ['joules'],
    });
    expect(status).toBe(0);
    expect(csvOf(squares).map((row) => [row['array.rows'], row['array.columns']])).toEqual([
      [16, 16],
      [32, 32],
    ]);
    // The neighbours are no squares, of which the file says nothing.
    const { best, sensitivity } = resultOf(squares);
    expect(sensitivity.map(({ bars }) => bars.map(({ value }) => value))).toEqual([
      [best.parameters['array.rows']],
      [best.parameters['array.columns']],
    ]);
  });

  it('shows the energy-delay product where it is sought', () => {
    const { jouleSeconds, joules, seconds } = result.best;
    expect(jouleSeconds).toBe(joules! * seconds!);
    expect(stdout).toMatch(/mJ +ms +EDP µJ·s/);
    expect(stdout).toContain((jouleSeconds! * 1e6).toPrecision(4));
    expect(sweep({ ...SMALL, points: 'none', energy: 'fit', objectives: ['joules'] }).stdout).not.toContain('EDP');
  });
});

describe('the folder of a sweep', () => {
  it('is named after the file unless told otherwise, which is said', () => {
    const here = temporaryFolder();
    const spec = temporaryFile('mine.json', SMALL);
    const { status, stderr } = systoleIn(here, 'sweep', spec, ...ONE_THREAD);
    expect([status, stderr]).toEqual([0, 'systole: results go to ./mine/\n']);
    expect(readdirSync(join(here, 'mine')).sort()).toEqual(FILES);
    expect(systoleIn(here, 'sweep', spec, ...ONE_THREAD).status).toBe(0); // again: what is there is an earlier sweep's
  });

  it('is not named after the file where something else has that name', () => {
    const here = temporaryFolder();
    mkdirSync(join(here, 'mine'));
    writeFileSync(join(here, 'mine', 'letter.txt'), 'dear');
    const { status, stderr } = systoleIn(here, 'sweep', temporaryFile('mine.json', SMALL), ...ONE_THREAD);
    expect(status).toBe(2);
    expect(stderr).toBe(
      'systole: --output: expected a folder, because ./mine, which is named after the sweep, holds something else\n',
    );
    expect(readdirSync(join(here, 'mine'))).toEqual(['letter.txt']);
  });

  it('loses the points and plots of an earlier sweep when a sweep writes none, and only those', () => {
    const { folder } = sweep(SMALL);
    const without = temporaryFile('sweep.json', { ...SMALL, points: 'none', plots: 'none' });
    expect(systole('sweep', without, '-o', folder, ...ONE_THREAD).status).toBe(0);
    expect(readdirSync(folder)).toEqual(['result.json']);
    // Points that are no sweep's stay.
    const own = temporaryFolder();
    writeFileSync(join(own, 'points.csv'), 'mine');
    expect(systole('sweep', without, '-o', own, ...ONE_THREAD).status).toBe(0);
    expect(readdirSync(own).sort()).toEqual(['points.csv', 'result.json']);
  });

  it('is cleared of what a killed sweep has left half-written', () => {
    const { folder } = sweep(SMALL);
    const whole = filesOf(folder);
    for (const name of FILES) {
      renameSync(join(folder, name), join(folder, `${name}.tmp`));
    }
    expect(systole('sweep', temporaryFile('sweep.json', SMALL), '-o', folder, ...ONE_THREAD).status).toBe(0);
    expect(filesOf(folder)).toEqual(whole);
  });
});

describe('the plots of a sweep', () => {
  const objectives = ['cycles', 'totalSramKiB'];
  const { folder } = sweep({ ...SMALL, name: 'a <b> & c', objectives });
  const svg = (name: string) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(text).toContain('a &lt;b&gt; &amp; c');
    return parseHTML(`<html><body>${text}</body></html>`).document;
  };
  const textsOf = (name: string): string[] =>
    [...svg(name).querySelectorAll('text')].map((each) => String(each.textContent));
  const csv = csvOf(folder);

  it('have a dot per point, and one more on the front', () => {
    const dots = svg('pareto.svg').querySelectorAll('circle').length;
    expect(dots).toBe(csv.length + csv.filter((row) => row['isPareto'] === 'true').length);
  });

  it('have a cell per two values, with the least that all others leave over the best', () => {
    const parameters = ['sramKiB.wbuf', 'bitsPerCycle.vmem', 'bitsPerCycle.psum'];
    const cycles = (at: Record<string, unknown>): number =>
      Math.min(
        ...csv
          .filter((row) => Object.entries(at).every(([key, value]) => row[key] === value))
          .map((row) => row['cycles'] as number),
      );
    // The two that move cycles most have the axes; the other is free.
    const shown = textsOf('heat-map.svg');
    const pair = parameters.filter((name) => shown.some((text) => text.startsWith(name) || text.includes(name)));
    expect(pair).toHaveLength(2);
    const [a, b] = pair as [string, string];
    const cells = [...new Set(csv.map((row) => `${row[a]} ${row[b]}`))].map((cell) => cell.split(' ').map(Number));
    const least = cycles({});
    const expected = cells.map(([x, y]) => (cycles({ [a]: x, [b]: y }) / least).toPrecision(3));
    expect(shown.filter((text) => /^\d\.\d\d$/.test(text)).sort()).toEqual(expected.sort());
  });

  it('have a bar per value of each parameter', () => {
    const labels = textsOf('sensitivity.svg').filter((text) => / = \d+$/.test(text));
    expect(labels).toEqual([
      ...[32, 64, 128].map((value) => `sramKiB.wbuf = ${value}`),
      ...[64, 128, 192].map((value) => `bitsPerCycle.psum = ${value}`),
      ...[64, 128].map((value) => `bitsPerCycle.vmem = ${value}`),
    ]);
  });

  it('show the two parameters that are asked for, or say what is wrong with them', () => {
    const other = sweep({ ...SMALL, heatMap: ['bitsPerCycle.vmem', 'bitsPerCycle.psum'] }).folder;
    const text = readFileSync(join(other, 'heat-map.svg'), 'utf8');
    expect([text.includes('bitsPerCycle.vmem'), text.includes('sramKiB.wbuf')]).toEqual([true, false]);
    const { stderr } = sweep({ ...SMALL, heatMap: ['bitsPerCycle.vmem', 'bitsPerCycle.psmu'] });
    expect(stderr).toContain(
      'heatMap[1]: got "bitsPerCycle.psmu", expected a parameter with several values, each once; did you mean bitsPerCycle.psum?',
    );
  });
});
