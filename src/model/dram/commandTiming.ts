/**
 * The timing of one channel: for each command the earliest cycles that the commands so far allow, by bank, bank group,
 * refreshed node and in the whole channel, and the open rows.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { COMMANDS } from '../schemas/dramNames.ts';
import { type CommandTable, commandTableOf, type Effects, type Window } from './commandTable.ts';

/** No row is open. */
export const CLOSED = -1;
/** No row of a window has more cycles. */
const LONGEST_WINDOW_CYCLES = 2 ** 17;

/** No command. */
const NONE = -1;

/** A window's last commands on each node, a ring for each. */
class History {
  readonly window: Window;
  readonly cycles: Float64Array;
  readonly next: Int32Array;
  readonly nodeOf: Uint16Array;

  constructor(window: Window) {
    const { nodes, banksPerNode, depth } = window;
    this.window = window;
    this.cycles = new Float64Array(nodes * depth).fill(Number.NEGATIVE_INFINITY);
    this.next = new Int32Array(nodes);
    this.nodeOf = Uint16Array.from({ length: nodes * banksPerNode }, (_, bank) => bank / banksPerNode);
  }
}

export class CommandTiming {
  readonly table: CommandTable;
  /** Earliest cycles, where the table says. */
  readonly ready: Float64Array;
  /** Per bank: the open row, or CLOSED. */
  readonly openRow: Int32Array;
  /** Per refreshed node. */
  readonly openRows: Int32Array;
  /** Per command: cycles to the next of its kind anywhere in the channel. */
  readonly channelCycles: readonly number[];
  /** Per command and bank: cycles to the next of its kind on the same bank, 0 if not known yet. */
  private readonly bankCycles: readonly Int32Array[];
  private readonly histories: readonly (readonly History[])[];
  /**
   * A command that is repeated on a bank, its last cycle, and the first cycle for the next one. What it raises is noted
   * once it is over: the last of them raises everything that the others do, and later.
   */
  private repeated = NONE;
  private repeatedBank = NONE;
  private repeatedCycle = 0;
  private repeatFrom = 0;
  private repeatCycles = 0;

  constructor(spec: DramSpec) {
    this.table = commandTableOf(spec);
    const { size, banks, nodes, windows } = this.table;
    this.ready = new Float64Array(size);
    this.openRow = new Int32Array(banks).fill(CLOSED);
    this.openRows = new Int32Array(nodes);
    this.channelCycles = COMMANDS.map((_, command) => this.cyclesTo([command], command, 0));
    this.bankCycles = COMMANDS.map(() => new Int32Array(banks));
    this.histories = windows.map((ofCommand) => ofCommand.map((window) => new History(window)));
  }

  /** Whether `repeat` knows all that a command does. */
  mayRepeat(command: number): boolean {
    return this.histories[command]!.length === 0;
  }

  /** The first cycle in which a command may go to a bank, perhaps as one that is repeated. */
  fromAgain(command: number, bank: number): number {
    if (this.repeated === command && this.repeatedBank === bank) return this.repeatFrom;
    this.settle();
    return this.from(command, bank);
  }

  /**
   * A command goes to a bank in cycle `c`, perhaps not for the last time. Returns the first cycle for the next one. Until
   * `settle` the earliest cycles do not know of it.
   */
  repeat(command: number, bank: number, c: number): number {
    if (this.repeated !== command || this.repeatedBank !== bank) {
      this.settle();
      this.repeated = command;
      this.repeatedBank = bank;
      this.repeatFrom = this.from(command, bank);
      this.repeatCycles = this.cyclesToNext(command, bank);
    }
    this.repeatedCycle = c;
    const from = c + this.repeatCycles;
    if (from > this.repeatFrom) this.repeatFrom = from;
    return this.repeatFrom;
  }

  /** Notes what a repeated command has raised. */
  settle(): void {
    if (this.repeated !== NONE) this.noteRepeated();
  }

  private noteRepeated(): void {
    this.raise(this.table.effects[this.repeated]!, this.repeatedBank, this.repeatedCycle);
    this.repeated = NONE;
  }

  /** The first cycle in which a command may go to a bank. */
  from(command: number, bank: number): number {
    const from = this.fromOfBank(command, bank);
    const all = this.ready[command]!;
    return from > all ? from : all;
  }

