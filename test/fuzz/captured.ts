/** The command line called in this thread, with what it says and writes to stdout caught. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Writable } from 'node:stream';

/** What a call of the command line came to. */
export interface Called {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const STDOUT = 1;
const STDERR = 2;

/** Bytes as they come. */
class Caught {
  private pieces: Buffer[] = [];

  readonly add = (piece: string | Uint8Array): void => {
    this.pieces.push(Buffer.from(piece as string));
  };

  take(): Buffer {
    const all = Buffer.concat(this.pieces);
    this.pieces = [];
    return all;
  }
}

const caught = { stdout: new Caught(), stderr: new Caught() };

/** A stream for each call: what a call leaves on it, listeners too, is gone with it. */
function freshStream(name: 'stdout' | 'stderr'): void {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      caught[name].add(chunk);
      done();
    },
  });
  Object.defineProperty(process, name, { value: stream, configurable: true });
}

/** From now on nothing reaches this process's own stdout and stderr, whatever they are. */
export function catchOutput(): void {
  const { writeSync } = fs;
  const caughtWrite = (descriptor: number, data: Uint8Array, from = 0): number => {
    if (descriptor !== STDOUT && descriptor !== STDERR) return writeSync(descriptor, data, from);
    caught[descriptor === STDOUT ? 'stdout' : 'stderr'].add(data.subarray(from));
    return data.length - from;
  };
  fs.writeSync = caughtWrite as typeof writeSync;
  syncBuiltinESMExports();
  freshStream('stdout');
  freshStream('stderr');
}

/** Calls the command line, given its module, with arguments. */
export async function call(
  runCommandLine: (args: readonly string[]) => Promise<number>,
  args: readonly string[],
): Promise<Called> {
  caught.stdout.take();
  caught.stderr.take();
  freshStream('stdout');
  const status = await runCommandLine(args);
  return { status, stdout: caught.stdout.take(), stderr: caught.stderr.take() };
}
