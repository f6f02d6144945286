/**
 * One DRAM channel with its controller: FR-FCFS with open pages, write draining, all-bank refresh. Time is the
 * memory clock. A look at a cycle issues what that cycle allows and notes the next one worth a look.
 *
 * Choices where no reference decides: a read of an access in the write queue is answered, and a write to one merged,
 * before the queue's fullness is looked at; write mode keeps its value while a refresh is due.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { BankTiming, CLOSED } from './bankTiming.ts';
import { NONE, RequestQueue, RequestTable } from './requests.ts';

/** Told when the data of a request is scheduled. A read that a waiting write answers has its data a cycle later. */
export interface ChannelClient {
  dataScheduled(tag: number, isWrite: boolean, endCycle: number): void;
}

/** Cycles until a waiting write has answered a read. */
const FORWARD_CYCLES = 1;
const NEVER = Number.POSITIVE_INFINITY;

/** The number of the lowest bit set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

export class DramChannel {
  activates = 0;
  refreshes = 0;
  /** Column commands that are not the first since their row was opened, and those that are. */
  rowHits = 0;
  rowMisses = 0;
  reads = 0;
  /** Sum over reads of the cycles from acceptance to the end of data. */
  readLatencyCycles = 0;
  /** End of the last data on the bus. */
  lastDataEnd = 0;

  private readonly client: ChannelClient;
  private readonly timing: BankTiming;
  private readonly hasRowBus: boolean;
  private readonly refreshInterval: number;
  private readonly table: RequestTable;
  private readonly waitingReads: RequestQueue;
  private readonly waitingWrites: RequestQueue;
  /** Per bank: the request whose ACT has issued and whose column command has not, if any. */
  private readonly active: Int32Array;
  private activeBanks = 0;
  private readonly isRowFresh: Uint8Array;
  private readonly drainAbove: number;
  private readonly drainBelow: number;
  private isWriteMode = false;
  private refreshesDue = 0;
  private nextRefresh: number;
  /** The next cycle worth a look, if nothing arrives before. */
  private wake: number;

  constructor(spec: DramSpec, client: ChannelClient) {
    const { organization: org, queues, timing } = spec;
    const banks = org.bankGroups * org.banksPerGroup;
    this.client = client;
    this.timing = new BankTiming(spec);
    this.hasRowBus = spec.commandBus === 'row and column';
    this.refreshInterval = timing.REFI === 0 ? NEVER : timing.REFI;
    this.table = new RequestTable(queues.read + queues.write + banks);
    this.waitingReads = new RequestQueue(queues.read, this.table, this.timing.openRow);
    this.waitingWrites = new RequestQueue(queues.write, this.table, this.timing.openRow);
    this.active = new Int32Array(banks).fill(NONE);
    this.isRowFresh = new Uint8Array(banks);
    this.drainAbove = queues.drainAbove * queues.write;
    this.drainBelow = queues.drainBelow * queues.write;
    this.nextRefresh = this.refreshInterval;
    this.wake = this.nextRefresh;
  }

  /** Whether no request is queued or active. */
  isIdle(): boolean {
    return this.waitingReads.length === 0 && this.waitingWrites.length === 0 && this.activeBanks === 0;
  }

  /** The next cycle at which something may happen, if no request arrives before. */
  nextLook(): number {
    return this.wake;
  }

  /** Whether a request would be accepted: its queue has room, or a waiting write answers or absorbs it. */
  mayAccept(isWrite: boolean, access: number, bank: number): boolean {
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    return !queue.isFull() || this.hasWaitingWrite(access, bank);
  }

  /** Offers a request in `cycle`; its first command may issue a cycle later. False if its queue is full. */
  offer(isWrite: boolean, access: number, bank: number, row: number, tag: number, cycle: number): boolean {
    if (this.hasWaitingWrite(access, bank)) {
      if (!isWrite) {
        this.reads++;
        this.readLatencyCycles += FORWARD_CYCLES;
      }
      this.client.dataScheduled(tag, isWrite, cycle + FORWARD_CYCLES);
      return true;
    }
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    if (queue.isFull()) return false;
    const { table } = this;
    const place = table.accept();
    // The mode turns with arrivals and departures: looks at refreshes before the first arrival have not turned it.
    if (table.sequence[place] === 0) this.isWriteMode = false;
    table.access[place] = access;
    table.bank[place] = bank;
    table.row[place] = row;
    table.tag[place] = tag;
    table.arrival[place] = cycle;
    table.isWrite[place] = isWrite ? 1 : 0;
    queue.add(place);
    if (cycle + 1 < this.wake) this.wake = cycle + 1;
    return true;
  }

  /** Does what cycle `c` allows; `nextLook` tells when something may happen again. */
  look(c: number): void {
    while (this.nextRefresh <= c) {
      this.refreshesDue++;
      this.nextRefresh += this.refreshInterval;
    }
    this.wake = this.nextRefresh;
    if (this.hasRowBus ? this.lookAtBothBuses(c) : this.lookAtOneBus(c)) this.wake = c + 1;
  }

  /** HBM: a column command and a row command in one cycle. */
  private lookAtBothBuses(c: number): boolean {
    let hasIssued = this.issueActive(c);
    if (this.refreshesDue > 0) return this.issueRefresh(c) || hasIssued;
    if (!hasIssued) hasIssued = this.issueHit(this.chosenQueue(), c);
    return this.issueRowCommand(this.chosenQueue(), c) || hasIssued;
  }

  /** DDR: one command in a cycle. */
  private lookAtOneBus(c: number): boolean {
    if (this.issueActive(c)) return true;
    if (this.refreshesDue > 0) return this.issueRefresh(c);
    return this.issueAny(this.chosenQueue(), c);
  }

  /** Looks at every cycle before `until` that is worth it; until then nothing arrives. */
  rest(until: number): void {
    while (this.wake < until) this.look(this.wake);
  }

  private hasWaitingWrite(access: number, bank: number): boolean {
    return this.waitingWrites.length > 0 && this.waitingWrites.holds(access, bank);
  }

  /** The queue that the write mode, with its hysteresis, points to. */
  private chosenQueue(): RequestQueue {
    const writes = this.waitingWrites.length;
    const reads = this.waitingReads.length;
    if (this.isWriteMode) this.isWriteMode = !(writes < this.drainBelow && reads > 0);
    else this.isWriteMode = writes > this.drainAbove || reads === 0;
    return this.isWriteMode ? this.waitingWrites : this.waitingReads;
  }

  /** The oldest active request whose column command is ready. */
  private issueActive(c: number): boolean {
    const ready = this.oldestColumn(this.active, this.activeBanks, c, NONE);
    if (ready === NONE) return false;
    const bank = this.table.bank[ready]!;
    this.active[bank] = NONE;
    this.activeBanks &= ~(1 << bank);
    this.issueColumn(ready, c);
    return true;
  }

  /** The oldest queued request that hits an open row and is ready. */
  private issueHit(queue: RequestQueue, c: number): boolean {
    const { rankRead, rankWrite } = this.timing;
    const rankFrom = queue === this.waitingWrites ? rankWrite : rankRead;
    if (rankFrom > c) {
      // No hit can be ready before.
      if (queue.hitBanks !== 0 && rankFrom < this.wake) this.wake = rankFrom;
      return false;
    }
    const ready = this.oldestColumn(queue.oldestHit, queue.hitBanks, c, NONE);
    if (ready === NONE) return false;
    queue.remove(ready);
    this.issueColumn(ready, c);
    return true;
  }

  /** The oldest queued request whose ACT or PRE is ready. */
  private issueRowCommand(queue: RequestQueue, c: number): boolean {
    const ready = this.oldestRowCommand(queue, c);
    if (ready === NONE) return false;
    this.openOrClose(queue, ready, c);
    return true;
  }

  /** The oldest queued request whose next command, whatever it is, is ready. */
  private issueAny(queue: RequestQueue, c: number): boolean {
    const readyRow = this.oldestRowCommand(queue, c);
    const ready = this.oldestColumn(queue.oldestHit, queue.hitBanks, c, readyRow);
    if (ready === NONE) return false;
    if (ready === readyRow) {
      this.openOrClose(queue, ready, c);
    } else {
      queue.remove(ready);
      this.issueColumn(ready, c);
    }
    return true;
  }

  /** Of one candidate per bank and `other`, the oldest whose column command is ready; notes when the rest will be. */
  private oldestColumn(candidates: Int32Array, banks: number, c: number, other: number): number {
    const { arrival, sequence, isWrite } = this.table;
    const { bankRead, bankWrite, groupRead, groupWrite, group, rankRead, rankWrite } = this.timing;
    let oldest = other;
    let wake = this.wake;
    for (let left = banks; left !== 0; left &= left - 1) {
      const bank = lowestBit(left);
      const place = candidates[bank]!;
      const writes = isWrite[place] === 1;
      let from = writes ? rankWrite : rankRead;
      const fromGroup = (writes ? groupWrite : groupRead)[group[bank]!]!;
      const fromBank = (writes ? bankWrite : bankRead)[bank]!;
      if (fromGroup > from) from = fromGroup;
      if (fromBank > from) from = fromBank;
      if (from > c) {
        if (from < wake) wake = from;
      } else if (
        oldest === NONE ||
        arrival[place]! < arrival[oldest]! ||
        (arrival[place] === arrival[oldest] && sequence[place]! < sequence[oldest]!)
      ) {
        oldest = place;
      }
    }
    this.wake = wake;
    return oldest;
  }

  /** Of the banks' oldest misses, the oldest whose ACT, or PRE if that is allowed, is ready. */
  private oldestRowCommand(queue: RequestQueue, c: number): number {
    const { active } = this;
    const { sequence, arrival } = this.table;
    const { openRow, bankActivate, bankPrecharge, groupActivate, group, rankActivate, rowBus } = this.timing;
    const { oldestMiss, oldestHit } = queue;
    let oldest = NONE;
    let wake = this.wake;
    const rankFrom = rankActivate > rowBus ? rankActivate : rowBus;
    for (let left = queue.missBanks; left !== 0; left &= left - 1) {
      const bank = lowestBit(left);
      const place = oldestMiss[bank]!;
      let from: number;
      if (openRow[bank] === CLOSED) {
        from = rankFrom;
        const fromGroup = groupActivate[group[bank]!]!;
        const fromBank = bankActivate[bank]!;
        if (fromGroup > from) from = fromGroup;
        if (fromBank > from) from = fromBank;
      } else {
        if (active[bank] !== NONE) continue;
        const hit = oldestHit[bank]!;
        if (hit !== NONE && arrival[hit]! <= arrival[place]!) continue;
        from = bankPrecharge[bank]!;
        if (rowBus > from) from = rowBus;
      }
      if (from > c) {
        if (from < wake) wake = from;
      } else if (oldest === NONE || sequence[place]! < sequence[oldest]!) oldest = place;
    }
    this.wake = wake;
    return oldest;
  }

  /** ACT of the request's bank if it is closed, else PRE. */
  private openOrClose(queue: RequestQueue, place: number, c: number): void {
    const { table, timing } = this;
    const bank = table.bank[place]!;
    if (timing.openRow[bank] === CLOSED) {
      queue.remove(place);
      // Active requests accepted in one cycle are served in the order of their ACTs.
      table.sequence[place] = this.activates++;
      timing.activate(bank, table.row[place]!, c);
      this.isRowFresh[bank] = 1;
      this.active[bank] = place;
      this.activeBanks |= 1 << bank;
    } else {
      timing.precharge(bank, c);
    }
    this.waitingReads.rowChanged(bank);
    this.waitingWrites.rowChanged(bank);
  }

  /** While a refresh is due: PREA once no request is active, then REF. */
  private issueRefresh(c: number): boolean {
    const { timing } = this;
    const hasOpenRows = timing.openRows > 0;
    if (hasOpenRows && this.activeBanks !== 0) return false;
    const from = hasOpenRows ? timing.prechargeAllFrom() : timing.refreshFrom();
    if (from > c) {
      if (from < this.wake) this.wake = from;
      return false;
    }
    if (hasOpenRows) {
      timing.prechargeAll(c);
      for (let bank = 0; bank < this.active.length; bank++) {
        this.waitingReads.rowChanged(bank);
        this.waitingWrites.rowChanged(bank);
      }
    } else {
      timing.refresh(c);
      this.refreshesDue--;
      this.refreshes++;
    }
    return true;
  }

  /** RD or WR of a request that has left its queue: it is done but for its data. */
  private issueColumn(place: number, c: number): void {
    const { table } = this;
    const bank = table.bank[place]!;
    const isWrite = table.isWrite[place] === 1;
    if (this.isRowFresh[bank] === 1) this.rowMisses++;
    else this.rowHits++;
    this.isRowFresh[bank] = 0;
    const end = isWrite ? this.timing.write(bank, c) : this.timing.read(bank, c);
    if (!isWrite) {
      this.reads++;
      this.readLatencyCycles += end - table.arrival[place]!;
    }
    if (end > this.lastDataEnd) this.lastDataEnd = end;
    table.release(place);
    this.client.dataScheduled(table.tag[place]!, isWrite, end);
  }
}
