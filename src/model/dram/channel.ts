/**
 * One DRAM channel with its controller: FR-FCFS with open pages, write draining, refresh (CONTROLLER.md). Time is the
 * memory's tick. A look at a cycle issues what that cycle allows and notes the next one worth a look; how many commands
 * a cycle may issue, and which, is the command bus's: see the classes that extend this one.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { type BurstCounts, READS, WRITES } from './burstCounts.ts';
import { ChannelCounts } from './channelCounts.ts';
import type { BurstService, ChannelListener } from './channelListener.ts';
import { ACT, PRE, PREA, RD, REF, REFPB, WR } from './commandTable.ts';
import { CLOSED, CommandTiming } from './commandTiming.ts';
import type { RowWaiters } from './misses.ts';
import { type RefreshQueue, refreshQueueOf } from './refreshQueue.ts';
import { RequestQueue } from './requestQueue.ts';
import { NONE, RequestTable } from './requestTable.ts';

/** Told when the data of a request, offered by a source with a tag of its own, is scheduled. A read that a waiting write answers has its data a cycle later. */
export interface ChannelClient {
  dataScheduled(channel: number, source: number, tag: number, isWrite: boolean, endCycle: number): void;
}

/** Requests that come in order, each as soon as there is room for it. */
export interface RequestFeed {
  /** Whether the next one is for a row and comes in `cycle` at the latest. */
  isFor(isWrite: boolean, channel: number, bank: number, row: number, source: number, cycle: number): boolean;
  /** The access of the next one. */
  readonly access: number;
  /** The next one has been taken. */
  take(): void;
}

/** A channel among those of its memory. */
export interface ChannelPlace {
  readonly channel: number;
  /** Where each channel keeps the next cycle worth a look. */
  readonly wakes: Float64Array;
  /** Where all channels count the bursts of each source, reads and writes apart. */
  readonly bySource: BurstCounts;
  readonly listener?: ChannelListener | undefined;
}

/** Cycles until a waiting write has answered a read. */
const FORWARD_CYCLES = 1;
const NEVER = Number.POSITIVE_INFINITY;

export abstract class DramChannel extends ChannelCounts {
  /** Whether all that it holds are runs of requests for one row each. */
  isRunning = false;
  /** Cycles from a column command to the end of its data. */
  readonly readCycles: number;
  protected readonly writeCycles: number;
  protected readonly timing: CommandTiming;
  protected readonly refresh: RefreshQueue;
  protected readonly table: RequestTable;
  protected readonly waitingReads: RequestQueue;
  protected readonly waitingWrites: RequestQueue;
  /** Requests whose row is open for them and whose column command has not issued, in the order of their ACTs. */
  protected readonly active: Int32Array;
  protected activeCount = 0;
  /** A cycle before which no active request can go: infinite if there is none. */
  protected activeFrom = NEVER;
  /** The same without the one that was found to be next, which leaves before another comes. */
  private activeFromOfOthers = NEVER;
  /** Per bank whether its row is held open, as by an active request; per refreshed node how many are. */
  private readonly isHeld: Uint8Array;
  private readonly heldIn: Int32Array;
  private readonly client: ChannelClient;
  protected readonly number: number;
  private readonly wakes: Float64Array;
  protected readonly listener: ChannelListener | undefined;
  private readonly drainAbove: number;
  protected readonly drainBelow: number;
  private readonly ticksPerPeriod: number;
  private readonly hasRowBus: boolean;
  protected isWriteMode = false;
  /** When the queues last changed since the write mode was decided; the mode is decided in each cycle after a change. */
  protected changedIn = 0;
  protected isModeStale = true;
  /** The queue whose requests the wake is about. */
  protected wakeQueue: RequestQueue;

