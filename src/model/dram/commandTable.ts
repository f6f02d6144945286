/**
 * The rows of a DRAM file compiled into flat arrays: for each command, which "earliest cycle" numbers it raises and by
 * how much. A number belongs to a later command and to the whole channel, a bank group, a bank or a refreshed node.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { COMMANDS, type Command, type Constraint, cyclesOf } from '../schemas/dramRows.ts';
import { BankTree } from './bankTree.ts';

/** Commands by number: their places in COMMANDS. */
export const ACT = 0;
export const PRE = 1;
export const PREA = 2;
export const RD = 3;
export const WR = 4;
export const REF = 5;
export const REFPB = 6;
/** Commands that no row is about: the second half of a split ACT, and what starts the data clock. */
export const ACT2 = 7;
export const CAS_RD = 8;
export const CAS_WR = 9;
/** All that a channel can issue, by number. */
export const ISSUED = [...COMMANDS, 'ACT2', 'CAS_RD', 'CAS_WR'] as const;

const isOfNode = (command: Command): boolean => command === 'PREab' || command === 'REFab';

/** What a command raises; each list holds numbers in a row, as its comment says. */
export interface Effects {
  /** Place, cycles: a number of the whole channel. */
  readonly all: Int32Array;
  /** First place, cycles: the number of the bank. */
  readonly bank: Int32Array;
  /** First place, cycles: the number of the bank group. */
  readonly group: Int32Array;
  /** First place, cycles: the number of the refreshed node. */
  readonly node: Int32Array;
  /** First place, 1 for nodes, units in the range, units around it that are meant instead (0: the range), cycles. */
  readonly ranges: Int32Array;
}

/** Rows that count from the n-th last command on the same node. */
export interface Window {
  readonly banksPerNode: number;
  readonly nodes: number;
  /** Commands that are remembered for each node. */
  readonly depth: number;
  readonly rows: readonly { readonly window: number; readonly effects: Effects }[];
}

/** The lists of a kind while they are made: each place once, with the most cycles. */
class EffectLists {
  private readonly most = new Map<
    string,
    { readonly list: keyof Effects; readonly key: readonly number[]; cycles: number }
  >();

  add(list: keyof Effects, key: readonly number[], cycles: number): void {
    const name = `${list} ${key.join(' ')}`;
    const known = this.most.get(name);
    if (known === undefined) this.most.set(name, { list, key, cycles });
    else known.cycles = Math.max(known.cycles, cycles);
  }

  lists(): Effects {
    const listOf = (wanted: keyof Effects): Int32Array =>
      Int32Array.from(
        [...this.most.values()].flatMap(({ list, key, cycles }) => (list === wanted ? [...key, cycles] : [])),
      );
    return {
      all: listOf('all'),
      bank: listOf('bank'),
      group: listOf('group'),
      node: listOf('node'),
      ranges: listOf('ranges'),
    };
  }
}

/** Where the numbers are in one array, and what raises them. */
export class CommandTable {
  readonly tree: BankTree;
  readonly banks: number;
  readonly groups: number;
  /** Nodes that are refreshed as one, and banks in each. */
  readonly nodes: number;
  readonly banksPerNode: number;
  /** Per bank: its group and its node. */
  readonly groupOf: Uint16Array;
  readonly nodeOf: Uint16Array;
  /** Length of the array, and where the numbers of groups, banks and nodes begin. */
  readonly size: number;
  readonly firstGroup: number;
  readonly firstBank: number;
  readonly firstNode: number;
  /** By command. */
  readonly effects: readonly Effects[];
  readonly windows: readonly (readonly Window[])[];
  /** Cycles that each command takes on its bus. */
  readonly busCycles: readonly number[];

  private readonly spec: DramSpec;

