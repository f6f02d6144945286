/** Small inputs that once failed, each with what is right. */
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { systole, systoleWide, temporaryFile, temporaryFolder } from '../support/cli.ts';

const at = (file: string): string => `test/cases/${file}`;

/** No character of a terminal's but line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

/** Runs a command that is refused in one line of printable text, and returns the line. */
function refusal(...args: string[]): string {
  const { status, stdout, stderr } = systole(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).not.toMatch(CONTROL);
  const [line, ...others] = stderr.trimEnd().split('\n');
  expect(others).toEqual([]);
  return line!;
}

describe('a rule of requests', () => {
  it('whose addresses lie beyond the memory, and beyond 2⁵³, is refused', () => {
    // 999 · (2⁵³ − 1) · (2⁵³ − 1); one HBM2 stack has 8 GiB.
    expect(refusal('dram', '--rule', at('addr.json'))).toBe(
      'systole: test/cases/addr.json: rule.stride: got 8.104850877619206e+34, expected addresses from 0 to 8589934591, the last byte of HBM2',
    );
  });
});

describe('streams', () => {
  it('of 200,000 ports are refused with the number that can be served', () => {
    const streams = Array.from({ length: 200_000 }, (_, place) => ({ base: 64 * place, op: 'R' }));
    const rule = { kind: 'streams', streams, bursts_per_stream: 1, gran: 1 };
    const file = temporaryFile('rule.json', { rule, inject: { mode: 'ports', max_per_cycle: 8 } });
    expect(refusal('dram', '--rule', file)).toBe(
      `systole: ${file}: rule.streams: got 200000, expected at most 1024 streams, each at a port of its own`,
    );
  });
});

describe('idle time', () => {
  it('before a request in cycle 10¹² is jumped over: a closed row takes 32 cycles, refreshes are a matter of division', () => {
    const { stdout } = systole('dram', '--trace', at('late.txt'), '--channels', '1', '--format', 'json');
    // The last refresh before it is number 256,410,256, 1600 cycles earlier.
    expect(JSON.parse(stdout)).toMatchObject({ cycles: 1e12 + 32, refreshes: Math.floor(1e12 / 3900) });
  });

  it('between two requests 10¹³ cycles apart is too', () => {
    const { stdout } = systole('dram', '--rule', at('gap.json'), '--channels', '1', '--format', 'json');
    // A refresh falls due every 3900 cycles, the last 1900 cycles before the second request: its row has to be opened.
    expect(JSON.parse(stdout)).toMatchObject({ cycles: 1e13 + 32, refreshes: Math.floor(1e13 / 3900), activates: 2 });
  });
});

describe('a hardware file', () => {
  const refused = (file: string): string => refusal('run', '-c', at(file), '-t', 'alexnet');

  it('of 5,000 brackets is refused, with the first too many', () => {
    expect(refused('deep.json')).toBe(
      'systole: test/cases/deep.json: expected JSON (line 1, column 201: more than 200 brackets inside one another)',
    );
  });

  it('whose key forges a line of ours and clears the screen is refused in one line that shows it', () => {
    expect(refused('rawkey.json')).toBe(
      'systole: test/cases/rawkey.json: "a\\nsystole: all is well\\u001b[2J": got 1, expected no such field',
    );
  });

  it('that is no JSON is refused in one line, with the place', () => {
    expect(refused('jsonmsg.json')).toBe(
      'systole: test/cases/jsonmsg.json: expected JSON (line 3, column 1: } where a value is expected)',
    );
  });

  it('may begin with a byte order mark', () => {
    const withMark = systole('run', '-c', at('bom.json'), '-t', 'alexnet');
    expect(withMark).toEqual(systole('run', '-c', 'HI1', '-t', 'alexnet'));
  });

  it('with bandwidths of a bit in a year is refused, both of them', () => {
    const { status, stderr } = systole('run', '-c', at('bw.json'), '-t', 'alexnet');
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'systole: test/cases/bw.json: bitsPerCycle.psum: got 1e-9, expected a number ≥ 0.0009765625 (from a bit in 1024 cycles to any tile in one)',
      'systole: test/cases/bw.json: bitsPerCycle.vmem: got 1e-17, expected a number ≥ 0.0009765625 (from a bit in 1024 cycles to any tile in one)',
    ]);
  });
});

