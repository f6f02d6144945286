/**
 * One DRAM channel with its controller: FR-FCFS with open pages, write draining, refresh (CONTROLLER.md). Time is the
 * memory's tick. A look at a cycle issues what that cycle allows and notes the next one worth a look; how many commands
 * a cycle may issue, and which, is the command bus's: see the classes that extend this one.
 */
import type { DramSpec } from '../schemas/dram.ts';
import type { ChannelListener } from './channelListener.ts';
import { ACT, ISSUED, PRE, PREA, RD, REF, REFPB, WR } from './commandTable.ts';
import { CLOSED, CommandTiming } from './commandTiming.ts';
import { type RefreshQueue, refreshQueueOf } from './refreshQueue.ts';
import { NONE, RequestQueue, RequestTable } from './requests.ts';

/** Told when the data of a request, offered by a port with a tag of its own, is scheduled. A read that a waiting write answers has its data a cycle later. */
export interface ChannelClient {
  dataScheduled(channel: number, port: number, tag: number, isWrite: boolean, endCycle: number): void;
}

/** A channel among those of its memory. */
export interface ChannelPlace {
  readonly channel: number;
  /** Where each channel keeps the next cycle worth a look. */
  readonly wakes: Float64Array;
  readonly listener?: ChannelListener | undefined;
}

/** Cycles until a waiting write has answered a read. */
const FORWARD_CYCLES = 1;
const NEVER = Number.POSITIVE_INFINITY;

export abstract class DramChannel {
  /** Commands issued, by number. */
  readonly issued = new Float64Array(ISSUED.length);
  /** Column commands that are not the first since their row was opened, and those that are. */
  rowHits = 0;
  rowMisses = 0;
  reads = 0;
  /** Sum over reads of the cycles from acceptance to the end of data. */
  readLatencyCycles = 0;
  /** End of the last data on the bus. */
  lastDataEnd = 0;

  protected readonly timing: CommandTiming;
  protected readonly refresh: RefreshQueue;
  protected readonly table: RequestTable;
  protected readonly waitingReads: RequestQueue;
  protected readonly waitingWrites: RequestQueue;
  /** Requests whose row is open for them and whose column command has not issued, in the order of their ACTs. */
  protected readonly active: Int32Array;
  protected activeCount = 0;
  /** Per bank whether its row is held open, as by an active request; per refreshed node how many are. */
  private readonly isHeld: Uint8Array;
  private readonly heldIn: Int32Array;
  private readonly client: ChannelClient;
  private readonly number: number;
  private readonly wakes: Float64Array;
  private readonly listener: ChannelListener | undefined;
  private readonly isRowFresh: Uint8Array;
  private readonly drainAbove: number;
  private readonly drainBelow: number;
  private readonly readCycles: number;
  private readonly writeCycles: number;
  private readonly ticksPerPeriod: number;
  private readonly hasRowBus: boolean;
  private isWriteMode = false;
  /** When the queues last changed since the write mode was decided; the mode is decided in each cycle after a change. */
  private changedIn = 0;
  private isModeStale = true;
  /** The queue whose requests the wake is about. */
  private wakeQueue: RequestQueue;

  constructor(spec: DramSpec, client: ChannelClient, { channel, wakes, listener }: ChannelPlace) {
    const { queues, timing } = spec;
    this.client = client;
    this.number = channel;
    this.wakes = wakes;
    this.listener = listener;
    this.timing = new CommandTiming(spec);
    const { banks, nodes } = this.timing.table;
    this.refresh = refreshQueueOf(spec, this.timing.table);
    this.table = new RequestTable(queues.read + queues.write + banks);
    this.waitingReads = new RequestQueue(queues.read, this.table, this.timing.openRow, false);
    this.waitingWrites = new RequestQueue(queues.write, this.table, this.timing.openRow, true);
    this.wakeQueue = this.waitingReads;
    this.active = new Int32Array(banks);
    this.isHeld = new Uint8Array(banks);
    this.heldIn = new Int32Array(nodes);
    this.isRowFresh = new Uint8Array(banks);
    this.drainAbove = queues.drainAbove * queues.write;
    this.drainBelow = queues.drainBelow * queues.write;
    this.readCycles = timing.CL + timing.burst;
    this.writeCycles = timing.CWL + timing.burst;
    this.hasRowBus = spec.commandBus === 'row and column';
    this.ticksPerPeriod =
      this.refresh.period * (this.refresh.period % spec.ticksPerClock === 0 ? 1 : spec.ticksPerClock);
    this.wake = this.refresh.nextDue;
  }

