import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { dramCosts } from '../../src/model/energy/dramEnergy.ts';
import { parseDramEnergy } from '../../src/model/schemas/dramEnergy.ts';
import type { DramReport } from '../../src/views/report/dramReport.ts';
import { NODE_ARGUMENTS, root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { dramPreset } from '../support/dram.ts';

const linear = { kind: 'linear', base: 0, stride: 64, count: 16, op: 'R' };
const rule = temporaryFile('rule.json', { rule: linear });

describe('systole dram', () => {
  it('replays a rule: a cold KiB takes 62 cycles on one HBM2 channel', () => {
    const { status, stdout, stderr } = systole('dram', '--rule', rule, '--channels', '1', '--format', 'json');
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      'version',
      'preset',
      'isValidated',
      'memory',
      'requests',
      'reads',
      'writes',
      'cycles',
      'bandwidthFraction',
      'askedBandwidthFraction',
      'peakGigabytesPerSecond',
      'avgReadLatency',
      'activates',
      'refreshes',
      'rowHits',
      'rowMisses',
      'rowConflicts',
      'turnarounds',
      'forwarded',
      'commands',
      'all',
      'ports',
      'channels',
    ]);
    expect(report).toMatchObject({ preset: 'HBM2', requests: 16, cycles: 62, activates: 1, rowHits: 15, rowMisses: 1 });
    const none = { busBursts: 0, busBits: 0, forwarded: 0, rowHits: 0, rowMisses: 0, rowConflicts: 0, turnarounds: 0 };
    const read = { ...none, busBursts: 16, busBits: 8192, rowHits: 15, rowMisses: 1 };
    const [asked, nothing] = [
      { ...read, askedBits: 8192 },
      { ...none, askedBits: 0 },
    ];
    expect(report['ports']).toEqual([{ finishCycle: 62, read: asked, write: nothing }]);
    expect(report['channels']).toEqual([{ channel: 0, refreshes: 0, read, write: none }]);
    // 16 bursts of two cycles each on a bus of 32 bytes a nanosecond.
    expect(report['bandwidthFraction']).toBeCloseTo(32 / 62, 12);
    expect(report['peakGigabytesPerSecond']).toBeCloseTo(32, 12);
  });

  it('says what options have changed of the memory', () => {
    const options = [
      '--ranks',
      '2',
      '--refresh',
      'off',
      '--wck',
      'always-on',
      '--dram-clock',
      '1250',
      '--channels',
      '2',
    ];
    const { stdout } = systole('dram', '--dram', 'LPDDR5-6400', '--rule', rule, ...options, '--format', 'json');
    expect((JSON.parse(stdout) as { memory: unknown }).memory).toEqual({
      channels: 2,
      ranks: 2,
      mapping: 'rorabachcobg',
      refresh: 'off',
      dataClock: 'always on',
      clockPicoseconds: 1250,
    });
  });

  it('writes what a file is named: JSON, or CSV with a row for all, each channel and each port', () => {
    const [json, csv] = ['replay.json', 'replay.csv'].map((name) => join(temporaryFolder(), name)) as [string, string];
    expect(systole('dram', '--rule', rule, '-o', json).status).toBe(0);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ requests: 16 });
    // A row of 32 bursts in one channel, then one in the next.
    const rows64 = temporaryFile('rule.json', { rule: { ...linear, count: 64 } });
    expect(systole('dram', '--rule', rows64, '--channels', '2', '--dram-counts', '-o', csv).status).toBe(0);
    const rows = parse(readFileSync(csv, 'utf8'), { columns: true }) as Record<string, string>[];
    expect(rows.map(({ scope, channel, port }) => [scope, channel, port])).toEqual([
      ['all', '', ''],
      ['channel', '0', ''],
      ['channel', '1', ''],
      ['port', '', '0'],
    ]);
    const [all, ...others] = rows as [Record<string, string>, ...Record<string, string>[]];
    const expected = { 'read.busBursts': '64', 'read.rowMisses': '2', 'read.askedBits': '32768', refreshes: '0' };
    expect(all).toMatchObject(expected);
    // As below: from 32 cycles for the first read of a row to 63 for the last.
    expect(all['read.latencyBursts.32-63']).toBe('64');
    expect(others.map((row) => row['read.busBursts'])).toEqual(['32', '32', '64']);
  });

  it('tells the bits asked for from those of the bursts that hold them', () => {
    // Three rows of 96 bytes: a burst of 64, and half of another.
    const tile = { kind: 'tile2d', base: 0, tiles: 1, tile_step: 0, rows: 3, row_bytes: 96, pitch: 256 };
    const half = temporaryFile('rule.json', { rule: tile });
    const { stdout } = systole('dram', '--rule', half, '--channels', '1', '--format', 'json');
    const report = JSON.parse(stdout) as DramReport;
    expect([report.all.read.busBits, report.all.read.askedBits]).toEqual([8 * 3 * 128, 8 * 3 * 96]);
    expect(report.askedBandwidthFraction).toBeCloseTo(0.75 * report.bandwidthFraction, 12);
    // Of a line with bytes: 16 of them around the end of one burst and the beginning of the next, then a whole one.
    const trace = temporaryFile('trace.csv', 'cycle,op,address,bytes\n0,R,56,16\n0,W,128,64\n');
    const traced = JSON.parse(systole('dram', '--trace', trace, '--format', 'json').stdout) as DramReport;
    const { read, write } = traced.all;
    expect([read.busBits, read.askedBits, write.busBits, write.askedBits]).toEqual([1024, 128, 512, 512]);
    const table = systole('dram', '--rule', half, '--channels', '1').stdout;
    const [bus, asked] = [report.bandwidthFraction, report.askedBandwidthFraction].map((each) =>
      (100 * each).toFixed(1),
    );
    expect(table).toContain(`${bus}% of the peak`);
    expect(table).toContain(`${asked}% of the peak`);
  });

  it('counts latencies where they are asked for, by port and by channel', () => {
    const args = ['dram', '--rule', rule, '--channels', '1'];
    const { all, channels } = JSON.parse(systole(...args, '--dram-counts', '--format', 'json').stdout) as DramReport;
    // Read i of 16 is taken in cycle i and has its data at 32 + 2 i: 32 + i cycles, 32 to 47.
    expect(all.read.latency).toEqual({
      meanCycles: 39.5,
      p50Cycles: 39,
      p95Cycles: 47,
      p99Cycles: 47,
      maxCycles: 47,
      histogram: [{ from: 32, to: 63, bursts: 16 }],
    });
    expect(all.write.latency).toBeUndefined();
    expect(channels[0]!.read.latency).toEqual(all.read.latency);
    const table = systole(...args, '--dram-counts').stdout;
    expect(table).toMatch(/^port 0 +39\.5 +39 +47 +47 +47$/m);
    expect(table).toMatch(/^32 to 63 +16 +100\.0% +100\.0%$/m);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('replays the same requests from a text trace, comments and hexadecimal addresses included', () => {
    const lines = Array.from({ length: 16 }, (_, place) => `0 R 0x${(64 * place).toString(16)}`);
    const trace = temporaryFile('trace.txt', ['# cycle op address', ...lines, ''].join('\n'));
    const { stdout } = systole('dram', '--trace', trace, '--channels', '1', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ requests: 16, cycles: 62 });
  });

  it('serves the ports of a trace round robin and tells when each has finished', () => {
    const trace = temporaryFile('trace.txt', '0 R 0 0\n0 R 64 0\n0 R 128 1\n');
    const { stdout } = systole('dram', '--trace', trace, '--channels', '1', '--format', 'json');
    // Port 1 is granted second: RD 16, 18, 20 of ports 0, 1, 0, and data 16 cycles later.
    expect(JSON.parse(stdout)).toMatchObject({ ports: [{ finishCycle: 36 }, { finishCycle: 34 }] });
  });

  it.each(['cycle,op,address,bytes\n0,R,56,16\n0,W,128,64\n', '0 R 0 0\n0 R 64 0\n0 R 128 1\n', '# of ours\n0 R 0\n'])(
    'leaves a byte order mark before a trace aside: %j',
    (text) => {
      const replayed = (content: string) =>
        systole('dram', '--trace', temporaryFile('trace.csv', content), '--format', 'json');
      const plain = replayed(text);
      expect(plain.status).toBe(0);
      expect(replayed(`\ufeff${text}`)).toEqual(plain);
      // Only there, and once.
      expect(replayed(`\ufeff\ufeff${text}`).status).toBe(2);
    },
  );

  it('reads a trace of several ports once: it may come through a pipe', () => {
    const node = [process.execPath, ...NODE_ARGUMENTS, 'dist/cli/main.js'].join(' ');
    const pipe = `printf '0 R 0 0\\n0 R 64 0\\n0 R 128 1\\n' | ${node} dram --trace /dev/stdin --channels 1 --format json`;
    const { status, stdout } = spawnSync('sh', ['-c', pipe], { cwd: root, encoding: 'utf8' });
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { ports: [{ finishCycle: 36 }, { finishCycle: 34 }] }]);
  });

  it('prices commands and standby by the currents of a datasheet', () => {
    const milliamperes = { IDD0: 60, IDD2N: 10, IDD3N: 20, IDD4R: 120, IDD4W: 220, IDD5AB: 270 };
    const easy = { name: 'easy', source: 'made up', volts: 1, devices: 2, milliamperes };
    const args = ['dram', '--rule', rule, '--channels', '1', '--dram-energy', temporaryFile('easy.json', easy)];
    const { dramEnergy } = JSON.parse(systole(...args, '--format', 'json').stdout) as DramReport;
    // Cycles of 1 ns, RAS 34 and RC 48, a burst of 2. One ACT: 2·(60·48 − 20·34 − 10·14) pJ; 16 RD: 2·100·2 pJ each;
    // 62 ns at 2·20 mW.
    const hbm2 = dramPreset('HBM2', 1);
    expect([hbm2.clockPicoseconds, hbm2.timing['RAS'], hbm2.timing['RC'], hbm2.timing.burst]).toEqual([
      1000, 34, 48, 2,
    ]);
    const picojoules = Object.entries(dramEnergy!.total).map(([name, joules]) => [name, Math.round(joules * 1e12)]);
    expect(Object.fromEntries(picojoules)).toEqual({
      activateJoules: 4120,
      readJoules: 6400,
      writeJoules: 0,
      refreshJoules: 0,
      backgroundJoules: 2480,
      totalJoules: 13_000,
    });
    expect(dramEnergy!.averageWatts).toBeCloseTo(13 / 62, 9);
    // 8,192 bits.
    expect(dramEnergy!.picojoulesPerBit.bus).toBeCloseTo(13_000 / 8192, 9);
    expect(dramEnergy!.picojoulesPerBit.asked).toBeCloseTo(13_000 / 8192, 9);
    const table = systole(...args).stdout.replaceAll(/\s+/g, ' ');
    expect(table).toContain('DRAM energy: 0.013 µJ, 0.21 W: activates 31.7%, reads 49.2%');
    expect(table).toContain('1.59 pJ per bit on the data buses, 1.59 per bit asked for');
  });

  it('prices writes, refreshes and the standby of all ranks', () => {
    const writes = temporaryFile('rule.json', { rule: { ...linear, op: 'W', count: 40_000 } });
    const args = ['dram', '--dram', 'DDR4-2400', '--ranks', '2', '--channels', '1', '--rule', writes];
    const { stdout } = systole(...args, '--dram-energy', 'DDR4-2400', '--format', 'json');
    const { dramEnergy, cycles, activates, refreshes, commands } = JSON.parse(stdout) as DramReport;
    const currents = JSON.parse(readFileSync(join(root, 'hw/energy/dram/DDR4-2400.json'), 'utf8')) as object;
    const ddr4 = dramPreset('DDR4-2400');
    const costs = dramCosts(ddr4, parseDramEnergy(currents, 'DDR4-2400'));
    expect([commands['WR'], commands['REFab'], commands['ACT']]).toEqual([40_000, refreshes, activates]);
    expect(refreshes).toBeGreaterThan(10);
    const { total } = dramEnergy!;
    expect(total.writeJoules).toBeCloseTo(40_000 * costs.writeJoules, 12);
    expect(total.refreshJoules).toBeCloseTo(refreshes * costs.refreshJoules, 12);
    expect(total.activateJoules).toBeCloseTo(activates * costs.activateJoules, 12);
    expect(total.backgroundJoules).toBeCloseTo(2 * costs.watts * cycles * ddr4.clockPicoseconds * 1e-12, 12);
  });

  it('changes a preset: mapping and refresh', () => {
    const megabyte = temporaryFile('rule.json', { rule: { ...linear, count: 16384 } });
    const cycles = (...args: string[]): number =>
      (
        JSON.parse(systole('dram', '--dram', 'DDR4-2400', '--rule', megabyte, '--format', 'json', ...args).stdout) as {
          cycles: number;
        }
      ).cycles;
    expect(cycles()).toBe(68_784);
    expect(cycles('--mapping', 'rochrababgco')).toBe(87_743); // test/golden/dram
    expect(cycles('--no-refresh')).toBeLessThan(68_784);
  });

  it('says in words what it found, and of a file of the user’s that it is not validated', () => {
    const hbm2 = JSON.parse(readFileSync(new URL('../../hw/dram/HBM2.json', import.meta.url), 'utf8')) as object;
    const mine = temporaryFile('mine.json', { ...hbm2, $schema: undefined, name: 'mine', isValidated: false });
    const { stdout } = systole('dram', '--dram', mine, '--rule', rule);
    expect(stdout).toContain('mine (unvalidated: not compared with a reference)');
    expect(stdout).toContain('requests: 16 (16 reads, 0 writes)');
  });

  it.each([
    [['--rule', 'no.json'], '--rule: got "no.json", expected a file that can be read'],
    [['--trace', 'no.txt'], '--trace: got "no.txt", expected a file that can be read'],
    [[], '--rule, --trace: expected exactly one of the two, or --characterise'],
    [
      ['--rule', rule, '--dram', 'HBM9'],
      '--dram: got "HBM9", expected a preset (DDR3-1600K, DDR4-2400, DDR5-4800B, GDDR6-14000, HBM1, HBM2, HBM3-6400, ',
    ],
    [['--rule', rule, '--channels', '3'], 'organization.channels: got 3, expected a power of two'],
    [['--rule', rule, '--mapping', 'roco'], 'mapping: got "roco"'],
    [['--rule', rule, '--ranks', '2'], 'organization.ranks: got 2, expected 1: no constraint says'],
    [['--rule', rule, '--wck', 'always-on'], '--wck: got "always-on", expected a memory whose data clock stops'],
    [
      ['--rule', rule, '--dram-energy', 'HBM9'],
      '--dram-energy: got "HBM9", expected a preset (DDR3-1600K, DDR4-2400, HBM2',
    ],
    [
      ['--rule', rule, '--dram', 'LPDDR5-6400', '--refresh', 'per-bank', '--dram-energy', 'DDR4-2400'],
      'expected milliamperes.IDD5PB, for a memory whose banks refresh one by one',
    ],
    [['--characterise', '--dram-energy', 'HBM2'], '--dram-energy: got "HBM2", expected a replay, not --characterise'],
    [['--characterise', '--dram-counts'], '--dram-counts: expected a replay, not --characterise'],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole('dram', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it.each([
    ['0 R 8589934592\n', 'line 1: got "0 R 8589934592", expected a cycle up to 2⁵², R or W, a byte address from 0 to'],
    [`0 R 0\n${'7'.repeat(5000)}`, 'line 2: got "777'],
    ['9007199254740993 R 0', 'line 1: got "9007199254740993 R 0", expected a cycle up to 2⁵²'],
    ['0 R 0 1024', 'line 1: got "0 R 0 1024", expected'],
  ])('refuses a trace beyond its bounds: %#', (text, message) => {
    const { status, stderr } = systole('dram', '--trace', temporaryFile('trace.txt', text));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it('names the bad line of a trace and leaves no output behind', () => {
    const trace = temporaryFile('trace.txt', '0 R 0\n5 read 64\n');
    const output = join(temporaryFolder(), 'out.json');
    const { status, stderr } = systole('dram', '--trace', trace, '-o', output);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'line 2: got "5 read 64", expected a cycle up to 2⁵², R or W, a byte address from 0 to 8589934591, and a port',
    );
    expect(existsSync(output)).toBe(false);
  });
});

describe('systole dram --characterise', () => {
  const few = ['--characterise', '--streams', 'random,sequential', '--loads', '100,10', '--cycles', '2000'];

  it('prints a table that fits, and says where a memory is saturated', () => {
    const { status, stdout, stderr } = systole('dram', ...few, '--reads', '100,25');
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe('HBM2, 8 channels, rorabgbachco');
    const rows = lines.filter((line) => /^(random|sequential) /.test(line)).map((line) => line.split(/ +/));
    expect(rows.map(([stream, reads, load]) => [stream, reads, load])).toEqual(
      ['random', 'sequential'].flatMap((stream) =>
        ['100%', '25%'].flatMap((reads) => [
          [stream, reads, '10%'],
          [stream, reads, '100%'],
        ]),
      ),
    );
    expect(rows.filter((row) => row.includes('saturated')).map(([, , load]) => load)).toEqual(Array(4).fill('100%'));
  });

  it('says which loads it has left out, where a lower one is too much', () => {
    // Random bursts get at most 4 · 2 of every 30 cycles of a channel, for FAW: 26.7 %.
    const args = ['dram', '--characterise', '--streams', 'random', '--cycles', '2000', '--format'];
    const table = (...more: string[]): string => systole(...args, 'table', '--reads', '100,50', ...more).stdout;
    expect(table('--loads', '10,60,80,100').replaceAll('\n  ', ' ')).toContain(
      '\nnot measured, because a lower load saturates the memory already: random at 100% reads from 80%, random at 50% reads from 80%\n',
    );
    expect(table('--loads', '10,60')).not.toContain('not measured');
    const { memories } = JSON.parse(systole(...args, 'json', '--loads', '10,60,80,100').stdout) as {
      memories: { curves: { unmeasuredLoads: number[] }[] }[];
    };
    expect(memories[0]!.curves.map(({ unmeasuredLoads }) => unmeasuredLoads)).toEqual([
      [0.8, 1],
      [0.8, 1],
    ]);
  });

  it('compares memories, channels and mappings, as JSON, CSV and a plot', () => {
    const svg = join(temporaryFolder(), 'load.svg');
    const memories = [
      '--dram',
      'HBM2,DDR4-2400',
      '--dram-channels',
      '1,2',
      '--dram-mapping',
      'rorabgbachco,rochrabgbaco',
    ];
    const args = ['dram', ...few, ...memories, '--reads', '100'];
    const { status, stdout } = systole(...args, '--format', 'json', '--svg', svg);
    expect(status).toBe(0);
    const { seed, memories: found } = JSON.parse(stdout) as { seed: string; memories: Record<string, unknown>[] };
    expect(seed).toBe('1');
    expect(found.map(({ dram, channels, mapping }) => [dram, channels, mapping])).toEqual(
      ['HBM2', 'DDR4-2400'].flatMap((dram) =>
        [1, 2].flatMap((channels) => ['rorabgbachco', 'rochrabgbaco'].map((mapping) => [dram, channels, mapping])),
      ),
    );
    const plot = readFileSync(svg, 'utf8');
    expect(plot).toMatch(/^<svg /);
    for (const text of ['DDR4-2400, 2 ch., rochrabgbaco', '● sequential', '100 % reads']) expect(plot).toContain(text);
    const csv = parse(systole(...args, '--format', 'csv').stdout, { columns: true }) as Record<string, string>[];
    expect(csv.length).toBe(2 * 8 * 2);
    for (const row of csv) {
      expect(Number(row['achieved'])).toBeLessThanOrEqual(1);
      expect(row['meanReadLatencyCycles'] === '').toBe(row['isSaturated'] === 'true');
    }
    // Nanoseconds are cycles of 1000 and of 830 ps.
    const clock = { HBM2: 1, 'DDR4-2400': 0.83 };
    for (const { dram, meanReadLatencyCycles: cycles, meanReadLatencyNanoseconds: nanoseconds } of csv) {
      expect(Number(nanoseconds)).toBeCloseTo(Number(cycles) * clock[dram as keyof typeof clock], 9);
    }
  });

  it('gives the same bytes for a seed, and others for another', () => {
    const of = (seed: string): string =>
      systole('dram', ...few, '--reads', '50', '--format', 'csv', '--seed', seed).stdout;
    expect(of('7')).toBe(of('7'));
    expect(of('8')).not.toBe(of('7'));
  });

  it.each([
    [['--rule', rule], '--rule: got'],
    [['--loads', '0'], 'expected percents from 0.01 to 200; got "0"'],
    [['--loads', '10,,20'], 'expected percents from 0.01 to 200; got ""'],
    [['--reads', '101'], 'expected percents from 0 to 100; got "101"'],
    [['--streams', 'randm'], 'expected sequential, strided, random; got "randm"; did you mean random?'],
    [['--stride', '100'], '--stride: got 100, expected whole bursts of HBM2 (64 bytes)'],
    [['--cycles', '999999999'], '--cycles: got 999999999, expected so few that'],
    [['--svg', '-'], '--svg: got "-", expected another file than that of the result'],
    [['--svg', '/no/such/folder/x.svg'], '--svg: got "/no/such/folder/x.svg", expected a file that can be written'],
    [['--dram', 'HBM2,HBM9'], '--dram: got "HBM9", expected a preset'],
    [['--dram-channels', '1,3'], 'organization.channels: got 3, expected a power of two'],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole('dram', '--characterise', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it.each([
    [['--loads', '10'], '--loads: got "10", expected --characterise'],
    [['--svg', 'x.svg'], '--svg: got "x.svg", expected --characterise'],
    [['--dram-channels', '1,2'], '--dram-channels: got "1,2", expected one number of channels'],
  ])('has %j to itself', (args, message) => {
    const { status, stderr } = systole('dram', '--rule', rule, ...args);
    expect([status, stderr.startsWith(`systole: ${message}`)]).toEqual([2, true]);
  });
});

describe('a network on DRAM', () => {
  const network = ['--hardware', 'HI3', '--workload', 'resnet18', '--format', 'json'];

  it('is slower on real memory, moves the same bits, and says what the memory did', () => {
    const run = (dram: string) =>
      JSON.parse(systole('run', ...network, '--dram', dram).stdout) as {
        dram: string;
        totals: { all: { simulated: { totalCycles: number; dramBits: unknown; memory?: { bursts: number } } } };
      };
    const [ideal, real] = [run('ideal'), run('HBM2')];
    expect(real.dram).toBe('HBM2 (8 channels shared, tiles layout)');
    expect(real.totals.all.simulated.totalCycles).toBeGreaterThan(ideal.totals.all.simulated.totalCycles);
    expect(real.totals.all.simulated.dramBits).toEqual(ideal.totals.all.simulated.dramBits);
    expect(real.totals.all.simulated.memory!.bursts).toBeGreaterThan(0);
    expect(ideal.totals.all.simulated.memory).toBeUndefined();
  });

  it('takes jitter from the seed', () => {
    const file = JSON.parse(readFileSync(new URL('../../hw/dram/latency.json', import.meta.url), 'utf8')) as {
      interfaces: Record<string, { jitterCycles: number }>;
    };
    for (const each of Object.values(file.interfaces)) each.jitterCycles = 50;
    const dram = temporaryFile('jitter.json', file);
    const run = (seed: string): string => systole('run', ...network, '--dram', dram, '--seed', seed).stdout;
    expect(run('1')).toBe(run('1'));
    expect(run('2')).not.toBe(run('1'));
  });

  it('refuses to split fewer channels than there are interfaces', () => {
    const { status, stderr } = systole('run', ...network, '--dram', 'DDR4-2400', '--dram-sharing', 'split');
    expect(status).toBe(2);
    expect(stderr).toContain(
      '--dram-sharing: got "split", expected a memory with at least 4 channels (DDR4-2400 has 1)',
    );
  });
});

describe('what a command line changes in a memory', () => {
  const random = { kind: 'random', seed: 3, base: 0, span_bursts: 65_536, count: 2000, writes_per_256: 0 };
  const requests = temporaryFile('random.json', { rule: random });
  const replayed = (...args: string[]) =>
    JSON.parse(systole('dram', '--rule', requests, '--format', 'json', ...args).stdout) as {
      cycles: number;
      refreshes: number;
      commands: Record<string, number>;
    };

  it('is its ranks, how it refreshes and whether its data clock stops', () => {
    const one = replayed('--dram', 'DDR5-4800B');
    expect(replayed('--dram', 'DDR5-4800B', '--ranks', '2').cycles).toBeLessThan(one.cycles);
    const perBank = replayed('--dram', 'LPDDR5-6400', '--refresh', 'per-bank');
    expect(perBank.commands['REFpb']).toBe(perBank.refreshes);
    expect(replayed('--dram', 'LPDDR5-6400', '--refresh', 'off').refreshes).toBe(0);
    const stopping = { kind: 'linear', base: 0, stride: 32, count: 10, op: 'R', gap: 100 };
    const rule = temporaryFile('pauses.json', { rule: stopping });
    const casOf = (...args: string[]) =>
      (
        JSON.parse(systole('dram', '--dram', 'LPDDR5-6400', '--rule', rule, '--format', 'json', ...args).stdout) as {
          commands: Record<string, number>;
        }
      ).commands['CAS_RD'];
    expect([casOf(), casOf('--wck', 'always-on')]).toEqual([10, undefined]);
  });

  it('is its clock, by which cycles stay and seconds do not', () => {
    const [own, faster] = [[], ['--dram-clock', '500']].map(
      (args) =>
        JSON.parse(
          systole('dram', '--characterise', '--loads', '100', '--streams', 'random', '--format', 'json', ...args)
            .stdout,
        ) as { memories: { dram: string; peakGigabytesPerSecond: number; curves: unknown }[] },
    );
    const [a, b] = [own!.memories[0]!, faster!.memories[0]!];
    expect([b.dram, b.peakGigabytesPerSecond]).toEqual(['HBM2 at 500 ps', 2 * a.peakGigabytesPerSecond]);
    expect(replayed('--dram-clock', '500').cycles).toBe(replayed().cycles);
    for (const [text, expected] of [
      ['0', 'clockPicoseconds: got 0, expected'],
      ['x', 'expected a number of picoseconds'],
    ]) {
      const { status, stderr } = systole('dram', '--rule', requests, '--dram-clock', text!);
      expect([status, stderr.includes(expected!)]).toEqual([2, true]);
    }
  });

  it.each([
    [
      ['--characterise', '--streams', 'random', '--stride', '64'],
      '--stride: got 64, expected strided among the --streams, without which it changes nothing',
    ],
    [
      ['--dram', 'latency', '--characterise'],
      '--dram: got "latency", expected banked DRAM: DDR3-1600K, DDR4-2400, DDR5-4800B, GDDR6-14000, HBM1, HBM2, HBM3-6400, LPDDR4, LPDDR5-6400, or a JSON file',
    ],
    [
      ['--rule', 'test/dram/random.json', '--dram-energy', 'HBM2', '--format', 'csv'],
      '--dram-energy: got "HBM2", expected --format table or json, without which it changes nothing',
    ],
  ])('refuses what changes nothing, as it was given: %j', (args, message) => {
    const { status, stderr } = systole('dram', ...args);
    expect([status, stderr]).toEqual([2, `systole: ${message}\n`]);
  });

  it('is told by run, which takes the same options', () => {
    const network = ['--hardware', 'HI3', '--workload', 'test/cases/escape.json'];
    const args = ['run', ...network, '--format', 'json', '--dram', 'LPDDR5-6400'];
    const changes = ['--dram-channels', '16', '--refresh', 'per-bank', '--wck', 'always-on', '--ranks', '2'];
    const more = ['--dram-clock', '1000', '--dram-mapping', 'rorabgbacoch'];
    const { dram } = JSON.parse(systole(...args, ...changes, ...more).stdout) as { dram: string };
    expect(dram).toBe(
      'LPDDR5-6400 at 1000 ps (16 channels shared, tiles layout, 2 ranks, refresh per-bank, mapping rorabgbacoch, WCK always-on)',
    );
    const latency = [...args.slice(0, -1), 'latency'];
    expect(JSON.parse(systole(...latency, '--seed', '2').stdout)).toMatchObject({ dram: 'latency (seed 2)' });
    expect(JSON.parse(systole(...latency, '--seed', '1').stdout)).toMatchObject({ dram: 'latency' });
    const { status, stderr } = systole('run', ...network, '--refresh', 'off');
    expect([status, stderr]).toEqual([
      2,
      'systole: --refresh: got "off", expected banked DRAM, not --dram ideal, without which it changes nothing\n',
    ]);
  });
});
