/** Inputs as large as somebody may have them: a million layers, a hundred megabytes in a line. A twentieth in the suite. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NODE_ARGUMENTS, root, temporaryFolder } from '../support/cli.ts';

const IS_WHOLE = process.env['SYSTOLE_VERIFY'] === '1';
const LAYERS = IS_WHOLE ? 1_000_000 : 50_000;
const LINE_MEGABYTES = IS_WHOLE ? 100 : 5;
/** A heap of 2 KB per layer, and what a small network takes. */
const HEAP_MEGABYTES = 60 + LAYERS / 500;
const MINUTES = 20;

const folder = temporaryFolder();
const network = join(folder, 'network.json');
const longLine = join(folder, 'line');

/** The network is a chain of alike layers, as a script writes one. */
beforeAll(() => {
  const layer = (place: number): string =>
    `{"name":"l${place}","op":"relu","inputs":["${place === 0 ? 'input' : `l${place - 1}`}"],"dimensions":{"C":64,"H":8,"W":8}}`;
  const write = (path: string, pieces: Iterable<string>): void => {
    const file = openSync(path, 'w');
    for (const piece of pieces) writeSync(file, piece);
    closeSync(file);
  };
  function* layers(): Generator<string> {
    yield '{"name":"long","input":{"C":64,"H":8,"W":8},"layers":[';
    const PER_PIECE = 10_000;
    for (let from = 0; from < LAYERS; from += PER_PIECE) {
      const piece = Array.from({ length: PER_PIECE }, (_, place) => layer(from + place));
      yield `${from === 0 ? '' : ','}${piece.join(',')}`;
    }
    yield ']}';
  }
  write(network, layers());
  write(
    longLine,
    Array.from({ length: LINE_MEGABYTES }, () => 'a'.repeat(1e6)),
  );
});

/** `systole` with a heap of so many megabytes. */
function within(megabytes: number, ...args: string[]) {
  const node = [`--max-old-space-size=${megabytes}`, ...NODE_ARGUMENTS, join(root, 'dist/cli/main.js')];
  const { status, stderr } = spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8' });
  return { status, stderr };
}

describe(`${LAYERS} layers`, () => {
  // The table is what was quadratic.
  it.each(IS_WHOLE ? ['table', 'csv', 'json'] : ['table'])(
    'become %s in memory that they explain',
    (format) => {
      const output = join(folder, `run.${format}`);
      const args = ['run', '-c', 'HI3', '-t', network, '-o', output, '--format', format];
      const { status, stderr } = within(HEAP_MEGABYTES, ...args);
      const megabytes = Math.round(statSync(network).size / 1e6);
      const said = `systole: reading ${network}, ${megabytes} MB\nsystole: tiling ${LAYERS} operations\n`;
      expect([status, stderr]).toEqual([0, IS_WHOLE ? said : '']);
      rmSync(output);
    },
    MINUTES * 60_000,
  );
});

describe(`a line of ${LINE_MEGABYTES} MB`, () => {
  it.each([
    ['hardware', ['run', '-c', longLine, '-t', 'resnet18']],
    ['a workload', ['run', '-c', 'HI3', '-t', longLine]],
    ['predictions', ['check', '-c', 'HI3', '-t', 'resnet18', '--against', longLine]],
    ['a trace of requests', ['dram', '--trace', longLine]],
    ['a rule', ['dram', '--rule', longLine]],
    ['a sweep', ['sweep', longLine, '-o', join(folder, 'sweep')]],
    ['a run', ['diff', longLine, longLine]],
  ])('is no %s, which is said at once', (_, args) => {
    const { status, stderr } = within(100 + 4 * LINE_MEGABYTES, ...args);
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.includes(': reading '));
    expect([status, lines.length]).toEqual([2, 1]);
    expect(lines[0]!.length).toBeLessThan(500);
  });
});