  /** The next cycle worth a look, if nothing arrives before. */
  get wake(): number {
    return this.wakes[this.number]!;
  }

  private set wake(cycle: number) {
    this.wakes[this.number] = cycle;
  }

  get activates(): number {
    return this.issued[ACT]!;
  }

  get refreshes(): number {
    return this.issued[REF]! + this.issued[REFPB]!;
  }

  /** Whether no request is queued or active. */
  isIdle(): boolean {
    return this.waitingReads.length === 0 && this.waitingWrites.length === 0 && this.activeCount === 0;
  }

  /** Whether a request would be accepted: its queue has room, or a waiting write answers or absorbs it. */
  mayAccept(isWrite: boolean, access: number, bank: number): boolean {
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    return queue.length < queue.capacity || this.hasWaitingWrite(access, bank);
  }

  /** Offers a request in `cycle`; its first command may issue a cycle later. False if its queue is full. */
  offer(
    isWrite: boolean,
    access: number,
    bank: number,
    row: number,
    port: number,
    tag: number,
    cycle: number,
  ): boolean {
    if (this.hasWaitingWrite(access, bank)) {
      this.forward(isWrite, port, tag, cycle);
      return true;
    }
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    if (queue.length === queue.capacity) return false;
    this.settleMode(cycle);
    const { table } = this;
    const place = table.accept();
    table.access[place] = access;
    table.bank[place] = bank;
    table.row[place] = row;
    table.port[place] = port;
    table.tag[place] = tag;
    table.arrival[place] = cycle;
    table.isWrite[place] = isWrite ? 1 : 0;
    const isNext = queue.add(place);
    this.isModeStale = true;
    this.changedIn = cycle;
    if (this.refresh.length === 0) this.wakeFor(queue, place, isNext, cycle);
    return true;
  }

  /**
   * Does what cycle `c` allows; `wake` tells when something may happen again. Returns whether a place in a queue has
   * become free.
   */
  look(c: number): boolean {
    const stream = this.streamingQueue(c);
    if (stream !== undefined && this.streamOn(stream, c)) return true;
    const queued = this.waitingReads.length + this.waitingWrites.length;
    this.settleMode(c - 1);
    if (this.refresh.nextDue <= c) this.refresh.tick(c);
    this.wake = NEVER;
    const bound = this.issueIn(c);
    // A mode that could not be decided in this cycle, or that has to be anew, is decided in the next.
    this.changedIn = c;
    if (bound < this.wake) this.wake = bound;
    if (this.refresh.nextDue < this.wake) this.wake = this.refresh.nextDue;
    this.wakeQueue = this.queueOf(this.nextMode());
    return this.waitingReads.length + this.waitingWrites.length < queued;
  }

  /**
   * The queue of a stream: all that is queued or active is of one kind and hits the open row of one bank, and no refresh
   * is due. Such a queue is the chosen one, whatever the mode was before.
   */
  private streamingQueue(c: number): RequestQueue | undefined {
    if (this.activeCount > 0 || this.refresh.nextDue <= c || this.refresh.length > 0) return undefined;
    const isWrite = this.waitingReads.length === 0;
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    if (queue.hits.length !== 1 || queue.misses.length > 0) return undefined;
    return isWrite || (this.waitingWrites.length === 0 && this.drainBelow > 0) ? queue : undefined;
  }

