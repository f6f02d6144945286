import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SMALL_NETWORKS } from '../fuzz/seeds.ts';
import { NODE_ARGUMENTS, root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

const network = temporaryFile('network.json', SMALL_NETWORKS.branched);
const RUN = ['-c', 'HI3', '-t', network, '--dram', 'HBM2'];

/** The address trace of the small network, and what its replay says. */
function traced(format: string, ...args: string[]): string {
  const path = join(temporaryFolder(), `trace.${format}`);
  expect(systole('trace', ...RUN, ...args, '--format', format, '-o', path)).toMatchObject({ status: 0, stderr: '' });
  return path;
}

interface Report {
  requests: number;
  cycles: number;
  activates: number;
  refreshes: number;
  rowMisses: number;
  ports: { interface?: string; finishCycle: number; read: { busBursts: number } }[];
}

function replayed(path: string, ...args: string[]): Report {
  const { status, stdout, stderr } = systole('dram', '--trace', path, '--format', 'json', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Report;
}

describe('systole trace --format dram', () => {
  const path = traced('dram');

  it('is read by systole dram, which does what the run’s memory did', () => {
    const run = JSON.parse(systole('run', ...RUN, '--format', 'json').stdout) as {
      totals: { all: { simulated: { memory: Record<string, number> } } };
    };
    const { bursts, activates, refreshes, rowMisses } = run.totals.all.simulated.memory;
    const report = replayed(path);
    expect(report).toMatchObject({ requests: bursts, activates, refreshes, rowMisses });
    expect(report.ports.map((port) => port.interface)).toEqual(['weight', 'ifmap', 'psum', 'vmem']);
    expect(Math.max(...report.ports.map(({ finishCycle }) => finishCycle))).toBe(report.cycles);
    const table = systole('dram', '--trace', path).stdout;
    expect(table).toMatch(/last data: weight [\d,]+, ifmap [\d,]+, psum [\d,]+, vmem [\d,]+/);
    // Another memory takes the same requests, each no earlier, in its own time.
    expect(replayed(path, '--dram', 'DDR4-2400').requests).toBe(bursts);
  });

  it('gives the trace files of other simulators, which are read too', () => {
    const { ports, ...whole } = replayed(path);
    // DRAMsim3's knows no interfaces: one port has moved what all have.
    const { ports: single, ...same } = replayed(traced('dramsim3'));
    expect(same).toEqual(whole);
    const bursts = (of: Report['ports']): number => of.reduce((sum, port) => sum + port.read.busBursts, 0);
    expect([single.length, single[0]!.finishCycle, bursts(single)]).toEqual([1, whole.cycles, bursts(ports)]);
    const ramulator2 = replayed(traced('ramulator2'));
    expect([ramulator2.requests, ramulator2.cycles === whole.cycles]).toEqual([whole.requests, false]);
  });

  it('is of fused groups too', () => {
    const fuse = ['--fuse', 'chains'];
    const run = JSON.parse(systole('run', ...RUN, ...fuse, '--format', 'json').stdout) as {
      groups: unknown[];
      totals: { all: { simulated: { memory: Record<string, number> } } };
    };
    const { bursts, activates, refreshes, rowMisses } = run.totals.all.simulated.memory;
    expect(run.groups.length).toBeGreaterThan(0);
    expect(replayed(traced('dram', ...fuse))).toMatchObject({ requests: bursts, activates, refreshes, rowMisses });
  });

  it('goes through a pipe', () => {
    const node = [process.execPath, ...NODE_ARGUMENTS, 'dist/cli/main.js'].join(' ');
    const trace = `${node} trace ${RUN.join(' ')} --format dram -o -`;
    const pipe = `${trace} | ${node} dram --trace /dev/stdin --format json`;
    const { status, stdout } = spawnSync('sh', ['-c', pipe], { cwd: root, encoding: 'utf8' });
    expect([status, JSON.parse(stdout)]).toEqual([0, replayed(path)]);
  });

  it('has one memory’s requests: of split channels those of one interface', () => {
    const alone = traced('dram', '--dram-sharing', 'split', '--lanes', 'ifmap-interface');
    const report = replayed(alone, '--dram-channels', '2');
    expect(report.ports.map(({ finishCycle }) => finishCycle > 0)).toEqual([false, true, false, false]);
  });

  it.each([
    [[], '--dram: got "ideal", expected banked DRAM with --format dram: without it nothing has an address'],
    [
      ['--dram', 'HBM2', '--dram-sharing', 'split'],
      '--dram-sharing: got "split", expected shared, or --lanes with one interface: each has a memory of its own',
    ],
    [['--dram', 'HBM2', '--steps', '1'], '--steps: expected none with --format dram: bursts have no steps'],
    [
      ['--dram', 'HBM2', '--tile-range', 'oc=1'],
      '--tile-range: expected none with --format dram: bursts have no tiles',
    ],
  ])('is refused with %j', (args, message) => {
    const output = join(temporaryFolder(), 'out');
    const run = systole('trace', '-c', 'HI3', '-t', network, ...args, '--format', 'dram', '-o', output);
    expect([run.status, run.stderr]).toEqual([2, `systole: ${message}\n`]);
    expect(existsSync(output)).toBe(false);
  });

  it('says that nothing is selected', () => {
    const output = join(temporaryFolder(), 'out');
    const { status, stderr } = systole('trace', ...RUN, '--lanes', 'simd', '--format', 'dram', '-o', output);
    expect([status, stderr]).toEqual([0, expect.stringContaining('nothing is selected: --lanes simd holds nothing')]);
    expect(readFileSync(output, 'utf8')).toBe('cycle,op,address,bytes,interface,tensor,layer\n');
  });
});

describe('systole dram --trace', () => {
  const HEAD = 'cycle,op,address,bytes,interface\n';
  const CELLS =
    'expected 5 cells: cycle up to 2⁵²; op R or W; address from 0 to 8589934591; bytes from 1 on, all within the memory; ' +
    'interface weight, ifmap, psum, vmem';
  it.each([
    [`${HEAD}0,R,0,64,weight\n0,R,0,64\n`, 'line 3: got "0,R,0,64", ', CELLS],
    [`${HEAD}0,R,0,64,weights\n`, 'line 2: got "0,R,0,64,weights", ', CELLS],
    [`${HEAD}0,R,8589934591,2,psum\n`, 'line 2: got "0,R,8589934591,2,psum", ', CELLS],
    [`${HEAD}0,R,0,0,psum\n`, 'line 2: got "0,R,0,0,psum", ', CELLS],
    [`${HEAD}-1,R,0,1,psum\n`, 'line 2: got "-1,R,0,1,psum", ', CELLS],
    [`${HEAD}0,R,0,"64,psum\n`, 'line 2: got "0,R,0,\\"64,psum", ', CELLS],
    [
      '0x40 READ 1\n0x40 READ\n',
      'line 2: got "0x40 READ", ',
      'expected a byte address from 0 to 8589934591 in hexadecimal, READ or WRITE, and a cycle up to 2⁵²',
    ],
    [
      'LD 0x40\n# a comment\nLDX 3\n',
      'line 3: got "LDX 3", ',
      'expected LD or ST and a byte address from 0 to 8589934591',
    ],
    [HEAD, '', 'expected at least one request'],
    ['# nothing\n\n', '', 'expected at least one request'],
  ])('names the bad line: %#', (text, place, expected) => {
    const file = temporaryFile('trace.txt', text);
    const output = join(temporaryFolder(), 'out.json');
    const { status, stderr } = systole('dram', '--trace', file, '-o', output);
    expect([status, stderr]).toEqual([2, `systole: ${file}: ${place}${expected}\n`]);
    expect(existsSync(output)).toBe(false);
  });
});
