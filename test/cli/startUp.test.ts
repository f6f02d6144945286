/** What a process loads before it does anything: nobody waits for what they do not use. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NODE_ARGUMENTS, root } from '../support/cli.ts';

const FOLDER = join(root, 'dist/cli');

/** What the files that a run loads may have in all: they were 1.22 MB when they held whatever any command needs. */
const MOST_BYTES_OF_RUN = 950_000;
/** Less than the library that checks files has by itself. */
const MOST_BYTES_OF_VERSION = 150_000;

interface Loaded {
  readonly stdout: string;
  /** The text of all files of ours. */
  readonly text: string;
  /** Their names. */
  readonly files: readonly string[];
  /** Modules of Node's. */
  readonly builtins: readonly string[];
}

function loadedBy(...args: string[]): Loaded {
  const watching = ['--import', join(root, 'test/support/loadedFiles.mjs')];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...NODE_ARGUMENTS, ...watching, join(FOLDER, 'main.js'), ...args],
    { cwd: root, encoding: 'utf8' },
  );
  const urls = [...stderr.matchAll(/^\(loaded (.*)\)$/gm)].map(([, url]) => url!);
  const paths = urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  return {
    stdout,
    text: paths.map((path) => readFileSync(path, 'utf8')).join(''),
    files: paths.map((path) => path.slice(FOLDER.length + 1)),
    builtins: urls.filter((url) => url.startsWith('node:')),
  };
}

/** The files of the commands, as the command line loads them. */
function commandFiles(text: string): string[] {
  return [...text.matchAll(/import\("\.\/(\w*[cC]ommand\w*\.js)"\)/g)].map(([, file]) => file!);
}

/** By what stands in them: what reads files that are seldom given, and what few runs are watched with. */
const SELDOM = {
  'memories by file': 'Systole DRAM specification',
  'memories with latency': 'Systole latency DRAM',
  'energy data': 'Systole energy specification',
  'currents of memories': 'Systole DRAM energy data',
  formulas: 'Systole formula',
  'units at the grain of cycles': 'stepped cycle by cycle: ',
  'a progress bar': 'shades-classic',
} as const;

describe('a process loads what its command needs', () => {
  it('run: nothing of the other commands, or of files that are not given', () => {
    const { stdout, text, files, builtins } = loadedBy('run', '-c', 'HI3', '-t', 'alexnet', '--format', 'json');
    expect(JSON.parse(stdout)).toHaveProperty('totals');
    const commands = commandFiles(text);
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((file) => files.includes(file))).toEqual([expect.stringMatching(/^runCommand\d*\.js$/)]);
    const everything = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
    for (const [what, mark] of Object.entries(SELDOM)) {
      expect(
        everything.some((file) => file.includes(mark)),
        what,
      ).toBe(true);
      expect(text.includes(mark), what).toBe(false);
    }
    expect(builtins).not.toContain('node:crypto');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES_OF_RUN);
  });

  it('--version: no command', () => {
    const { stdout, text, files } = loadedBy('--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(commandFiles(text).filter((file) => files.includes(file))).toEqual([]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES_OF_VERSION);
  });
});