describe("SimDIT's hardware file", () => {
  it('is told by its own key which SRAM is too small', () => {
    // 2 · 64 · 64 · 9 · 8 bits.
    expect(refusal('run', '-c', at('simdit-hw.json'), '-t', 'alexnet')).toBe(
      'systole: test/cases/simdit-hw.json: WBUF_CAPACITY_BITS: got 8192, expected at least 589824 bits (slots · J · K · 9 · b_w bits, the smallest valid wbuf)',
    );
  });
});

describe('a workload file', () => {
  it('with names that clear the screen, forge a row and compute shows them as text, in every format', () => {
    const shown = 'x\\u001b]0;title\\u0007\\u001b[2J\\nforged row';
    const network = ['-c', 'HI1', '-t', at('escape.json')];
    const outputs = ['table', 'csv', 'json'].flatMap((format) => [
      systoleWide('run', ...network, '--format', format),
      systoleWide('check', ...network, '--format', format),
    ]);
    outputs.push(systole('explain', ...network, '--layer', '=1+1'), systole('trace', ...network, '-o', '-', '--format', 'csv'));
    for (const { status, stdout, stderr } of outputs) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).not.toMatch(CONTROL);
    }
    const [table, checked, csv, checkedCsv, json] = outputs.map(({ stdout }) => stdout);
    for (const text of [table, checked, outputs.at(-2)!.stdout]) expect(text).not.toMatch(/^forged row/m);
    expect(table).toContain(`\n${shown} `);
    for (const text of [csv, checkedCsv, outputs.at(-1)!.stdout]) {
      const cells = (parse(text!) as string[][]).flat();
      expect(cells.filter((cell) => Number.isNaN(Number(cell)) && /^[=+\-@]/.test(cell))).toEqual([]);
      // In quotes a line end is one of the name's.
      expect(cells).toContain('x\\u001b]0;title\\u0007\\u001b[2J\nforged row');
      expect(cells).toContain("'=1+1");
    }
    // Escapes in JSON mean what they stand for.
    const report = JSON.parse(json!) as { layers: { name: string }[] };
    expect(report.layers.map(({ name }) => name)).toEqual(['x\u001b]0;title\u0007\u001b[2J\nforged row', '=1+1']);
  });

  it('with a layer that is asked for by a name it has not is told those that it has, printable', () => {
    const line = refusal('trace', '-c', 'HI1', '-t', at('escape.json'), '-o', '-', '--format', 'csv', '--layer', '\u001b[2J');
    expect(line).toContain('--layer: got "\\u001b[2J", expected a layer of the network, such as');
  });

  it('with layers named by 3,000 lone surrogates is traced within --max-size, which their names count in', () => {
    const name = (place: number): string => '\ud800'.repeat(3000) + place;
    const layers = Array.from({ length: 50 }, (_, place) => ({
      name: name(place),
      op: 'relu',
      inputs: [place === 0 ? 'input' : name(place - 1)],
      dimensions: { C: 8, H: 4, W: 4 },
    }));
    const network = temporaryFile('names.json', { name: 'names', input: { C: 8, H: 4, W: 4 }, layers });
    for (const format of ['chrome', 'csv']) {
      const trace = ['trace', '-c', 'HI1', '-t', network, '--format', format, '--max-size', '1', '-o', '-'];
      const { status, stdout, stderr } = systole(...trace);
      expect(status).toBe(0);
      expect(stdout.length).toBeLessThan(1e6);
      expect(stdout).not.toMatch(CONTROL);
      expect(stderr).toMatch(/^systole: the size limit of 1 MB is reached: \d+ slices from cycle \d+ \((\\ud800)+…/);
      expect(stderr.length).toBeLessThan(1000);
    }
  });

  it('of what only other operations can mean is refused by the layer, or run', () => {
    // A 1×7 window, padded by 3 above and below too, makes 17 + 6 rows; 112 rows in steps of 2 without rounding up 55.
    expect(refusal('run', '-c', 'HI1', '-t', at('inc.json'))).toContain('layers[0].dimensions.OH: got 17, expected 23, ');
    const { status, stderr } = systole('run', '-c', 'HI1', '-t', at('ceil.json'));
    expect([status, stderr.match(/got 56, expected 55, /g)?.length]).toEqual([2, 2]);
    // 512 · 64 · 64 twice, and 512 · 512 · 64.
    const qk = systole('run', '-c', 'HI1', '-t', at('qk.json'), '--format', 'json');
    const { totals } = JSON.parse(qk.stdout) as { totals: { all: { simulated: { useful: { macs: number } } } } };
    expect([qk.status, totals.all.simulated.useful.macs]).toEqual([0, 2 * 512 * 64 * 64 + 512 * 512 * 64]);
    const dw = systole('run', '-c', 'HI1', '-t', at('dw.json'), '--format', 'json');
    if (dw.status === 2) expect(dw.stderr).toMatch(/^systole: test\/cases\/dw.json: expected only layers that can be run; .*depthwise-conv \(first: dw1\)\n$/);
    // 32 channels, each by itself.
    else expect(JSON.parse(dw.stdout)).toMatchObject({ totals: { all: { simulated: { useful: { macs: 32 * 9 * 112 * 112 } } } } });
  });

  it('with an empty name is told so', () => {
    expect(refusal('run', '-c', 'HI1', '-t', at('emptyname.json'))).toBe(
      'systole: test/cases/emptyname.json: name: got "", expected a text that is not empty',
    );
  });
});

