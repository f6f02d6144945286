/**
 * The timing of one channel: for each command the earliest cycles that the commands so far allow, by bank, bank group,
 * refreshed node and in the whole channel, and the open rows.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { type CommandTable, commandTableOf, type Effects, type Window } from './commandTable.ts';

/** No row of a window has more cycles. */
const LONGEST_WINDOW_CYCLES = 2 ** 17;

/** No row is open. */
export const CLOSED = -1;

/** A window's last commands on each node, a ring for each. */
class History {
  readonly window: Window;
  readonly cycles: Float64Array;
  readonly next: Int32Array;

  constructor(window: Window) {
    this.window = window;
    this.cycles = new Float64Array(window.nodes * window.depth).fill(Number.NEGATIVE_INFINITY);
    this.next = new Int32Array(window.nodes);
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
  private readonly histories: readonly (readonly History[])[];

  constructor(spec: DramSpec) {
    this.table = commandTableOf(spec);
    const { size, banks, nodes, windows } = this.table;
    this.ready = new Float64Array(size);
    this.openRow = new Int32Array(banks).fill(CLOSED);
    this.openRows = new Int32Array(nodes);
    this.histories = windows.map((ofCommand) => ofCommand.map((window) => new History(window)));
  }

  /** The first cycle in which a command may go to a bank. */
  from(command: number, bank: number): number {
    const { ready, table } = this;
    const all = ready[command]!;
    const group = ready[table.groupPlace(command) + table.groupOf[bank]!]!;
    const own = ready[table.bankPlace(command) + bank]!;
    return Math.max(all, group, own);
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
    for (const times of this.times()) {
      for (let place = 0; place < times.length; place++) times[place]! += cycles;
    }
  }

  /** All that is left of the commands so far, seen from a cycle: what is too long ago to count is all one. */
  seenFrom(cycle: number): number[] {
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

  private remember({ window, cycles, next }: History, bank: number, c: number): void {
    const { banksPerNode, depth, rows } = window;
    const node = Math.floor(bank / banksPerNode);
    const first = node * depth;
    const at = next[node]!;
    cycles[first + at] = c;
    for (let place = 0; place < rows.length; place++) {
      const { window: back, effects } = rows[place]!;
      const past = cycles[first + ((at + 1 - back + depth) % depth)]!;
      this.raise(effects, bank, past);
    }
    next[node] = at + 1 === depth ? 0 : at + 1;
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
