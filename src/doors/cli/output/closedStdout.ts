/** Whether whoever started the process closed its stdout (`>&-`). */
import { fstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';

const STDOUT_DESCRIPTOR = 1;
const SHELLS = new Set(['sh', 'dash', 'bash', 'zsh', 'ksh', 'mksh', 'ash', 'busybox', 'fish']);
const READ_AND_WRITE = 0o2;
const ACCESS_MODE = 0o3;

/** Whether a process's stdout is /dev/null, open for reading too; undefined where it has none. */
function isNullForBoth(process: string): boolean | undefined {
  const path = `/proc/${process}/fd/${STDOUT_DESCRIPTOR}`;
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined) return undefined;
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${process}/fdinfo/${STDOUT_DESCRIPTOR}`, 'latin1'));
  const mode = Number.parseInt(flags?.[1] ?? '', 8) & ACCESS_MODE;
  return mode === READ_AND_WRITE && target.rdev === statSync('/dev/null').rdev;
}

/**
 * Node opens /dev/null for reading and writing in place of a closed stdout, as some programs do for the processes that
 * they start. A shell does not: where the parent is one and has no such stdout itself to hand on, ours was closed. Where
 * that cannot be told it was not.
 */
export function isStdoutClosed(): boolean {
  try {
    if (!fstatSync(STDOUT_DESCRIPTOR).isCharacterDevice() || isNullForBoth('self') !== true) return false;
    const parent = String(process.ppid);
    return isNullForBoth(parent) !== true && SHELLS.has(basename(readlinkSync(`/proc/${parent}/exe`)));
  } catch {
    return false; // no /proc, or somebody else's process
  }
}
