/**
 * A stream that has the memory to itself: bursts of one port, all read or all written, of which each channel has those
 * of one row and of one tensor. As long as that holds, and no refresh falls due, the channels' queues need not be kept: a burst's cycles
 * follow from those of the burst before it. What the channels hold is taken over when such a stream begins and given
 * back, as if it had been there all the time, when it ends.
 */
import type { AddressMap } from './addressMap.ts';
import { READS, WRITES } from './burstCounts.ts';
import type { DramChannel } from './channel.ts';
import type { MemoryPort } from './memoryPort.ts';
import { COLUMNS, RowRun } from './rowRun.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** What becomes of a burst: it is accepted, there is no room for it, or it ends the stream. */
export const ACCEPTED = 0;
export const REFUSED = 1;
export const UNFIT = 2;

export class LoneStream {
  /** The next cycle in which a channel is worth a look, as `look` has left them. */
  next = NEVER;
  private readonly channels: readonly DramChannel[];
  private readonly runs: readonly RowRun[];
  /** Per channel the next cycle worth a look. */
  private readonly nexts: Float64Array;
  private readonly queuedWrites: Int32Array;
  private readonly writeCredits: number;
  private readonly ports: number;
  private readonly mayBe: boolean;
  private port: MemoryPort | undefined = undefined;
  private place = 0;
  private map: AddressMap | undefined = undefined;
  private isWrite = false;
  /** Cycles from a column command to the end of its data. */
  private dataCycles = 0;
  /** Bursts that a channel's queue holds. */
  private capacity = 0;
  /** From this cycle on a refresh may be due. */
  private horizon = 0;

  /** `queuedWrites`: per channel and port, writes in the queue, at most `writeCredits`; kept up to date. */
  constructor(channels: readonly DramChannel[], queuedWrites: Int32Array, writeCredits: number) {
    this.channels = channels;
    this.queuedWrites = queuedWrites;
    this.writeCredits = writeCredits;
    this.ports = queuedWrites.length / channels.length;
    this.mayBe = channels.every((channel) => channel.mayRun);
    const mostPending = Math.max(...channels.map((channel) => channel.mostPending));
    this.runs = this.mayBe ? channels.map(() => new RowRun(mostPending)) : [];
    this.nexts = new Float64Array(this.runs.length);
  }

  /** Takes over what the channels hold before `cycle` is played; false, and nothing done, if that is no such stream. */
  begin(port: MemoryPort, place: number, map: AddressMap, cycle: number): boolean {
    if (!this.mayBe) return false;
    const { channels, runs, nexts } = this;
    const { isWrite } = port;
    let horizon = NEVER;
    for (let channel = 0; channel < channels.length; channel++) {
      const until = channels[channel]!.runsUntil(isWrite, port.source);
      if (until < horizon) horizon = until;
    }
    this.horizon = horizon;
    if (!this.mayPlay(cycle)) return false;
    this.port = port;
    this.place = place;
    this.map = map;
    this.isWrite = isWrite;
    const { readCycles, writeCycles } = channels[0]!;
    this.dataCycles = isWrite ? writeCycles : readCycles;
    this.capacity = channels[0]!.capacityOf(isWrite);
    for (let channel = 0; channel < channels.length; channel++) {
      nexts[channel] = channels[channel]!.beginRun(runs[channel]!, isWrite, cycle);
    }
    return true;
  }

  /** Whether `cycle` can be played: it looks one cycle ahead. */
  mayPlay(cycle: number): boolean {
    return cycle + 1 < this.horizon;
  }

  /** Offers the port's burst in `cycle`. */
  offer(cycle: number): number {
    const { isWrite, queuedWrites } = this;
    const port = this.port!;
    const map = this.map!;
    if (port.isWrite !== isWrite) return UNFIT;
    map.decodeAccess(port.walk.burst | 0);
    const { channel, access } = map;
    const credit = channel * this.ports + this.place;
    const run = this.runs[channel]!;
    if (run.bank === map.bank && run.row === map.row && run.source === port.source) {
      if (access <= run.lastAccess) return UNFIT;
      if (isWrite && queuedWrites[credit]! >= this.writeCredits) return REFUSED;
      if (run.pending - (run.isActive ? 1 : 0) >= this.capacity) return REFUSED;
      if (run.pending === 0) this.nexts[channel] = run.columnFrom > cycle ? run.columnFrom : cycle + 1;
    } else {
      if (run.pending > 0) return UNFIT;
      this.nexts[channel] = this.channels[channel]!.openRun(run, map.bank, map.row, isWrite, cycle);
      run.source = port.source;
    }
    if (isWrite) queuedWrites[credit]!++;
    const { tag } = port;
    port.accept(cycle);
    run.add(access, tag, cycle);
    return ACCEPTED;
  }

  /** Does what cycle `c` allows on all channels; returns whether there may be room for what was refused. */
  look(c: number): boolean {
    const { nexts } = this;
    let hasRoom = false;
    let next = this.horizon;
    for (let channel = 0; channel < nexts.length; channel++) {
      if (nexts[channel] === c) {
        hasRoom = true;
        this.go(channel, c);
      }
      const at = nexts[channel]!;
      if (at < next) next = at;
    }
    this.next = next;
    return hasRoom;
  }

  /** Gives back what is left. */
  end(): void {
    const { channels, runs, nexts, isWrite } = this;
    for (let channel = 0; channel < channels.length; channel++) {
      channels[channel]!.endRun(runs[channel]!, isWrite, nexts[channel]!);
    }
  }

  /** The next command of a channel's run. */
  private go(channel: number, c: number): void {
    const run = this.runs[channel]!;
    if (run.step !== COLUMNS) {
      this.nexts[channel] = this.channels[channel]!.rowCommand(run, this.isWrite, c);
      return;
    }
    const { first } = run;
    if (run.isActive) {
      run.isActive = false;
      this.channels[channel]!.runMissed(run, this.isWrite);
    }
    run.take();
    run.served++;
    run.lastLook = c;
    run.lastColumn = c;
    const from = c + run.columnCycles;
    run.columnFrom = from;
    const end = c + this.dataCycles;
    const latency = end - run.arrival[first]!;
    const of = this.channels[channel]!;
    if (of.hasLatencies) of.noteLatency(2 * run.source + (this.isWrite ? WRITES : READS), latency);
    if (this.isWrite) this.queuedWrites[channel * this.ports + this.place]!--;
    else {
      run.latencyCycles += latency;
      this.port!.dataScheduled(run.tag[first]!, end);
    }
    this.nexts[channel] = run.pending > 0 ? from : NEVER;
  }
}
