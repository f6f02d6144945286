/**
 * `npm run fuzz -- --count 100000`: broken and odd files of every kind, and odd options, to the real command line. Exit 1
 * if anything fails; each failure is made again by its number: `--seed S --from N --count 1 --write FOLDER`. After
 * `--patience` milliseconds of processor time a case is asked to stop as by Ctrl-C; a share of `--processes` are processes
 * of their own; `--kind` (again for more) draws files of these kinds alone. `--all` says of each case what it came to, `--json FILE` writes the summary as data. Ctrl-C ends it with
 * the summary of what has been done.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzzCase } from './cases.ts';
import { fuzz } from './fuzzing.ts';
import type { Verdict } from './judge.ts';
import { KINDS, SMALL_NETWORKS, seedFiles } from './seeds.ts';
import { summaryOf, tableOf } from './summary.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    write: { type: 'string' },
    patience: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '0.005' },
    json: { type: 'string' },
    kind: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
  },
});
const [count, from, patience] = [Number(values.count), Number(values.from), Number(values.patience)];
if (![count, from, patience].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  throw new Error('--count, --from and --patience: expected whole numbers');
}

const kinds = values.kind?.map((kind) => {
  const known = KINDS.find((other) => other === kind);
  if (known === undefined) throw new Error(`--kind ${kind}: expected one of ${KINDS.join(', ')}`);
  return known;
});

const drawn = { seed: values.seed, processShare: Number(values.processes), kinds };

const script = fileURLToPath(new URL('./worker.js', import.meta.url));
const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'systole-fuzz-')));
const writeTo = values.write === undefined ? undefined : resolve(values.write);

/** Files that `run` has written, to be read again by `diff`. */
function madeRuns(): Uint8Array[] {
  const workload = join(scratch, 'workload.json');
  return [
    ['HI1', SMALL_NETWORKS.plain, []],
    ['HI3', SMALL_NETWORKS.plain, ['--energy', 'fit']],
    ['HT2', SMALL_NETWORKS.attention, ['--phase', 'training', '--dram', 'HBM2']],
  ].map(([hardware, network, more]) => {
    writeFileSync(workload, JSON.stringify(network));
    const args = ['run', '-c', hardware as string, '-t', workload, '--format', 'json', ...(more as string[])];
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args]);
    if (status !== 0) throw new Error(`systole ${args.join(' ')}: exit ${status}`);
    return stdout;
  });
}

const MILLISECONDS_BETWEEN_LINES = 60_000;

const shellWord = (word: string): string => (/^[\w./=,-]+$/.test(word) ? word : JSON.stringify(word));

try {
  const runs = madeRuns();
  const folder = join(scratch, 'case');
  mkdirSync(folder);
  // Cases name their files without a folder.
  process.chdir(folder);
  const seeds = seedFiles(root, { runs });
  const begin = performance.now();
  let nextLine = begin + MILLISECONDS_BETWEEN_LINES;
  let isStopped = false;
  process.on('SIGINT', () => {
    isStopped = true;
  });
  const report = (index: number, verdict: Verdict): void => {
    if (performance.now() > nextLine) {
      nextLine += MILLISECONDS_BETWEEN_LINES;
      console.error(`${index - from + 1} of ${count} cases, ${Math.round((performance.now() - begin) / 1000)} s`);
    }
    if ('ended' in verdict && !values.all) return;
    const { kind, files, args, isProcess } = fuzzCase(drawn, index, seeds);
    const how = isProcess ? ', a process' : '';
    const what = 'ended' in verdict ? `${verdict.ended}: ${verdict.said}` : `${verdict.failed}: ${verdict.why}`;
    console.log(`case ${index} (${kind}${how}): ${what}\n  systole ${args.map(shellWord).join(' ')}`);
    if (writeTo === undefined) return;
    const place = join(writeTo, String(index));
    mkdirSync(place, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(place, name), bytes);
    writeFileSync(join(place, 'arguments.json'), `${JSON.stringify(args)}\n`);
  };
  const counts = await fuzz(
    { from, count },
    (index) => fuzzCase(drawn, index, seeds).kind,
    script,
    { root, ...drawn, folder, runs, patienceMilliseconds: patience },
    (index, verdict) => {
      report(index, verdict);
      return !isStopped;
    },
  );
  const summary = summaryOf(counts, { seed: values.seed, from });
  console.log(tableOf(summary));
  if (values.json !== undefined) writeFileSync(resolve(root, values.json), `${JSON.stringify(summary, null, 2)}\n`);
  process.exitCode = summary.failures === 0 ? 0 : 1;
} finally {
  process.chdir(root);
  rmSync(scratch, { recursive: true, force: true });
}
