/**
 * The rows of a DRAM file compiled into flat arrays: for each command, which "earliest cycle" numbers it raises and by
 * how much. A number belongs to a later command and to the whole channel, a bank group, a bank or a refreshed node.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { COMMANDS, type Command } from '../schemas/dramNames.ts';
import type { Constraint } from '../schemas/dramRowSchema.ts';
import { cyclesOf } from '../schemas/dramRows.ts';
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

/** What a command to each bank raises: places in the array, each with its cycles. */
export interface Effects {
  /** Place, cycles, place, cycles, …: those of one bank after the other. */
  readonly pairs: Int32Array;
  /** Per bank where its pairs begin; one more entry says where the last bank's end. */
  readonly first: Int32Array;
}

/** Rows that count from the n-th last command on the same node. */
export interface Window {
  readonly banksPerNode: number;
  readonly nodes: number;
  /** Commands that are remembered for each node. */
  readonly depth: number;
  readonly rows: readonly { readonly window: number; readonly effects: Effects }[];
}

/** The places that a row is about: `units` numbers from `first` on, one per so many banks of those that it holds for. */
interface Raised {
  readonly first: number;
  /** Banks that share a number: all of the channel, a bank group, a refreshed node, or one. */
  readonly banksPerUnit: number;
  /** Banks of the node that the command is on, and of the node around it in which the others are meant; 0: the same. */
  readonly banksPerNode: number;
  readonly banksAround: number;
  readonly cycles: number;
}

/** The pairs of every `step`-th bank, each place once, with the most cycles; `size`: of the array. */
function effectsOfAll(raised: readonly Raised[], banks: number, step: number, size: number): Effects {
  const pairs: number[] = [];
  const first = new Int32Array(banks + 1);
  const most = new Int32Array(size);
  const places: number[] = [];
  for (let bank = 0; bank < banks; bank++) {
    const rows = bank % step === 0 ? raised : [];
    for (const { first: place, banksPerUnit, banksPerNode, banksAround, cycles } of rows) {
      const own = bank - (bank % banksPerNode);
      const begin = banksAround === 0 ? own : bank - (bank % banksAround);
      const end = begin + (banksAround === 0 ? banksPerNode : banksAround);
      for (let other = begin; other < end; other += banksPerUnit) {
        if (banksAround !== 0 && other >= own && other < own + banksPerNode) continue;
        const at = place + Math.floor(other / banksPerUnit);
        if (most[at] === 0) places.push(at);
        if (cycles > most[at]!) most[at] = cycles;
      }
    }
    for (const at of places) {
      pairs.push(at, most[at]!);
      most[at] = 0;
    }
    places.length = 0;
    first[bank + 1] = pairs.length;
  }
  return { pairs: Int32Array.from(pairs), first };
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
    const rows = this.spec.constraints.filter((row) => row.window === undefined && row.from.includes(from));
    return this.effectsOfRows(rows, from);
  }

  /** What a command raises by some rows: of those that go to nodes, the first bank of each stands for it. */
  private effectsOfRows(rows: readonly Constraint[], from: Command): Effects {
    const raised = rows.flatMap((row) => this.raisedBy(row, from));
    return effectsOfAll(raised, this.banks, isOfNode(from) ? this.banksPerNode : 1, this.size);
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
        rows: mine.map((row) => ({
          window: row.window!,
          effects: this.effectsOfRows([row], from),
        })),
      };
    });
  }

  /** A command of a whole node is on all nodes below it, which is as good as on the node itself. */
  private levelOf({ level }: Constraint, from: Command) {
    return isOfNode(from) ? this.tree.higher(level, this.spec.refreshLevel) : level;
  }

  private raisedBy(row: Constraint, from: Command): Raised[] {
    const { tree, spec } = this;
    const level = this.levelOf(row, from);
    const isOther = row.other === true;
    // What is on all nodes of a level is on no other.
    if (isOther && (level !== row.level || tree.nodesOf(tree.above(level)) === tree.nodesOf(level))) return [];
    return row.to.flatMap((to): Raised[] => {
      // Times are measured from the last cycle of the one to the last cycle of the other.
      const cycles = cyclesOf(row, spec.timing) + this.lengthOf(from) - this.lengthOf(to);
      if (cycles <= 0) return [];
      const command = COMMANDS.indexOf(to);
      const banksPerNode = tree.banksPer(level);
      const banksAround = isOther ? tree.banksPer(tree.above(level)) : 0;
      const raised = (first: number, banksPerUnit: number): Raised[] => [
        // Below a number's own unit, other nodes are within it as the same ones are.
        {
          first,
          banksPerUnit,
          cycles,
          banksPerNode: Math.max(banksPerNode, banksPerUnit),
          banksAround: banksAround > banksPerUnit ? banksAround : 0,
        },
      ];
      if (tree.nodesOf(level) === 1) return raised(command, this.banks);
      if (isOfNode(to)) return raised(this.nodePlace(command), this.banksPerNode);
      if (level === 'bank' && !isOther) return raised(this.bankPlace(command), 1);
      return raised(this.groupPlace(command), tree.banksPer('bank group'));
    });
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