describe('predictions', () => {
  it('that are beyond all numbers are refused', () => {
    expect(refusal('check', '-c', 'HI1', '-t', at('tiny.json'), '--against', at('against.csv'))).toBe(
      'systole: test/cases/against.csv: line 2: got "r,1e999", expected layer,cycles with a number up to 2⁵³',
    );
  });
});

describe('a DRAM file', () => {
  const queueWhy = 'every entry takes about 60 bytes in each channel';
  it.each([
    ['refi_lt_rfc.json', 'timing.REFI: got 100, expected 0, or more than 274'],
    ['refi.json', 'timing.REFI: got 39, expected 0, or more than 274'],
    ['queue.json', `queues.read: got 1000000000, expected a number ≤ 4096 (${queueWhy})`],
    ['channels.json', 'organization.channels: got 1048576, expected a number ≤ 1024 (each has its own queues'],
    ['cl.json', 'timing.CL: got 1000000000000000, expected a number ≤ 65536 (cycles between two commands'],
    ['clock.json', 'clockPicoseconds: got 1e-300, expected a number ≥ 1 (from 1 THz down to 1 MHz)'],
  ])('%s is refused, alone and behind a network', (file, message) => {
    const alone = refusal('dram', '--dram', at(file), '--trace', at('two.txt'));
    expect(alone).toContain(`systole: test/cases/${file}: ${message}`);
    expect(refusal('run', '-c', 'HI1', '-t', at('tiny.json'), '--dram', at(file))).toBe(alone);
  });
});

describe('a sweep file', () => {
  it('with a constraint of 20,000 terms has its result', () => {
    const { status, stdout, stderr } = systoleWide('sweep', at('expr.json'), '-o', join(temporaryFolder(), 'out'));
    // The smallest valid IBuf of a 16×16 array has 7.03 KiB, more than any of its points.
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^s1: 0 points of 24 combinations covered.*\nat all points: hardware HI1, .*\nNo point meets all constraints\.\n$/);
  });
});
