/** A case as a process of its own, and what it leaves in its folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Came } from './judge.ts';

/** More processor time than this, though it was asked to stop, is a hang. */
export const HANG_MILLISECONDS = 5000;

/** Files of a folder, also within folders, but for the inputs. */
export function filesIn(folder: string, inputs: readonly string[]): Record<string, Buffer> {
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => !inputs.includes(name));
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name))]));
}

/** What a shell says of a process that a Ctrl-C has ended. */
const INTERRUPTED = 130;
const MILLISECONDS_PER_TICK = 10;
const MILLISECONDS_BETWEEN_LOOKS = 50;
/** A process that waits for nothing uses no processor; so long nobody waits for it. */
const WAITING_MILLISECONDS = 120_000;

/** The processor time that a process has used, in milliseconds; what has passed by the clock where there is no /proc. */
function usedMilliseconds(pid: number | undefined, since: number): number {
  try {
    // Behind the name, which may hold brackets: utime and stime are the 12th and 13th field from there.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    return MILLISECONDS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return performance.now() - since;
  }
}

/** Runs a case as a user would; Ctrl-C after `patience` of processor time, a kill after the time of a hang. */
export async function runProcess(
  root: string,
  folder: string,
  args: readonly string[],
  patience: number,
): Promise<Omit<Came, 'files'>> {
  const begin = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (bytes: Buffer) => said[name].push(bytes));
  let wasStopped = false;
  const watch = setInterval(() => {
    const used = usedMilliseconds(child.pid, begin);
    if (used > HANG_MILLISECONDS || performance.now() - begin > WAITING_MILLISECONDS) child.kill('SIGKILL');
    else if (used > patience && !wasStopped) wasStopped = child.kill('SIGINT');
  }, MILLISECONDS_BETWEEN_LOOKS);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearInterval(watch);
  // Node itself takes a Ctrl-C that comes before our code runs: a shell says the same of it.
  const status = code ?? (wasStopped && signal === 'SIGINT' ? INTERRUPTED : undefined);
  return {
    status,
    stdout: Buffer.concat(said.stdout),
    stderr: Buffer.concat(said.stderr),
    wasStopped,
  };
}