  constructor(spec: DramSpec, client: ChannelClient, { channel, wakes, bySource, listener }: ChannelPlace) {
    const { queues, timing } = spec;
    super(spec, bySource);
    this.client = client;
    this.number = channel;
    this.wakes = wakes;
    this.listener = listener;
    this.timing = new CommandTiming(spec);
    const { banks, nodes } = this.timing.table;
    this.refresh = refreshQueueOf(spec, this.timing.table);
    this.table = new RequestTable(queues.read + queues.write + banks);
    this.isHeld = new Uint8Array(banks);
    this.waitingReads = new RequestQueue(queues.read, this.table, this.timing, this.isHeld, false);
    this.waitingWrites = new RequestQueue(queues.write, this.table, this.timing, this.isHeld, true);
    this.wakeQueue = this.waitingReads;
    this.active = new Int32Array(banks);
    this.heldIn = new Int32Array(nodes);
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

  protected set wake(cycle: number) {
    this.wakes[this.number] = cycle;
  }

  /** Whether no request is queued or active. */
  isIdle(): boolean {
    return this.waitingReads.length === 0 && this.waitingWrites.length === 0 && this.activeCount === 0;
  }

  /** Whether the queue has a place for another request. */
  hasRoom(isWrite: boolean): boolean {
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    return queue.length < queue.capacity;
  }

  /** Whether a write of this access waits: it answers a read at once, and absorbs a write. */
  hasWaitingWrite(access: number, bank: number): boolean {
    return this.waitingWrites.length > 0 && this.waitingWrites.holds(access, bank);
  }

  /** Offers a request in `cycle`; its first command may issue a cycle later. False if its queue is full. */
  offer(
    isWrite: boolean,
    access: number,
    bank: number,
    row: number,
    source: number,
    tag: number,
    cycle: number,
  ): boolean {
    if (this.hasWaitingWrite(access, bank)) this.forward(isWrite, source, tag, cycle);
    else if (this.hasRoom(isWrite)) this.accept(isWrite, access, bank, row, source, tag, cycle);
    else return false;
    return true;
  }

  /** Takes a request for which there is room and no waiting write. */
  accept(
    isWrite: boolean,
    access: number,
    bank: number,
    row: number,
    source: number,
    tag: number,
    cycle: number,
  ): void {
    this.settleMode(cycle);
    const queue = isWrite ? this.waitingWrites : this.waitingReads;
    const place = this.table.accept(isWrite, access, bank, row, source, tag, cycle);
    const isNext = queue.add(place);
    this.isModeStale = true;
    this.changedIn = cycle;
    if (this.refresh.length === 0) this.wakeFor(queue, place, isNext, cycle);
  }

  /**
   * Goes on before cycle `until` with requests of a feed that has been refused for want of a place, as long as each
   * command is a column command that makes room for the next one, which is taken in that cycle. Returns the last such
   * cycle, NONE if there was none.
   */
  goOnWith(_feed: RequestFeed, _until: number): number {
    return NONE;
  }

  /** A waiting write answers a read, or absorbs a write. */
  forward(isWrite: boolean, source: number, tag: number, cycle: number): void {
    const end = cycle + FORWARD_CYCLES;
    this.noteForwarded(2 * source + (isWrite ? WRITES : READS), FORWARD_CYCLES);
    if (this.listener !== undefined) this.listener.served(source, tag, isWrite, end, 'forwarded');
    this.client.dataScheduled(this.number, source, tag, isWrite, end);
  }

  /**
   * Does what cycle `c` allows; `wake` tells when something may happen again. Returns whether a place in a queue has
   * become free.
   */
  look(c: number): boolean {
    if (this.waitingReads.hits.length + this.waitingWrites.hits.length > 0 && this.issueOldestHit(c)) return true;
    const { refresh, timing } = this;
    timing.settle();
    const queued = this.waitingReads.length + this.waitingWrites.length;
    this.settleMode(c - 1);
    if (refresh.nextDue <= c) refresh.tick(c);
    this.wake = NEVER;
    const hasIssued = this.issueIn(c);
    // A mode that could not be decided in this cycle, or that has to be anew, is decided in the next.
    this.changedIn = c;
    this.wakeQueue = this.queueOf(this.nextMode());
    if (refresh.length === 0) this.wake = Math.min(this.earliest(this.wakeQueue, c), refresh.nextDue);
    else this.wake = Math.min(hasIssued ? c + 1 : this.wake, refresh.nextDue);
    return this.waitingReads.length + this.waitingWrites.length < queued;
  }

  /**
   * What most looks come to: of all that waits only the oldest hit of the chosen queue can go in `c`. Issues it and notes
   * when something may follow. False, and nothing issued, where anything else might go.
   */
  private issueOldestHit(c: number): boolean {
    const { refresh, timing } = this;
    if (refresh.nextDue <= c || refresh.length > 0 || this.activeFrom <= c || !this.isColumnFree(c)) return false;
    this.settleMode(c - 1);
    const isWrite = this.nextMode();
    const queue = this.queueOf(isWrite);
    const command = isWrite ? WR : RD;
    if (queue.hits.length === 0 || !timing.mayRepeat(command)) return false;
    // A row bus may turn to the other queue in the same cycle.
    if (this.rowsFrom(this.waitingReads) <= c || this.rowsFrom(this.waitingWrites) <= c) return false;
    const place = this.firstHit(queue);
    const bank = this.table.bank[place]!;
    // Without its hit the row might be closed at once; and a row's first column command is no hit.
    if (queue.oldestMiss[bank] !== NONE || this.isRowFresh[bank] === 1) return false;
    if (timing.fromAgain(command, bank) > c) return false;
    this.isWriteMode = isWrite;
    this.leaveQueue(queue, place, c);
    const from = timing.repeat(command, bank, c);
    this.serve(place, isWrite, c);
    const free = this.columnIssued(command, c);
    if (this.hasRowBus) this.chosenQueue();
    this.wakeQueue = this.queueOf(this.nextMode());
    let wake = Math.min(this.activeFrom, this.rowsFrom(this.wakeQueue), refresh.nextDue);
    if (this.wakeQueue.hits.length > 0) {
      const isSame = this.wakeQueue === queue;
      const isAlone = isSame && queue.hits.length === 1 && queue.oldestHit[bank] !== NONE;
      const next = isAlone ? from : isSame ? c + timing.channelCycles[command]! : c + 1;
      wake = Math.min(wake, this.columnTick(Math.max(free, next)));
    }
    this.wake = Math.max(wake, c + 1);
    return true;
  }

  /** The oldest request of a queue that hits an open row. */
  private firstHit({ hits, oldestHit }: RequestQueue): number {
    const { sequence } = this.table;
    let oldest = oldestHit[hits.members[0]!]!;
    for (let at = 1; at < hits.length; at++) {
      const place = oldestHit[hits.members[at]!]!;
      if (sequence[place]! < sequence[oldest]!) oldest = place;
    }
    return oldest;
  }

  /** A cycle before which no miss of a queue can have its row command. */
  private rowsFrom({ misses, length }: RequestQueue): number {
    if (length === 0) return NEVER;
    const { ready } = this.timing;
    let from = NEVER;
    if (misses.closed.first !== NONE) from = Math.max(ready[ACT]!, misses.closed.from);
    if (misses.open.first !== NONE) from = Math.min(from, Math.max(ready[PRE]!, misses.open.from));
    return from;
  }

  /** Whether nobody listens, and the file has no rule by which column commands of one kind on one row are not alike. */
  protected isPlain(): boolean {
    return this.listener === undefined && this.drainBelow > 0 && this.timing.mayRepeat(RD) && this.timing.mayRepeat(WR);
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
   * Issues the commands of a cycle; returns whether there was any. While a refresh is due `noteWake` has noted when what
   * did not issue will be ready.
   */
  protected abstract issueIn(c: number): boolean;

  /** The buses of column and of row commands are free again from these cycles on. */
  protected abstract columnsFreeFrom(): number;
  protected abstract rowsFreeFrom(): number;

  protected noteWake(cycle: number): void {
    if (cycle < this.wake) this.wake = cycle;
  }

  /** The queue that the write mode, with its hysteresis, points to. */
  protected chosenQueue(): RequestQueue {
    this.isWriteMode = this.nextMode();
    this.isModeStale = false;
    return this.queueOf(this.isWriteMode);
  }

  /** A cycle after `c` before which nothing that is active or in a queue can go, while no refresh is due. */
  protected earliest(queue: RequestQueue, c: number): number {
    let bound = Math.max(this.rowsFreeFrom(), this.rowsFrom(queue));
    const column = Math.min(this.earliestHit(queue), this.activeFrom);
    if (column < bound) bound = Math.min(bound, Math.max(column, this.columnsFreeFrom()));
    return Math.max(bound, c + 1);
  }

  private earliestHit(queue: RequestQueue): number {
    const { hits } = queue;
    const command = queue === this.waitingWrites ? WR : RD;
    let earliest = NEVER;
    for (let at = 0; at < hits.length; at++) {
      const from = this.timing.from(command, hits.members[at]!);
      if (from < earliest) earliest = from;
    }
    return earliest;
  }

  /** The oldest active request whose column command is ready; of equals the one whose row was opened first. */
  protected oldestActive(c: number): number {
    if (this.activeFrom > c) {
      if (this.refresh.length > 0) this.noteWake(this.activeFrom);
      return NONE;
    }
    const { active, table } = this;
    let oldest = NONE;
    let others = NEVER;
    for (let at = 0; at < this.activeCount; at++) {
      const place = active[at]!;
      const from = this.timing.from(table.isWrite[place] === 1 ? WR : RD, table.bank[place]!);
      if (from > c) {
        if (from < others) others = from;
      } else if (oldest === NONE) {
        oldest = place;
      } else {
        others = c;
        if (table.arrival[place]! < table.arrival[oldest]!) oldest = place;
      }
    }
    this.activeFromOfOthers = others;
    this.activeFrom = oldest === NONE ? others : c;
    if (this.refresh.length > 0) this.noteWake(this.activeFrom);
    return oldest;
  }

  /** The oldest queued request that hits an open row and whose column command is ready. */
  protected oldestHit(queue: RequestQueue, c: number): number {
    const { hits, oldestHit } = queue;
    if (hits.length === 0) return NONE;
    const { ready, table: places } = this.timing;
    const { sequence } = this.table;
    const command = queue === this.waitingWrites ? WR : RD;
    if (ready[command]! > c) return NONE;
    const { groupOf } = places;
    const groupPlace = places.groupPlace(command);
    const bankPlace = places.bankPlace(command);
    let oldest = NONE;
    for (let at = 0; at < hits.length; at++) {
      const bank = hits.members[at]!;
      if (ready[bankPlace + bank]! > c || ready[groupPlace + groupOf[bank]!]! > c) continue;
      const place = oldestHit[bank]!;
      if (oldest === NONE || sequence[place]! < sequence[oldest]!) oldest = place;
    }
    return oldest;
  }

  /** Of the banks' oldest misses the oldest whose ACT (if that may issue), or PRE if that is allowed, is ready. */
  protected oldestMiss(queue: RequestQueue, c: number, mayActivate: boolean): number {
    const { closed, open } = queue.misses;
    const { ready } = this.timing;
    let oldest = NONE;
    if (mayActivate && closed.first !== NONE && closed.from <= c && ready[ACT]! <= c) {
      oldest = this.oldestReady(queue, closed, ACT, c, NONE);
    }
    if (open.first !== NONE && open.from <= c && ready[PRE]! <= c) {
      oldest = this.oldestReady(queue, open, PRE, c, oldest);
    }
    return oldest;
  }

  /** The oldest of a request and the misses of some banks whose own timing allows their row command in `c`. */
  private oldestReady(
    { oldestMiss }: RequestQueue,
    waiters: RowWaiters,
    command: number,
    c: number,
    than: number,
  ): number {
    const { ready, table: places } = this.timing;
    const { sequence } = this.table;
    const { next } = waiters;
    const { groupOf } = places;
    const groupPlace = places.groupPlace(command);
    const bankPlace = places.bankPlace(command);
    let oldest = NONE;
    let others = NEVER;
    for (let bank = waiters.first; bank !== NONE; bank = next[bank]!) {
      let from = ready[bankPlace + bank]!;
      const ofGroup = ready[groupPlace + groupOf[bank]!]!;
      if (ofGroup > from) from = ofGroup;
      if (from <= c && command === PRE && this.isBarred(bank, c)) from = c + 1;
      if (from > c) {
        if (from < others) others = from;
      } else if (oldest === NONE) oldest = oldestMiss[bank]!;
      else {
        others = c;
        break;
      }
    }
    waiters.fromOfOthers = others;
    waiters.from = oldest === NONE ? others : c;
    if (oldest === NONE) return than;
    return than === NONE || sequence[oldest]! < sequence[than]! ? oldest : than;
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
    const service = this.isRowFresh[bank] === 1 ? 'row miss' : 'row hit';
    this.isRowFresh[bank] = 0;
    timing.issue(command, bank, c);
    if (service === 'row miss') this.noteMiss(2 * table.source[place]! + (isWrite ? WRITES : READS), bank);
    this.serve(place, isWrite, c, service);
    return command;
  }

  /** The data of a request whose column command issues in `c`. */
  private serve(place: number, isWrite: boolean, c: number, service: BurstService = 'row hit'): void {
    const { table } = this;
    const source = table.source[place]!;
    const tag = table.tag[place]!;
    const kind = 2 * source + (isWrite ? WRITES : READS);
    const end = c + (isWrite ? this.writeCycles : this.readCycles);
    const latency = end - table.arrival[place]!;
    table.release(place);
    if (this.hasLatencies) this.noteLatency(kind, latency);
    this.noteColumns(1, kind, table.bank[place]!, latency, end);
    if (this.listener !== undefined) this.listener.served(source, tag, isWrite, end, service);
    this.tellOfData(source, tag, isWrite, end);
  }

  /** Tells the client that the data of a request is on the bus until `end`. */
  protected tellOfData(source: number, tag: number, isWrite: boolean, end: number): void {
    this.client.dataScheduled(this.number, source, tag, isWrite, end);
  }

  /** Takes a request from the active list for its column command. */
  protected leaveActive(place: number): void {
    const { active } = this;
    let at = 0;
    while (active[at] !== place) at++;
    this.activeCount--;
    for (; at < this.activeCount; at++) active[at] = active[at + 1]!;
    this.activeFrom = this.activeFromOfOthers;
    this.release(this.table.bank[place]!);
  }

  /** Until it is released the row of a bank stays open. */
  protected hold(bank: number): void {
    this.isHeld[bank] = 1;
    this.heldIn[this.timing.table.nodeOf[bank]!]!++;
  }

  protected release(bank: number): void {
    this.isHeld[bank] = 0;
    if (this.waitingReads.length > 0) this.waitingReads.holdChanged(bank);
    if (this.waitingWrites.length > 0) this.waitingWrites.holdChanged(bank);
    this.heldIn[this.timing.table.nodeOf[bank]!]!--;
  }

  /** Takes a request from its queue for its column command. */
  protected leaveQueue(queue: RequestQueue, place: number, c: number): void {
    queue.remove(place);
    this.queueChanged(c);
  }

  private queueChanged(c: number): void {
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
      queue.misses.closed.leaveToOthers();
      queue.removeOpened(place);
      this.queueChanged(c);
      this.activate(place, c);
    } else {
      queue.misses.open.leaveToOthers();
      this.close(bank, true);
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
    const from = this.timing.from(this.table.isWrite[place] === 1 ? WR : RD, bank);
    if (from < this.activeFrom) this.activeFrom = from;
    this.hold(bank);
  }

  /** Closes a bank, if it is open, for a request that waits for another row or for a refresh. */
  protected close(bank: number, isForRequest: boolean): void {
    if (this.timing.openRow[bank] === CLOSED) return;
    this.timing.close(bank);
    this.isClosedForRequest[bank] = isForRequest ? 1 : 0;
  }

  protected rowChanged(bank: number): void {
    if (this.waitingReads.length > 0) this.waitingReads.rowChanged(bank);
    if (this.waitingWrites.length > 0) this.waitingWrites.rowChanged(bank);
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
          this.close(bank, false);
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
        this.close(bank, false);
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

  /** A request has been accepted: it may be what the next look is about. */
  private wakeFor(queue: RequestQueue, place: number, isNext: boolean, cycle: number): void {
    const chosen = this.queueOf(this.nextMode());
    if (chosen !== this.wakeQueue) {
      this.wakeQueue = chosen;
      this.noteWake(cycle + 1);
      return;
    }
    if (queue !== chosen || !isNext) return;
    const bank = this.table.bank[place]!;
    const command = queue.nextCommand(place);
    if (command === NONE) return;
    this.timing.settle();
    const free = command === ACT || command === PRE ? this.rowsFreeFrom() : this.columnsFreeFrom();
    this.noteWake(Math.max(cycle + 1, free, this.timing.from(command, bank)));
  }

  protected queueOf(isWriteMode: boolean): RequestQueue {
    return isWriteMode ? this.waitingWrites : this.waitingReads;
  }

  /** What the write mode will be if it is decided now. */
  protected nextMode(): boolean {
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