  /**
   * Issues the column command of a stream's oldest request and notes when the next can follow: all that `look` does for
   * it. False, and nothing done, if it cannot issue in `c`.
   */
  private streamOn(queue: RequestQueue, c: number): boolean {
    const isWrite = queue === this.waitingWrites;
    const command = isWrite ? WR : RD;
    const bank = queue.hits.members[0]!;
    if (this.timing.from(command, bank) > c || !this.isColumnFree(c)) return false;
    const place = queue.oldestHit[bank]!;
    queue.remove(place);
    this.issueColumn(place, c);
    const free = this.columnIssued(command, c);
    const isOver = queue.length === 0;
    // A row bus decides the mode anew, after the column command.
    this.isWriteMode = isWrite || (isOver && this.hasRowBus);
    this.isModeStale = !this.hasRowBus;
    this.changedIn = c;
    this.wakeQueue = isOver ? this.waitingWrites : queue;
    const next = isOver ? NEVER : this.columnTick(Math.max(free, this.timing.from(command, bank)));
    this.wake = Math.min(next, this.refresh.nextDue);
    return true;
  }

  /** Whether a column command of a stream may issue in `c`, as far as the bus and what is under way on it go. */
  protected abstract isColumnFree(c: number): boolean;

  /** A column command of a stream has issued; returns from when on its bus is free again. */
  protected abstract columnIssued(command: number, c: number): number;

  /** The first tick from `c` on in which column commands may issue. */
  protected columnTick(c: number): number {
    return c;
  }

  /**
   * Looks at every cycle before `until` that is worth it; until then nothing arrives. Refreshes that repeat while
   * nothing waits are counted, not played.
   */
  rest(until: number): void {
    while (this.wake < until) {
      if (this.isAtRest() && until - this.wake > 3 * this.ticksPerPeriod) this.restPeriods(until);
      if (this.wake < until) this.look(this.wake);
    }
  }

  /** Whether nothing but the next refresh is to come, which nobody wants to hear of. */
  private isAtRest(): boolean {
    const { refresh, timing } = this;
    const isQuiet = this.isIdle() && timing.isClosed() && refresh.isQuiet() && this.wake === refresh.nextDue;
    return isQuiet && this.listener === undefined;
  }

  /**
   * Issues the commands of a cycle. Returns the earliest cycle in which what has changed may allow another, infinite if
   * nothing has; notes with `noteWake` when what did not issue will be ready.
   */
  protected abstract issueIn(c: number): number;

  protected noteWake(cycle: number): void {
    if (cycle < this.wake) this.wake = cycle;
  }

  /** The queue that the write mode, with its hysteresis, points to. */
  protected chosenQueue(): RequestQueue {
    this.isWriteMode = this.nextMode();
    this.isModeStale = false;
    return this.queueOf(this.isWriteMode);
  }

  /** The earliest cycle in which the queue's and the active requests may go on, by what holds for all banks. */
  protected earliest(c: number, columnFrom: number, rowFrom: number): number {
    if (this.refresh.length > 0) return c + 1;
    const { ready } = this.timing;
    const queue = this.queueOf(this.nextMode());
    let bound = NEVER;
    if (queue.hits.length > 0) bound = Math.max(columnFrom, ready[queue === this.waitingWrites ? WR : RD]!);
    if (queue.misses.length > 0) bound = Math.min(bound, Math.max(rowFrom, Math.min(ready[ACT]!, ready[PRE]!)));
    if (this.activeCount > 0) bound = Math.min(bound, Math.max(columnFrom, Math.min(ready[RD]!, ready[WR]!)));
    return Math.max(bound, c + 1);
  }

