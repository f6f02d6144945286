/** The thread in which the cases run, one after the other: a hang there can be stopped. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { call, catchOutput } from './captured.ts';
import { type Drawn, type FuzzCase, fuzzCase } from './cases.ts';
import { judge, type Verdict } from './judge.ts';
import { filesIn, runProcess } from './running.ts';
import { seedFiles } from './seeds.ts';

/** What the thread is started with. */
export interface WorkerData extends Drawn {
  readonly root: string;
  /** The folder in which all this runs, which holds nothing else. */
  readonly folder: string;
  readonly runs: readonly Uint8Array[];
  readonly patienceMilliseconds: number;
}

/** Asked of the thread: case `index`, or that the one under way be stopped as Ctrl-C would. */
export type Asked = { readonly index: number } | 'stop';
/** Answered: that the case begins, what it came to. */
export type Answer = { readonly index: number; readonly kind: FuzzCase['kind']; readonly verdict: Verdict };

const data = workerData as WorkerData;
const { root, folder, runs, patienceMilliseconds } = data;
const seeds = seedFiles(root, { runs });
const commandLine = pathToFileURL(join(root, 'dist/cli/commandLine.js')).href;
const { runCommandLine } = (await import(commandLine)) as {
  runCommandLine: (args: readonly string[]) => Promise<number>;
};
catchOutput();

let wasStopped = false;

function clear(): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

async function run(index: number): Promise<Answer> {
  const fuzzed = fuzzCase(data, index, seeds);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(fuzzed.files)) writeFileSync(join(folder, name), bytes);
  wasStopped = false;
  const ended = fuzzed.isProcess
    ? await runProcess(root, folder, fuzzed.args, patienceMilliseconds)
    : { ...(await call(runCommandLine, fuzzed.args)), wasStopped };
  const files = filesIn(folder, Object.keys(fuzzed.files));
  const written = fuzzed.args[fuzzed.args.lastIndexOf('-o') + 1];
  for (const [name, bytes] of Object.entries(fuzzed.files)) {
    // What a command does not read it may write over: predictions without --against.
    if (name === written) continue;
    if (!readFileSync(join(folder, name)).equals(bytes)) throw new Error(`case ${index} has changed its input ${name}`);
  }
  const verdict = judge(fuzzed, { ...ended, files });
  clear();
  return { index, kind: fuzzed.kind, verdict };
}

parentPort!.on('message', (asked: Asked) => {
  if (asked === 'stop') {
    wasStopped = true;
    process.emit('SIGINT', 'SIGINT');
    return;
  }
  void run(asked.index).then((answer) => parentPort!.postMessage(answer));
});
parentPort!.postMessage('ready');
