/** Signals at random moments: what is there afterwards is whole, or is not there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { root, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { filesOf, SMALL } from '../support/sweep.ts';

/** For each command. */
const MOMENTS = process.env['SYSTOLE_VERIFY'] === '1' ? 100 : 1;
const MINUTES = 20;

/** 27 points to simulate, by the machine. */
const SIMULATED = {
  ...SMALL,
  parameters: { 'sramKiB.wbuf': [32, 64, 128], 'sramKiB.ibuf': [32, 64, 128], 'bitsPerCycle.psum': [64, 128, 192] },
  constraints: [],
  model: 'simulated',
};
const sweep = temporaryFile('sweep.json', SIMULATED);

/** What is run, with an output in a folder of its own. */
const COMMANDS = {
  run: (folder: string) =>
    `run -c HI1 -t resnet18 --no-fast-forward --format json -o ${join(folder, 'run.json')}`.split(' '),
  check: (folder: string) => `check -c HI1 -t resnet18 --format json -o ${join(folder, 'check.json')}`.split(' '),
  trace: (folder: string) => `trace -c HI3 -t resnet18 -o ${join(folder, 'trace.csv')}`.split(' '),
  verify: (folder: string) => `verify --cases 20 --format json -o ${join(folder, 'verify.json')}`.split(' '),
  sweep: (folder: string) => ['sweep', sweep, '-o', folder, '--workers', '2'],
} as const;
type Command = keyof typeof COMMANDS;

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGKILL: undefined } as const;
type Signal = keyof typeof SIGNALS;

/** Runs a command and stops it after some milliseconds, if it still runs then. */
async function run(command: Command, folder: string, stop?: { signal: Signal; after: number }) {
  const begin = performance.now();
  const child = spawn(process.execPath, ['dist/cli/main.js', ...COMMANDS[command](folder)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += String(text);
  });
  const ended = once(child, 'close');
  if (stop !== undefined) {
    await Promise.race([ended, setTimeout(stop.after)]);
    child.kill(stop.signal);
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  return { code, signal, stderr, milliseconds: performance.now() - begin };
}

function newFolder(): string {
  const folder = join(temporaryFolder(), 'out');
  mkdirSync(folder);
  return folder;
}

/** What an undisturbed run leaves, and how long it takes here: only moments depend on that, not what is expected. */
const undisturbed = new Map<Command, { files: Record<string, string>; milliseconds: number }>();
async function undisturbedRun(command: Command) {
  const known = undisturbed.get(command);
  if (known !== undefined) return known;
  const folder = newFolder();
  const { code, milliseconds } = await run(command, folder);
  expect(code).toBe(0);
  const left = { files: filesOf(folder), milliseconds };
  undisturbed.set(command, left);
  return left;
}

const ONLY_PROGRESS =
  /^(systole: .*\d of \d.*\n|systole: .* of the result written\n|systole: laying out the result\n)*$/;

describe(`${MOMENTS} signals at random moments for each command`, () => {
  const random = seedrandom('signals');
  const commands = Object.keys(COMMANDS) as Command[];
  const signals = Object.keys(SIGNALS) as Signal[];
  const cases = Array.from({ length: MOMENTS * commands.length }, (_, place) => ({
    number: place + 1,
    command: commands[place % commands.length]!,
    signal: signals[Math.floor(random() * signals.length)]!,
    moment: random(),
  }));

  it.each(cases)(
    '$number: $signal to $command',
    async ({ command, signal, moment }) => {
      const { files, milliseconds } = await undisturbedRun(command);
      const folder = newFolder();
      const ended = await run(command, folder, { signal, after: moment * milliseconds });
      const isWhole = ended.code === 0;
      if (!isWhole) {
        // Before anything is begun, or of what nobody can hear, it dies of the signal.
        const codes = [
          [SIGNALS[signal] ?? null, signal === 'SIGKILL' ? signal : null],
          [null, signal],
        ];
        expect(codes).toContainEqual([ended.code, ended.signal]);
      }
      expect(ended.stderr.replace(/systole: interrupted\n$/, '')).toMatch(ONLY_PROGRESS);
      const left = readdirSync(folder);
      if (command === 'sweep') {
        const mayStay = ['journal.jsonl', ...(signal === 'SIGKILL' ? ['sweep.lock'] : [])];
        const known = Object.keys(files).concat(mayStay, signal === 'SIGKILL' ? left.filter(isTemporary) : []);
        if (isWhole) expect(filesOf(folder)).toEqual(files);
        else expect(known).toEqual(expect.arrayContaining(left));
        expect((await run(command, folder)).code).toBe(0);
        expect(filesOf(folder)).toEqual(files);
        return;
      }
      const [name] = Object.keys(files) as [string];
      // A file with the output's name is the whole result, whatever came in between.
      if (isWhole || left.includes(name)) {
        expect(readFileSync(join(folder, name)).toString('base64')).toBe(files[name]);
      }
      const others = left.filter((each) => each !== name);
      if (signal === 'SIGKILL') expect(others.filter((each) => !isTemporary(each))).toEqual([]);
      else expect(others).toEqual([]);
    },
    MINUTES * 60_000,
  );
});

function isTemporary(name: string): boolean {
  return name.endsWith('.tmp');
}
