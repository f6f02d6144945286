/** Who holds a lock: a process, by more than its number, which in another container or after a while is another's. */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

const holderSchema = z.object({
  process: z.int().positive(),
  /** When it began, in the system's own count; empty where that cannot be told. */
  start: z.string(),
  host: z.string(),
  /** The running of the system, from boot to boot, and the numbers that processes have in it; empty as above. */
  boot: z.string(),
  numbers: z.string(),
  /** Tells it from everybody else. */
  token: z.string().min(1),
});

/** The first line of a lock file, as JSON. */
export type Holder = Readonly<z.infer<typeof holderSchema>>;

function readOr(otherwise: string, read: () => string): string {
  try {
    return read().trim();
  } catch {
    return otherwise;
  }
}

/** When a process began; empty where there is none, or no /proc. */
function startOf(process: number): string {
  // The name of the program stands in brackets and may hold anything.
  const stat = readOr('', () => readFileSync(`/proc/${process}/stat`, 'latin1'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** This process as the holder of a lock. */
export function thisProcess(): Holder {
  return {
    process: process.pid,
    start: startOf(process.pid),
    host: hostname(),
    boot: readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    numbers: readOr('', () => readlinkSync('/proc/self/ns/pid')),
    token: randomBytes(12).toString('hex'),
  };
}

/** The holder that a lock's text names; undefined where it names none. */
export function holderIn(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text.split('\n', 1)[0]!)).data;
  } catch {
    return undefined;
  }
}

/** Whether a holder still runs; undefined where it does so out of this process's sight, if at all. */
export function isRunning(holder: Holder, here: Holder): boolean | undefined {
  const isInSight = holder.boot === here.boot && holder.numbers === here.numbers;
  if (!isInSight || [holder.start, holder.boot, holder.numbers].includes('')) return undefined;
  return startOf(holder.process) === holder.start;
}