  constructor(spec: DramSpec) {
    const tree = new BankTree(spec);
    this.spec = spec;
    this.tree = tree;
    this.banks = tree.banks;
    this.groups = tree.nodesOf('bank group');
    this.nodes = tree.nodesOf(spec.refreshLevel);
    this.banksPerNode = tree.banksPer(spec.refreshLevel);
    this.groupOf = Uint16Array.from({ length: this.banks }, (_, bank) => bank / spec.organization.banksPerGroup);
    this.nodeOf = Uint16Array.from({ length: this.banks }, (_, bank) => bank / this.banksPerNode);
    this.firstGroup = COMMANDS.length;
    this.firstBank = this.firstGroup + COMMANDS.length * this.groups;
    this.firstNode = this.firstBank + COMMANDS.length * this.banks;
    this.size = this.firstNode + COMMANDS.length * this.nodes;
    this.busCycles = ISSUED.map((command) => (spec.commandCycles as Readonly<Record<string, number>>)[command] ?? 1);
    this.effects = COMMANDS.map((command) => this.effectsOf(command));
    this.windows = COMMANDS.map((command) => this.windowsOf(command));
  }

  /** Where a command's numbers of groups, banks and nodes begin. */
  groupPlace(command: number): number {
    return this.firstGroup + command * this.groups;
  }

  bankPlace(command: number): number {
    return this.firstBank + command * this.banks;
  }

  nodePlace(command: number): number {
    return this.firstNode + command * this.nodes;
  }

  private effectsOf(from: Command): Effects {
    const lists = new EffectLists();
    for (const row of this.spec.constraints) {
      if (row.window === undefined && row.from.includes(from)) this.addRow(lists, row, from);
    }
    return lists.lists();
  }

  private windowsOf(from: Command): Window[] {
    const rows = this.spec.constraints.filter(({ window, from: all }) => window !== undefined && all.includes(from));
    const levels = [...new Set(rows.map((row) => this.levelOf(row, from)))];
    return levels.map((level) => {
      const mine = rows.filter((row) => this.levelOf(row, from) === level);
      return {
        banksPerNode: this.tree.banksPer(level),
        nodes: this.tree.nodesOf(level),
        depth: Math.max(...mine.map(({ window }) => window!)),
        rows: mine.map((row) => {
          const lists = new EffectLists();
          this.addRow(lists, row, from);
          return { window: row.window!, effects: lists.lists() };
        }),
      };
    });
  }

  /** A command of a whole node is on all nodes below it, which is as good as on the node itself. */
  private levelOf({ level }: Constraint, from: Command) {
    return isOfNode(from) ? this.tree.higher(level, this.spec.refreshLevel) : level;
  }

  private addRow(lists: EffectLists, row: Constraint, from: Command): void {
    const { tree, spec } = this;
    const level = this.levelOf(row, from);
    // What is on all nodes of a level is on no other.
    if (row.other === true && level !== row.level) return;
    for (const to of row.to) {
      // Times are measured from the last cycle of the one to the last cycle of the other.
      const cycles = cyclesOf(row, spec.timing) + this.lengthOf(from) - this.lengthOf(to);
      if (cycles <= 0) continue;
      const command = COMMANDS.indexOf(to);
      if (tree.nodesOf(level) === 1) {
        if (row.other !== true) lists.add('all', [command], cycles);
        continue;
      }
      if (level === 'bank' && !isOfNode(to)) {
        lists.add('bank', [this.bankPlace(command)], cycles);
        continue;
      }
      const unit = isOfNode(to) ? spec.refreshLevel : 'bank group';
      const unitsPer = (of: typeof level): number => Math.max(1, tree.banksPer(of) / tree.banksPer(unit));
      const [span, around] = [unitsPer(level), row.other === true ? unitsPer(tree.above(level)) : 0];
      const first = isOfNode(to) ? this.nodePlace(command) : this.groupPlace(command);
      if (row.other === true && tree.nodesOf(tree.above(level)) === tree.nodesOf(level)) continue;
      // Below the refreshed node, other nodes are within it as the same ones are.
      if (span === 1 && around <= 1) lists.add(isOfNode(to) ? 'node' : 'group', [first], cycles);
      else lists.add('ranges', [first, isOfNode(to) ? 1 : 0, span, around], cycles);
    }
  }

  private lengthOf(command: Command): number {
    return this.spec.commandCycles[command] ?? 1;
  }
}

const tables = new WeakMap<DramSpec, CommandTable>();

/** The table of a memory, made once. */
export function commandTableOf(spec: DramSpec): CommandTable {
  let table = tables.get(spec);
  if (table === undefined) {
    table = new CommandTable(spec);
    tables.set(spec, table);
  }
  return table;
}