  /** The oldest active request whose column command is ready; of equals the one whose row was opened first. */
  protected oldestActive(c: number): number {
    const { active, table } = this;
    let oldest = NONE;
    for (let at = 0; at < this.activeCount; at++) {
      const place = active[at]!;
      const from = this.timing.from(table.isWrite[place] === 1 ? WR : RD, table.bank[place]!);
      if (from > c) this.noteWake(from);
      else if (oldest === NONE || table.arrival[place]! < table.arrival[oldest]!) oldest = place;
    }
    return oldest;
  }

  /** The oldest queued request that hits an open row and whose column command is ready. */
  protected oldestHit(queue: RequestQueue, c: number): number {
    const { hits, oldestHit } = queue;
    if (hits.length === 0) return NONE;
    const { ready, table: places } = this.timing;
    const { sequence } = this.table;
    const command = queue === this.waitingWrites ? WR : RD;
    const all = ready[command]!;
    if (all > c) {
      this.noteWake(all);
      return NONE;
    }
    const { groupOf } = places;
    const groupPlace = places.groupPlace(command);
    const bankPlace = places.bankPlace(command);
    let wake = NEVER;
    let oldest = NONE;
    for (let at = 0; at < hits.length; at++) {
      const bank = hits.members[at]!;
      let from = ready[bankPlace + bank]!;
      const ofGroup = ready[groupPlace + groupOf[bank]!]!;
      if (ofGroup > from) from = ofGroup;
      if (from > c) {
        if (from < wake) wake = from;
      } else {
        const place = oldestHit[bank]!;
        if (oldest === NONE || sequence[place]! < sequence[oldest]!) oldest = place;
      }
    }
    if (wake < this.wake) this.wake = wake;
    return oldest;
  }

  /** Of the banks' oldest misses the oldest whose ACT (if that may issue), or PRE if that is allowed, is ready. */
  protected oldestMiss(queue: RequestQueue, c: number, mayActivate: boolean): number {
    const { misses, oldestMiss, oldestHit } = queue;
    if (misses.length === 0) return NONE;
    const { openRow, ready, table: places } = this.timing;
    const { arrival, sequence } = this.table;
    const { groupOf } = places;
    let wake = NEVER;
    let oldest = NONE;
    for (let at = 0; at < misses.length; at++) {
      const bank = misses.members[at]!;
      const place = oldestMiss[bank]!;
      const isClosed = openRow[bank] === CLOSED;
      if (!isClosed) {
        if (this.isHeld[bank] === 1) continue;
        const hit = oldestHit[bank]!;
        if (hit !== NONE && arrival[hit]! <= arrival[place]!) continue;
      }
      const command = isClosed ? ACT : PRE;
      let from = ready[command]!;
      const ofGroup = ready[places.groupPlace(command) + groupOf[bank]!]!;
      const ofBank = ready[places.bankPlace(command) + bank]!;
      if (ofGroup > from) from = ofGroup;
      if (ofBank > from) from = ofBank;
      if (from <= c && (isClosed ? !mayActivate : this.isBarred(bank, c))) from = c + 1;
      if (from > c) {
        if (from < wake) wake = from;
      } else if (oldest === NONE || sequence[place]! < sequence[oldest]!) oldest = place;
    }
    if (wake < this.wake) this.wake = wake;
    return oldest;
  }

  /** Whether a PRE of this bank must not issue in `c` although its time has come. */
  protected isBarred(_bank: number, _c: number): boolean {
    return false;
  }

  /** Whether a PREA of the node that begins with this bank must not issue in `c` although its time has come. */
  protected isNodeBarred(_firstBank: number, _c: number): boolean {
    return false;
  }

  /**
   * The next command of the refresh that is due first: PREA or PRE once no request is active there, then REF or REFpb.
   * Returns the command if it has issued, NONE otherwise. `mayRefresh`: whether other than precharges may issue in `c`.
   */
  protected issueRefresh(c: number, mayRefresh: boolean): number {
    const { head, isOfBanks } = this.refresh;
    return isOfBanks ? this.refreshBank(head, c, mayRefresh) : this.refreshNode(head, c, mayRefresh);
  }

