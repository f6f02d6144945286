/** The formats that each command's help offers are those that it takes. */
import { describe, expect, it } from 'vitest';
import type { EXAMPLES } from '../../src/doors/cli/examples.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { SMALL } from '../support/sweep.ts';

const RUN = ['-c', 'HI3', '-t', 'alexnet'];

/** A short run of each command that has a result in several formats; what it exits with. */
const COMMANDS: Readonly<Record<keyof typeof EXAMPLES, { readonly args: readonly string[]; readonly exit?: number }>> =
  {
    run: { args: RUN },
    check: { args: RUN },
    validate: { args: ['roofline', ...RUN] },
    verify: { args: ['--cases', '1'] },
    'critical-path': { args: RUN },
    explain: { args: [...RUN, '--layer', 'relu1'] },
    hunt: { args: ['roofline', '--operations', 'relu', '--cases', '5', '--workers', '1'] },
    diff: { args: ['--', '-c HI2 -t alexnet', '-c HI3 -t alexnet'], exit: 1 },
    sweep: { args: [temporaryFile('small.json', SMALL), '--workers', '1', '-o', temporaryFolder()] },
    worker: { args: ['--queue', 'redis://localhost:1'] },
    dram: { args: ['--rule', 'test/dram/random.json'] },
    paper: { args: ['VI'] },
    import: { args: ['alexnet', '--summary'] },
    export: { args: ['astra-sim', '-c', 'HT3', '-t', 'alexnet'] },
    // Memory requests are those of banked memory.
    trace: { args: ['-c', 'HI3', '-t', 'test/cases/tiny.json', '--dram', 'HBM2', '-o', '-'] },
    list: { args: ['hardware'] },
  };

const FORMATS = ['table', 'json', 'csv', 'chrome', 'html', 'perfetto', 'dram', 'dramsim3', 'ramulator2'];
const WITHOUT = ['worker', 'export'];

/** The formats that the help of a command offers. */
function offered(command: string): string[] {
  const { stdout } = systole(command, '--help');
  const option = /\n {2}--format <format> (?<text>.*?)\n {2}-/s.exec(stdout)?.groups?.['text'] ?? '';
  const choices = /\(choices: (?<names>[^:)]*)/.exec(option.replaceAll(/\s+/g, ' '))?.groups?.['names'] ?? '';
  return [...choices.matchAll(/"(?<name>[^"]+)"/g)].map(({ groups }) => groups!['name']!);
}

describe.each(Object.entries(COMMANDS))('%s', (command, { args, exit = 0 }) => {
  it('offers the formats that it takes', () => {
    const takes = FORMATS.filter((format) => {
      const { status, stdout, stderr } = systole(command, '--format', format, ...args);
      const isTaken = status === exit;
      expect([status, stdout === '']).toEqual(isTaken ? [exit, false] : [2, true]);
      if (!isTaken) expect(stderr).toContain('--format');
      return isTaken;
    });
    expect(takes.length > 0).toBe(!WITHOUT.includes(command));
    expect(offered(command).sort()).toEqual(takes.sort());
  });
});
