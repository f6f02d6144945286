/** Runs the built command line as a user would, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs before `systole` in every process that tests start: it holds the clock still, so that nobody sees progress. */
export const NODE_ARGUMENTS = ['--require', join(root, 'test/support/startedProcess.cjs')];

/** No terminal's width decides what tests see. */
const ENVIRONMENT = { ...process.env, COLUMNS: undefined };

/** `systole` with the given arguments as a user runs it, in a process of its own, from the repository's root. */
export function systoleProcess(...args: string[]): Outcome {
  return start(root, ENVIRONMENT, args);
}

/** The thread in which the command line is called, and how it hears of the answer; made when first needed. */
let thread: { readonly port: MessagePort; readonly flag: Int32Array } | undefined;

function commandThread(): NonNullable<typeof thread> {
  if (thread !== undefined) return thread;
  const { port1: port, port2 } = new MessageChannel();
  const signal = new SharedArrayBuffer(4);
  const worker = new Worker(join(root, 'test/support/commandThread.mjs'), {
    workerData: { root, port: port2, signal },
    transferList: [port2],
  });
  worker.unref();
  port.unref();
  thread = { port, flag: new Int32Array(signal) };
  return thread;
}

/** What is asked of the thread: a call with arguments and, beside those that there are, variables of the environment. */
interface Asked {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function call(asked: Asked): Outcome {
  const { port, flag } = commandThread();
  Atomics.store(flag, 0, 0);
  port.postMessage(asked);
  Atomics.wait(flag, 0, 0);
  return receiveMessageOnPort(port)!.message as Outcome;
}

/**
 * What `systole` does with the given arguments, in the repository's root: called in a thread that goes on, at a fraction
 * of a process's time. Where the process itself matters there is `systoleProcess`. Needs `npm run build`.
 */
export function systole(...args: string[]): Outcome {
  return call({ args, env: {} });
}

/** The same with variables of its environment. */
export function systoleWith(env: Readonly<Record<string, string>>, ...args: string[]): Outcome {
  return call({ args, env });
}

/** `systole` in a process of its own, from another folder. */
export function systoleIn(folder: string, ...args: string[]): Outcome {
  return start(folder, ENVIRONMENT, args);
}

/** `systole` as in a terminal so wide that every column is shown and no line goes on in the next. */
export function systoleWide(...args: string[]): Outcome {
  return systoleWith({ COLUMNS: '1000' }, ...args);
}

function start(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...NODE_ARGUMENTS, join(root, 'dist/cli/main.js'), ...args],
    { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return { status, stdout, stderr };
}

/** A moment in a run, told by its work and not by the time, and what happens then. */
export interface Moment {
  /** When a file whose name begins so has so many bytes, or a line on stderr matches. */
  readonly at: { readonly file: string; readonly bytes: number } | { readonly stderr: string };
  /** A signal, which but for a kill stands on stderr as `(SIGINT)`; or the run stands still until a file is there. */
  readonly happens: { readonly signal: NodeJS.Signals } | { readonly waitFor: string };
}

/** A process that has been started. */
export interface Started {
  readonly pid: number | undefined;
  readonly ended: Promise<Outcome & { readonly signal: string | null }>;
}

/** Starts `systole` with something to happen in between. Every step of a run says on stderr how far it is. */
export function startSystole(moment: Moment, ...args: string[]): Started {
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, 'dist/cli/main.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SYSTOLE_TEST_PROCESS: JSON.stringify({ clock: 'racing', ...moment }) },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const ended = once(child, 'close').then(([status, signal]) => ({
    ...said,
    status: status as number | null,
    signal: signal as string | null,
  }));
  return { pid: child.pid, ended };
}

/** A folder of its own for a test's files. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'systole-'));
}

/** Writes a file into a temporary folder and returns its path. */
export function temporaryFile(name: string, content: unknown): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}
