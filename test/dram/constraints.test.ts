/** The rows of the presets beside the lists of constraints that the reference was run with. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMON_CONSTRAINTS } from '../../src/model/schemas/commonConstraints.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import { COMMANDS, LEVELS } from '../../src/model/schemas/dramNames.ts';
import { cyclesOf } from '../../src/model/schemas/dramRows.ts';
import { dramPreset } from '../support/dram.ts';

interface ReferenceRow {
  readonly level: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly cycles: number;
  readonly window?: number;
  readonly other_node_of_the_level?: true;
}

interface Reference {
  readonly command_bus_ticks: Readonly<Record<string, number>>;
  readonly constraints_ticks: { readonly list: readonly ReferenceRow[] };
}

const LEVEL_NAMES: Readonly<Record<string, string>> = {
  Channel: 'channel',
  PseudoChannel: 'pseudo channel',
  Rank: 'rank',
  Sid: 'stack',
  BankGroup: 'bank group',
  Bank: 'bank',
};

const readReference = (name: string): Reference =>
  JSON.parse(
    readFileSync(new URL(`../golden/dram/standards/${name.toLowerCase()}.json`, import.meta.url), 'utf8'),
  ) as Reference;

/** The most cycles that rows ask for between each two commands on each level, first cycle to first cycle. */
class MostCycles {
  private readonly most = new Map<string, number>();

  add(level: string, from: string, to: string, window: number, isOther: boolean, cycles: number): void {
    const key = [level, from, to, window, isOther ? 'other' : 'same'].join(' ');
    this.most.set(key, Math.max(cycles, this.most.get(key) ?? 0));
  }

  /** Sorted, without those that a cycle's single command keeps anyway. */
  list(): string[] {
    return [...this.most]
      .filter(([, cycles]) => cycles > 0)
      .map(([key, cycles]) => `${key}: ${cycles}`)
      .sort();
  }
}

function rowsOf(spec: DramSpec): string[] {
  const most = new MostCycles();
  const lengthOf = (command: keyof DramSpec['commandCycles']): number => spec.commandCycles[command] ?? 1;
  for (const row of spec.constraints) {
    for (const from of row.from) {
      for (const to of row.to) {
        const cycles = cyclesOf(row, spec.timing) + lengthOf(from) - lengthOf(to);
        most.add(row.level, from, to, row.window ?? 1, row.other === true, cycles);
      }
    }
  }
  return most.list();
}

/** The reference's list, but for the commands that we have not and the rows that say only how long a command is. */
function referenceRowsOf({ constraints_ticks, command_bus_ticks }: Reference): string[] {
  const most = new MostCycles();
  const ours = (command: string): string => (command === 'ACT1' ? 'ACT' : command);
  for (const row of constraints_ticks.list) {
    for (const from of row.from.map(ours)) {
      for (const to of row.to.map(ours)) {
        if (!COMMANDS.some((each) => each === from) || !COMMANDS.some((each) => each === to)) continue;
        const level = LEVEL_NAMES[row.level]!;
        const isBus =
          level === 'channel' && row.cycles === command_bus_ticks[from] && row.cycles > 1 && row.to.length > 2;
        if (isBus) continue;
        most.add(level, from, to, row.window ?? 1, row.other_node_of_the_level === true, row.cycles);
      }
    }
  }
  return most.list();
}

describe('the constraints of', () => {
  it.each(['DDR3-1600K', 'DDR5-4800B', 'GDDR6-14000', 'LPDDR5-6400', 'HBM3-6400'])(
    '%s are those of the reference, each with the parameters that they come from',
    (name) => {
      const reference = readReference(name);
      const spec = dramPreset(name);
      expect(rowsOf(spec)).toEqual(referenceRowsOf(reference));
      for (const command of COMMANDS) {
        const bus = reference.command_bus_ticks[command] ?? reference.command_bus_ticks[`${command}1`];
        if (bus !== undefined) expect([command, spec.commandCycles[command] ?? 1]).toEqual([command, bus]);
      }
    },
  );

  it.each(['HBM2', 'HBM1'])('%s are those that a file without any has', (name) => {
    expect(dramPreset(name).constraints).toEqual(COMMON_CONSTRAINTS);
  });

  it.each(['DDR4-2400', 'LPDDR4'])('%s are those too, but for a second rank', (name) => {
    expect(dramPreset(name).constraints.filter(({ other }) => other !== true)).toEqual(COMMON_CONSTRAINTS);
  });

  it('any preset name each level that it has', () => {
    expect(new Set(LEVELS)).toEqual(new Set(Object.values(LEVEL_NAMES)));
  });
});