  /** A column command of an active or a queued request, which has left its list. Returns the command. */
  protected issueColumn(place: number, c: number): number {
    const { table, timing } = this;
    const bank = table.bank[place]!;
    const isWrite = table.isWrite[place] === 1;
    const command = isWrite ? WR : RD;
    const isMiss = this.isRowFresh[bank] === 1;
    this.issued[command]!++;
    this.isRowFresh[bank] = 0;
    timing.issue(command, bank, c);
    const end = c + (isWrite ? this.writeCycles : this.readCycles);
    if (isMiss) this.rowMisses++;
    else this.rowHits++;
    if (!isWrite) {
      this.reads++;
      this.readLatencyCycles += end - table.arrival[place]!;
    }
    if (end > this.lastDataEnd) this.lastDataEnd = end;
    table.release(place);
    const port = table.port[place]!;
    const tag = table.tag[place]!;
    if (this.listener !== undefined) this.listener.served(port, tag, isWrite, end, isMiss ? 'row miss' : 'row hit');
    this.client.dataScheduled(this.number, port, tag, isWrite, end);
    return command;
  }

  /** Takes a request from the active list for its column command. */
  protected leaveActive(place: number): void {
    const { active } = this;
    let at = 0;
    while (active[at] !== place) at++;
    this.activeCount--;
    for (; at < this.activeCount; at++) active[at] = active[at + 1]!;
    this.release(this.table.bank[place]!);
  }

  /** Until it is released the row of a bank stays open. */
  protected hold(bank: number): void {
    this.isHeld[bank] = 1;
    this.heldIn[this.timing.table.nodeOf[bank]!]!++;
  }

  protected release(bank: number): void {
    this.isHeld[bank] = 0;
    this.heldIn[this.timing.table.nodeOf[bank]!]!--;
  }

  /** Takes a request from its queue for its column command. */
  protected leaveQueue(queue: RequestQueue, place: number, c: number): void {
    queue.remove(place);
    this.isModeStale = true;
    this.changedIn = c;
  }

  /** ACT of the request's bank if it is closed, else PRE. Returns the command. */
  protected openOrClose(queue: RequestQueue, place: number, c: number): number {
    const { table, timing } = this;
    const bank = table.bank[place]!;
    const command = timing.openRow[bank] === CLOSED ? ACT : PRE;
    this.issued[command]!++;
    timing.issue(command, bank, c);
    if (command === ACT) {
      this.leaveQueue(queue, place, c);
      this.activate(place, c);
    } else {
      timing.close(bank);
    }
    this.rowChanged(bank);
    return command;
  }

  /** The request's row is open: it waits for its column command only. */
  protected activate(place: number, _c: number): void {
    const bank = this.table.bank[place]!;
    this.timing.open(bank, this.table.row[place]!);
    this.isRowFresh[bank] = 1;
    this.active[this.activeCount++] = place;
    this.hold(bank);
  }

  protected rowChanged(bank: number): void {
    this.waitingReads.rowChanged(bank);
    this.waitingWrites.rowChanged(bank);
  }

  private refreshNode(node: number, c: number, mayRefresh: boolean): number {
    const { timing } = this;
    const { banksPerNode } = timing.table;
    const command = timing.openRows[node]! > 0 ? PREA : REF;
    if (command === PREA && this.heldIn[node]! > 0) return NONE;
    const first = node * banksPerNode;
    const from = timing.fromNode(command, node);
    if (from > c) this.noteWake(from);
    else if (command === REF ? !mayRefresh : this.isNodeBarred(first, c)) this.noteWake(c + 1);
    else {
      this.issued[command]!++;
      timing.issue(command, first, c);
      if (command === REF) this.refreshBegun(c);
      else {
        for (let bank = first; bank < first + banksPerNode; bank++) {
          timing.close(bank);
          this.rowChanged(bank);
        }
      }
      return command;
    }
    return NONE;
  }