  /** The same by what its bank and its group allow. */
  fromOfBank(command: number, bank: number): number {
    const { ready, table } = this;
    const group = ready[table.groupPlace(command) + table.groupOf[bank]!]!;
    const own = ready[table.bankPlace(command) + bank]!;
    return group > own ? group : own;
  }

  /** The first cycle in which a command may go to a refreshed node. */
  fromNode(command: number, node: number): number {
    return Math.max(this.ready[command]!, this.ready[this.table.nodePlace(command) + node]!);
  }

  /** A command goes to a bank, or to the node that begins with it, in cycle `c`. */
  issue(command: number, bank: number, c: number): void {
    this.raise(this.table.effects[command]!, bank, c);
    const histories = this.histories[command]!;
    for (let place = 0; place < histories.length; place++) this.remember(histories[place]!, bank, c);
  }

  /** The row of a bank is open from now on. */
  open(bank: number, row: number): void {
    if (this.openRow[bank] === CLOSED) this.openRows[this.table.nodeOf[bank]!]!++;
    this.openRow[bank] = row;
  }

  close(bank: number): void {
    if (this.openRow[bank] === CLOSED) return;
    this.openRow[bank] = CLOSED;
    this.openRows[this.table.nodeOf[bank]!]!--;
  }

  /** Whether no row is open. */
  isClosed(): boolean {
    return this.openRows.every((rows) => rows === 0);
  }

  /** Moves all times on by so many cycles. */
  shift(cycles: number): void {
    this.settle();
    for (const times of this.times()) {
      for (let place = 0; place < times.length; place++) times[place]! += cycles;
    }
  }

  /** All that is left of the commands so far, seen from a cycle: what is too long ago to count is all one. */
  seenFrom(cycle: number): number[] {
    this.settle();
    const seen = Array.from(this.ready, (time) => Math.max(0, time - cycle));
    for (const { cycles, next, window } of this.histories.flat()) {
      const { depth } = window;
      for (let place = 0; place < cycles.length; place++) {
        const node = Math.floor(place / depth);
        const time = cycles[node * depth + ((next[node]! + place) % depth)]!;
        seen.push(Math.max(-LONGEST_WINDOW_CYCLES, time - cycle));
      }
    }
    return seen;
  }

  private times(): Float64Array[] {
    return [this.ready, ...this.histories.flat().map(({ cycles }) => cycles)];
  }

  private remember({ window, cycles, next, nodeOf }: History, bank: number, c: number): void {
    const { depth, rows } = window;
    const node = nodeOf[bank]!;
    const first = node * depth;
    const at = next[node]!;
    cycles[first + at] = c;
    for (let place = 0; place < rows.length; place++) {
      const { window: back, effects } = rows[place]!;
      const past = at + 1 - back;
      this.raise(effects, bank, cycles[first + (past < 0 ? past + depth : past)]!);
    }
    next[node] = at + 1 === depth ? 0 : at + 1;
  }

  /** Cycles from a command to the next of its kind on the same bank. */
  cyclesToNext(command: number, bank: number): number {
    const known = this.bankCycles[command]!;
    if (known[bank] === 0) {
      const { table } = this;
      const group = table.groupPlace(command) + table.groupOf[bank]!;
      known[bank] = this.cyclesTo([command, group, table.bankPlace(command) + bank], command, bank);
    }
    return known[bank]!;
  }

  /** The most by which a command to a bank raises any of some places; at least 1. */
  private cyclesTo(places: readonly number[], command: number, bank: number): number {
    const { pairs, first } = this.table.effects[command]!;
    let cycles = 1;
    for (let at = first[bank]!; at < first[bank + 1]!; at += 2) {
      if (places.includes(pairs[at]!)) cycles = Math.max(cycles, pairs[at + 1]!);
    }
    return cycles;
  }

  private raise({ pairs, first }: Effects, bank: number, c: number): void {
    const { ready } = this;
    const end = first[bank + 1]!;
    for (let at = first[bank]!; at < end; at += 2) {
      const place = pairs[at]!;
      const from = c + pairs[at + 1]!;
      if (ready[place]! < from) ready[place] = from;
    }
  }
}
