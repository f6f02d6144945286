/** When which banks of a channel have to be refreshed: the requests that go ahead of all reads and writes that are new. */
import type { DramSpec } from '../schemas/dram.ts';
import { BankTree } from './bankTree.ts';
import type { CommandTable } from './commandTable.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** What a channel asks of the refreshes that are due: they are served in order. */
export abstract class RefreshQueue {
  /** The next cycle in which something falls due. */
  nextDue = NEVER;
  /** Cycles after which all of it falls due again in the same way; infinite without refresh. */
  abstract readonly period: number;
  /** Whether banks are refreshed one by one. */
  readonly isOfBanks: boolean = false;
  protected readonly due: number[] = [];

  get length(): number {
    return this.due.length;
  }

  /** What is due first: a node, or a bank where banks are refreshed one by one. */
  get head(): number {
    return this.due[0]!;
  }

  /** The head has been refreshed. */
  shift(): void {
    this.due.shift();
  }

  /** Whether nothing is due or about to be. */
  isQuiet(): boolean {
    return this.due.length === 0;
  }

  /** Moves on to a cycle that is not beyond `nextDue`. */
  abstract tick(c: number): void;

  /** Moves all times on by so many cycles. */
  abstract skip(cycles: number): void;

  /** What else decides when refreshes will fall due, seen from a cycle. */
  seenFrom(_cycle: number): number[] {
    return [];
  }
}

class NoRefresh extends RefreshQueue {
  readonly period = NEVER;

  tick(): void {}

  skip(): void {}
}

/** Every node, one after the other, each REFI cycles. */
class AllBankRefresh extends RefreshQueue {
  readonly period: number;
  private readonly nodes: number;

  constructor(interval: number, nodes: number) {
    super();
    this.period = interval;
    this.nodes = nodes;
    this.nextDue = interval;
  }

  tick(c: number): void {
    while (this.nextDue <= c) {
      for (let node = 0; node < this.nodes; node++) this.due.push(node);
      this.nextDue += this.period;
    }
  }

  skip(cycles: number): void {
    this.nextDue += cycles;
  }
}

/**
 * One bank of each pseudo channel each REFIpb cycles, the pseudo channels a cycle apart, banks in turn. With stacks, all
 * banks of one are a set: it begins again RFCpb cycles after the last of them was due at the earliest.
 */
class PerBankRefresh extends RefreshQueue {
  readonly period: number;
  override readonly isOfBanks = true;
  private readonly interval: number;
  private readonly pseudoChannels: number;
  /** Banks of a pseudo channel, and of a set. */
  private readonly banks: number;
  private readonly banksOfSet: number;
  /** Cycles that a set must rest. */
  private readonly rest: number;
  private readonly restsUntil: Float64Array;
  private bank = 0;
  /** The next pseudo channel whose bank is about to fall due; `pseudoChannels` if there is none. */
  private pending: number;
  private next: number;

  constructor(spec: DramSpec, interval: number, table: CommandTable) {
    super();
    const { pseudoChannels } = spec.organization;
    this.interval = interval;
    this.pseudoChannels = pseudoChannels;
    this.banks = table.banks / pseudoChannels;
    this.banksOfSet = new BankTree(spec).banksPer('stack');
    this.rest = spec.commandBus === 'row and column' ? spec.timing.RFCpb! : 0;
    this.restsUntil = new Float64Array(pseudoChannels * (this.banks / this.banksOfSet));
    this.period = interval * this.banks;
    this.pending = pseudoChannels;
    this.next = interval;
    this.nextDue = interval;
  }

  override isQuiet(): boolean {
    return this.due.length === 0 && this.pending === this.pseudoChannels;
  }

  tick(c: number): void {
    if (this.nextDue > c) return;
    if (this.pending === this.pseudoChannels) {
      const set = Math.floor(this.bank / this.banksOfSet);
      let from = c;
      for (let channel = 0; channel < this.pseudoChannels; channel++) {
        from = Math.max(from, this.restsUntil[this.setOf(channel, set)]!);
      }
      if (from > c) {
        this.next = from;
        this.nextDue = from;
        return;
      }
      this.pending = 0;
      this.next += this.interval;
    }
    this.fallDue(c);
    this.nextDue = this.pending < this.pseudoChannels ? c + 1 : Math.max(c + 1, this.next);
  }

  skip(cycles: number): void {
    this.next += cycles;
    this.nextDue += cycles;
    for (let set = 0; set < this.restsUntil.length; set++) this.restsUntil[set]! += cycles;
  }

  override seenFrom(cycle: number): number[] {
    return Array.from(this.restsUntil, (time) => Math.max(0, time - cycle));
  }

  private fallDue(c: number): void {
    this.due.push(this.pending * this.banks + this.bank);
    const isLastOfSet = this.bank % this.banksOfSet === this.banksOfSet - 1;
    if (isLastOfSet) this.restsUntil[this.setOf(this.pending, Math.floor(this.bank / this.banksOfSet))] = c + this.rest;
    this.pending++;
    if (this.pending === this.pseudoChannels) this.bank = (this.bank + 1) % this.banks;
  }

  private setOf(channel: number, set: number): number {
    return channel * (this.banks / this.banksOfSet) + set;
  }
}

/** The refreshes of a channel, by what the file says. */
export function refreshQueueOf(spec: DramSpec, table: CommandTable): RefreshQueue {
  const { REFI, REFIpb } = spec.timing;
  if (spec.refresh === 'per-bank' && REFIpb !== undefined && REFIpb > 0) return new PerBankRefresh(spec, REFIpb, table);
  if (spec.refresh === 'all-bank' && REFI !== undefined && REFI > 0) return new AllBankRefresh(REFI, table.nodes);
  return new NoRefresh();
}

/** How long a refresh keeps its banks busy, in memory cycles. */
export function refreshCyclesOf({ refresh, timing }: DramSpec): number {
  return (refresh === 'per-bank' ? timing.RFCpb : timing.RFC) ?? 0;
}