  private refreshBank(bank: number, c: number, mayRefresh: boolean): number {
    const { timing } = this;
    const command = timing.openRow[bank] === CLOSED ? REFPB : PRE;
    if (command === PRE && this.isHeld[bank] === 1) return NONE;
    const from = timing.from(command, bank);
    if (from > c) this.noteWake(from);
    else if (command === REFPB ? !mayRefresh : this.isBarred(bank, c)) this.noteWake(c + 1);
    else {
      this.issued[command]!++;
      timing.issue(command, bank, c);
      if (command === REFPB) this.refreshBegun(c);
      else {
        timing.close(bank);
        this.rowChanged(bank);
      }
      return command;
    }
    return NONE;
  }

  private refreshBegun(c: number): void {
    this.refresh.shift();
    if (this.listener !== undefined) this.listener.refreshed(c);
  }

  private hasWaitingWrite(access: number, bank: number): boolean {
    return this.waitingWrites.length > 0 && this.waitingWrites.holds(access, bank);
  }

  private forward(isWrite: boolean, port: number, tag: number, cycle: number): void {
    const end = cycle + FORWARD_CYCLES;
    if (!isWrite) {
      this.reads++;
      this.readLatencyCycles += FORWARD_CYCLES;
    }
    if (this.listener !== undefined) this.listener.served(port, tag, isWrite, end, 'forwarded');
    this.client.dataScheduled(this.number, port, tag, isWrite, end);
  }

  /** A request has been accepted: it may be what the next look is about. */
  private wakeFor(queue: RequestQueue, place: number, isNext: boolean, cycle: number): void {
    const chosen = this.queueOf(this.nextMode());
    if (chosen !== this.wakeQueue) {
      this.wakeQueue = chosen;
      this.noteWake(cycle + 1);
      return;
    }
    if (queue !== chosen || !isNext) return;
    const { openRow, ready } = this.timing;
    const row = openRow[this.table.bank[place]!]!;
    const command =
      row === this.table.row[place] ? (queue === this.waitingWrites ? WR : RD) : row === CLOSED ? ACT : PRE;
    this.noteWake(Math.max(cycle + 1, ready[command]!));
  }

  private queueOf(isWriteMode: boolean): RequestQueue {
    return isWriteMode ? this.waitingWrites : this.waitingReads;
  }

  /** What the write mode will be if it is decided now. */
  private nextMode(): boolean {
    const writes = this.waitingWrites.length;
    const reads = this.waitingReads.length;
    return this.isWriteMode ? !(writes < this.drainBelow && reads > 0) : writes > this.drainAbove || reads === 0;
  }

  /** Decides the mode as it was decided in the cycle after the last change, if that is not after `cycle`. */
  private settleMode(cycle: number): void {
    if (!this.isModeStale || this.changedIn >= cycle || this.refresh.length > 0) return;
    this.isWriteMode = this.nextMode();
    this.isModeStale = false;
  }

  /** Jumps over as many periods as fit before `until`, if one is like the one before it. */
  private restPeriods(until: number): void {
    const { timing, refresh, ticksPerPeriod: period } = this;
    const begin = this.wake;
    const before = [...timing.seenFrom(begin), ...refresh.seenFrom(begin)];
    const issued = this.issued.slice();
    while (this.wake < begin + period) this.look(this.wake);
    if (this.wake !== begin + period || !refresh.isQuiet()) return;
    const after = [...timing.seenFrom(this.wake), ...refresh.seenFrom(this.wake)];
    if (before.some((time, place) => time !== after[place])) return;
    const periods = Math.floor((until - 1 - this.wake) / period);
    for (let command = 0; command < issued.length; command++) {
      this.issued[command]! += periods * (this.issued[command]! - issued[command]!);
    }
    timing.shift(periods * period);
    refresh.skip(periods * period);
    this.wake += periods * period;
  }
}
