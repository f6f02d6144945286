/**
 * The DRAM controller's rules again, as plainly as they can be said: every memory cycle is looked at, requests are
 * objects in arrays, places are spelled out, and what may issue is asked of the file's rows one by one, over the
 * commands issued so far. Slow and independent of what it checks, but for the arithmetic of a row's text.
 */
import type { Request } from '../../src/model/dram/requestRules.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import type { Constraint } from '../../src/model/schemas/dramRowSchema.ts';
import { cyclesOf } from '../../src/model/schemas/dramRows.ts';
import type { Injection } from '../../src/model/schemas/requestRule.ts';

type Command = Constraint['from'][number];

/** Where a command goes, from the channel down; what is left out are all nodes there. */
interface Place {
  readonly 'pseudo channel'?: number;
  readonly rank?: number;
  readonly stack?: number;
  readonly 'bank group'?: number;
  readonly bank?: number;
}

const BELOW_CHANNEL = ['pseudo channel', 'rank', 'stack', 'bank group', 'bank'] as const;

interface Waiting {
  readonly place: Required<Place>;
  /** The place as text: the bank's name. */
  readonly bank: string;
  readonly row: number;
  readonly burst: number;
  readonly isWrite: boolean;
  readonly arrival: number;
  readonly port: number;
}

interface Bank {
  row: number | 'closed' | 'opening';
  isFresh: boolean;
  /** Whether its last row was closed because a request wanted another. */
  wasInTheWay: boolean;
}

/** A row with its cycles from one command to one other. */
interface Rule {
  readonly row: Constraint;
  readonly from: Command;
  readonly cycles: number;
}

export interface PlainResult {
  readonly cycles: number;
  readonly activates: number;
  readonly refreshes: number;
  readonly rowHits: number;
  readonly rowMisses: number;
  readonly avgReadLatency: number;
  readonly rowConflicts: number;
  readonly turnarounds: number;
  readonly forwarded: number;
  readonly ports: readonly ({ readonly finishCycle: number } & PlainTraffic)[];
  readonly channels: readonly ({ readonly refreshes: number } & PlainTraffic)[];
  readonly commands: Readonly<Record<string, number>>;
}

/** A burst that has been served, and how. */
interface Served {
  readonly isWrite: boolean;
  readonly port: number;
  readonly channel: number;
  readonly how: 'hit' | 'miss' | 'conflict' | 'forwarded';
  readonly turns: boolean;
  /** Cycles from acceptance to the end of its data. */
  readonly latency: number;
}

/** Latencies in order, and how many are between a power of two and the next. */
interface PlainLatencies {
  readonly meanCycles: number;
  readonly p50Cycles: number;
  readonly p95Cycles: number;
  readonly p99Cycles: number;
  readonly maxCycles: number;
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly bursts: number }[];
}

/** From 32 cycles on sixteen steps to the next power of two, of which only the last cycle is known. */
function asFarAsKnown(cycles: number): number {
  if (cycles < 32) return cycles;
  const step = 2 ** Math.floor(Math.log2(cycles)) / 16;
  return (Math.floor(cycles / step) + 1) * step - 1;
}

function latenciesOf(cycles: readonly number[]): PlainLatencies {
  const sorted = [...cycles].sort((a, b) => a - b);
  const most = sorted.at(-1)!;
  const within = (share: number): number => {
    const enough = sorted.find((each) => sorted.filter((other) => other <= each).length >= share * sorted.length)!;
    return Math.min(most, asFarAsKnown(enough));
  };
  const histogram: { from: number; to: number; bursts: number }[] = [];
  for (let from = 1; from <= most; from *= 2) {
    const to = 2 * from - 1;
    histogram.push({ from, to, bursts: sorted.filter((each) => from <= each && each <= to).length });
  }
  return {
    meanCycles: sorted.reduce((sum, each) => sum + each, 0) / sorted.length,
    p50Cycles: within(0.5),
    p95Cycles: within(0.95),
    p99Cycles: within(0.99),
    maxCycles: most,
    histogram: histogram.slice(histogram.findIndex(({ bursts }) => bursts > 0)),
  };
}

interface PlainSums {
  readonly busBursts: number;
  readonly forwarded: number;
  readonly rowHits: number;
  readonly rowMisses: number;
  readonly rowConflicts: number;
  readonly turnarounds: number;
  readonly latency?: PlainLatencies;
}

interface PlainTraffic {
  readonly read: PlainSums;
  readonly write: PlainSums;
}

/** Bursts counted one by one. */
function sumsOf(bursts: readonly Served[]): PlainSums {
  const count = (holds: (burst: Served) => boolean): number => bursts.filter(holds).length;
  return {
    busBursts: count(({ how }) => how !== 'forwarded'),
    forwarded: count(({ how }) => how === 'forwarded'),
    rowHits: count(({ how }) => how === 'hit'),
    rowMisses: count(({ how }) => how === 'miss' || how === 'conflict'),
    rowConflicts: count(({ how }) => how === 'conflict'),
    turnarounds: count(({ turns }) => turns),
    ...(bursts.length === 0 ? {} : { latency: latenciesOf(bursts.map(({ latency }) => latency)) }),
  };
}

function trafficOf(bursts: readonly Served[]): PlainTraffic {
  return {
    read: sumsOf(bursts.filter(({ isWrite }) => !isWrite)),
    write: sumsOf(bursts.filter(({ isWrite }) => isWrite)),
  };
}

/** The address's fields by the mapping string, least significant field last. */
function fieldsOf(spec: DramSpec, address: number): Record<string, number> {
  const org = spec.organization;
  const sizes: Record<string, number> = {
    ro: org.rowsPerBank,
    pc: org.pseudoChannels,
    ra: org.ranks,
    si: org.stacks,
    bg: org.bankGroups,
    ba: org.banksPerGroup,
    ch: org.channels,
    co: org.accessesPerRow,
  };
  const fields: Record<string, number> = { ro: 0, pc: 0, ra: 0, si: 0, bg: 0, ba: 0, ch: 0, co: 0 };
  let rest = Math.floor(address / org.bytesPerAccess);
  for (let at = spec.mapping.length - 2; at >= 0; at -= 2) {
    const field = spec.mapping.slice(at, at + 2);
    fields[field] = rest % sizes[field]!;
    rest = Math.floor(rest / sizes[field]!);
  }
  return fields;
}

const nameOf = (place: Place): string => BELOW_CHANNEL.map((level) => place[level] ?? '*').join('/');

/** Whether two places can be in one node of a level, or, for `other`, in two nodes of it under one node above. */
function meet(a: Place, b: Place, level: Constraint['level'], other: boolean): boolean {
  const depth = level === 'channel' ? 0 : 1 + BELOW_CHANNEL.indexOf(level);
  for (const [at, each] of BELOW_CHANNEL.slice(0, depth).entries()) {
    const isSame = a[each] === undefined || b[each] === undefined || a[each] === b[each];
    if (other && at === depth - 1) return !isSame;
    if (!isSame) return false;
  }
  return !other;
}

/** All combinations of indices. */
function product(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((each) => Array.from({ length: size }, (_, next) => [...each, next])),
    [[]],
  );
}

class PlainChannel {
  reads: Waiting[] = [];
  writes: Waiting[] = [];
  /** In the order in which their rows were opened. */
  active: Waiting[] = [];
  opening: { readonly request: Waiting; readonly deadline: number } | undefined;
  announced: { readonly request: Waiting; readonly list: Waiting[] } | undefined;
  readonly commands: Record<string, number> = {};
  readonly served: Omit<Served, 'channel'>[] = [];
  /** Per pseudo channel, each of which has a data bus, whether the last burst there was written. */
  private readonly wasWritten = new Map<number, boolean>();
  lastData = 0;
  readonly latencies: number[] = [];
  /** The commands so far, the latest first. */
  private readonly log = new Map<Command, { readonly place: Place; readonly cycle: number }[]>();
  private readonly rules = new Map<Command, Rule[]>();
  private readonly banks = new Map<string, Bank>();
  private readonly places: Required<Place>[];
  private isWriteMode = false;
  /** Refreshes that are due, in order; those of single banks that are about to be; and which is next. */
  private due: Place[] = [];
  private soon: Place[] = [];
  private nextRefresh: number;
  private nextBank = 0;
  private readonly restsUntil = new Map<string, number>();
  private columnFree = 0;
  private rowFree = 0;
  private clockStops = 0;
  /** The row command of the clock's first tick that this tick is paired with. */
  private paired: { readonly tick: number; readonly command: string; readonly place: Place } | undefined;
  private readonly spec: DramSpec;
  private readonly done: (request: Waiting, end: number) => void;

  constructor(spec: DramSpec, done: (request: Waiting, end: number) => void) {
    this.spec = spec;
    this.done = done;
    const { pseudoChannels, ranks, stacks, bankGroups, banksPerGroup } = spec.organization;
    this.places = product([pseudoChannels, ranks, stacks, bankGroups, banksPerGroup]).map(
      ([pc, rank, stack, group, bank]) =>
        ({ 'pseudo channel': pc, rank, stack, 'bank group': group, bank }) as Required<Place>,
    );
    for (const place of this.places)
      this.banks.set(nameOf(place), { row: 'closed', isFresh: false, wasInTheWay: false });
    for (const row of spec.constraints) {
      for (const from of row.from) {
        for (const to of row.to) {
          const cycles = cyclesOf(row, spec.timing) + this.busCycles(from) - this.busCycles(to);
          this.rules.set(to, [...(this.rules.get(to) ?? []), { row, from, cycles }]);
        }
      }
    }
    const { REFI, REFIpb } = spec.timing;
    const interval = spec.refresh === 'off' ? 0 : spec.refresh === 'all-bank' ? REFI : REFIpb;
    this.nextRefresh = interval === undefined || interval === 0 ? Number.POSITIVE_INFINITY : interval;
  }

  isIdle(): boolean {
    return this.reads.length + this.writes.length + this.active.length === 0 && this.opening === undefined;
  }

  offer(request: Waiting): boolean {
    if (this.writes.some(({ burst }) => burst === request.burst)) {
      if (!request.isWrite) this.latencies.push(1);
      this.served.push({ isWrite: request.isWrite, port: request.port, how: 'forwarded', turns: false, latency: 1 });
      this.done(request, request.arrival + 1);
      return true;
    }
    const queue = request.isWrite ? this.writes : this.reads;
    if (queue.length === (request.isWrite ? this.spec.queues.write : this.spec.queues.read)) return false;
    queue.push(request);
    return true;
  }

  tick(c: number): void {
    this.refreshesFallDue(c);
    if (this.spec.commandBus === 'row and column') this.tickBothBuses(c);
    else if (this.spec.activate === 'split' || this.spec.dataClock === 'on demand') this.tickSplit(c);
    else this.tickOneBus(c);
  }

  private busCycles(command: Command): number {
    return this.spec.commandCycles[command] ?? 1;
  }

  // Which refreshes are due

  private refreshesFallDue(c: number): void {
    const { organization: org, timing, refresh, refreshLevel } = this.spec;
    if (refresh === 'all-bank' && c === this.nextRefresh) {
      this.nextRefresh += timing.REFI!;
      const sizes = { channel: [], 'pseudo channel': [org.pseudoChannels], rank: [org.pseudoChannels, org.ranks] };
      const stacks = [org.pseudoChannels, org.ranks, org.stacks];
      for (const [pc, rank, stack] of product(refreshLevel === 'stack' ? stacks : sizes[refreshLevel])) {
        this.due.push({
          ...(pc === undefined ? {} : { 'pseudo channel': pc }),
          ...(rank === undefined ? {} : { rank }),
          ...(stack === undefined ? {} : { stack }),
        });
      }
    }
    if (refresh !== 'per-bank') return;
    if (this.soon.length > 0) {
      this.due.push(this.soon.shift()!);
      return;
    }
    if (c < this.nextRefresh) return;
    const banks = this.places.length / org.pseudoChannels;
    const perSet = org.bankGroups * org.banksPerGroup;
    const set = Math.floor(this.nextBank / perSet);
    if ((this.restsUntil.get(`${set}`) ?? 0) > c) {
      this.nextRefresh = c + 1;
      return;
    }
    this.nextRefresh += timing.REFIpb!;
    this.soon = product([org.pseudoChannels]).map(([pc]) => this.places[pc! * banks + this.nextBank]!);
    this.due.push(this.soon.shift()!);
    const isLast = this.nextBank % perSet === perSet - 1;
    // The last pseudo channel's bank falls due so many cycles later.
    const rest = this.spec.commandBus === 'row and column' ? c + org.pseudoChannels - 1 + timing.RFCpb! : 0;
    if (isLast) this.restsUntil.set(`${set}`, rest);
    this.nextBank = (this.nextBank + 1) % banks;
  }

  // The three kinds of command buses

  private tickOneBus(c: number): void {
    const active = this.oldest(this.active, (request) => this.mayColumn(request, c));
    if (active !== undefined) this.column(active, this.active, c);
    else if (this.due.length > 0) this.serveRefresh(c, () => true);
    else this.serveQueue(c, () => true);
  }

  private tickBothBuses(c: number): void {
    const isFirst = this.spec.ticksPerClock === 1 || c % 2 === 1;
    if (isFirst) {
      const active = this.oldest(this.active, (request) => this.mayColumn(request, c));
      if (active !== undefined) this.column(active, this.active, c);
      else if (this.due.length === 0) this.serveQueue(c, (command) => command === 'RD' || command === 'WR');
    }
    const mayRow = (command: string, place: Place): boolean => {
      if (command === 'RD' || command === 'WR') return false;
      if (isFirst) return true;
      if (command !== 'PREpb' && command !== 'PREab') return false;
      const { paired } = this;
      if (paired === undefined || paired.tick !== c || paired.place['pseudo channel'] !== place['pseudo channel'])
        return true;
      if (paired.command === 'PREab' || paired.command === 'REFab') return false;
      return command === 'PREpb' && nameOf(place) !== nameOf(paired.place);
    };
    if (this.due.length > 0) this.serveRefresh(c, mayRow);
    else this.serveQueue(c, mayRow);
  }

  private tickSplit(c: number): void {
    const { opening, announced } = this;
    if (announced !== undefined) {
      this.announced = undefined;
      this.column(announced.request, announced.list, c);
      return;
    }
    if (opening !== undefined && c >= opening.deadline) {
      this.finishOpening();
      return;
    }
    const active = this.oldest(this.active, (request) => this.mayColumn(request, c));
    const isTaken =
      active !== undefined
        ? this.columnOrAnnounce(active, this.active, c)
        : this.due.length > 0
          ? this.serveRefresh(c, () => true)
          : this.serveQueue(c, (command) => command !== 'ACT' || opening === undefined);
    if (!isTaken && opening !== undefined) this.finishOpening();
  }

  private columnOrAnnounce(request: Waiting, list: Waiting[], c: number): boolean {
    if (this.spec.dataClock !== 'on demand' || c < this.clockStops) {
      this.column(request, list, c);
      return true;
    }
    if (this.opening !== undefined && this.opening.deadline <= c + 1) return false;
    this.count(request.isWrite ? 'CAS_WR' : 'CAS_RD');
    this.announced = { request, list };
    return true;
  }

  private finishOpening(): void {
    const { request } = this.opening!;
    this.opening = undefined;
    this.count('ACT2');
    this.change(request.bank, request.row);
    this.active.push(request);
  }

  /** A row is being opened, or is open, for a request that has not been served. */
  private change(bank: string, row: Bank['row']): void {
    this.banks.set(bank, { ...this.banks.get(bank)!, row, isFresh: true });
  }

  // What may issue

  private oldest(list: readonly Waiting[], may: (request: Waiting) => boolean): Waiting | undefined {
    return list.filter(may).sort((a, b) => a.arrival - b.arrival)[0];
  }

  private mayColumn(request: Waiting, c: number): boolean {
    return this.from(request.isWrite ? 'WR' : 'RD', request.place) <= c;
  }

  private queue(): Waiting[] {
    const { write, drainAbove, drainBelow } = this.spec.queues;
    const [reads, writes] = [this.reads.length, this.writes.length];
    if (!this.isWriteMode && (writes > drainAbove * write || reads === 0)) this.isWriteMode = true;
    else if (this.isWriteMode && writes < drainBelow * write && reads > 0) this.isWriteMode = false;
    return this.isWriteMode ? this.writes : this.reads;
  }

  /** The oldest request of the queue whose next command may issue and is ready issues it. */
  private serveQueue(c: number, may: (command: string, place: Place) => boolean): boolean {
    const queue = this.queue();
    for (const request of queue) {
      const { row } = this.banks.get(request.bank)!;
      const command = row === 'closed' ? 'ACT' : row !== request.row ? 'PREpb' : request.isWrite ? 'WR' : 'RD';
      if (!may(command, request.place)) continue;
      if (command === 'PREpb') {
        const isWanted =
          row === 'opening' ||
          this.active.some(({ bank }) => bank === request.bank) ||
          queue.some((other) => other.bank === request.bank && other.row === row && other.arrival <= request.arrival);
        if (isWanted) continue;
      }
      if (this.from(command, request.place) > c) continue;
      if (command === 'RD' || command === 'WR') return this.columnOrPlain(request, queue, c);
      this.issue(command, request.place, c);
      if (command === 'PREpb') this.banks.set(request.bank, { row: 'closed', isFresh: false, wasInTheWay: true });
      else this.open(request, queue, c);
      return true;
    }
    return false;
  }

  private columnOrPlain(request: Waiting, queue: Waiting[], c: number): boolean {
    if (this.spec.dataClock === 'on demand') return this.columnOrAnnounce(request, queue, c);
    this.column(request, queue, c);
    return true;
  }

  private open(request: Waiting, queue: Waiting[], c: number): void {
    queue.splice(queue.indexOf(request), 1);
    if (this.spec.activate === 'split') {
      this.change(request.bank, 'opening');
      this.opening = { request, deadline: c + this.spec.timing.AAD! };
      return;
    }
    this.change(request.bank, request.row);
    this.active.push(request);
  }

  private serveRefresh(c: number, may: (command: string, place: Place) => boolean): boolean {
    const [target] = this.due as [Place];
    const isBank = target.bank !== undefined;
    const mine = this.places.filter((place) => meet(place, target, 'bank', false)).map(nameOf);
    const isOpen = mine.some((name) => this.banks.get(name)!.row !== 'closed');
    const isHeld = mine.some(
      (name) => this.banks.get(name)!.row === 'opening' || this.active.some(({ bank }) => bank === name),
    );
    const command = isOpen ? (isBank ? 'PREpb' : 'PREab') : isBank ? 'REFpb' : 'REFab';
    if ((isOpen && isHeld) || !may(command, target) || this.from(command, target) > c) return false;
    this.issue(command, target, c);
    if (isOpen) {
      for (const name of mine) {
        const bank = this.banks.get(name)!;
        const wasInTheWay = bank.row === 'closed' && bank.wasInTheWay;
        this.banks.set(name, { row: 'closed', isFresh: false, wasInTheWay });
      }
    } else this.due.shift();
    return true;
  }

  private column(request: Waiting, list: Waiting[], c: number): void {
    const { CL, CWL, burst, WCKPST } = this.spec.timing;
    list.splice(list.indexOf(request), 1);
    const bank = this.banks.get(request.bank)!;
    const bus = request.place['pseudo channel'];
    const how = !bank.isFresh ? 'hit' : bank.wasInTheWay ? 'conflict' : 'miss';
    const turns = this.wasWritten.has(bus) && this.wasWritten.get(bus) !== request.isWrite;
    const latency = c + (request.isWrite ? CWL : CL) + burst - request.arrival;
    this.served.push({ isWrite: request.isWrite, port: request.port, how, turns, latency });
    this.wasWritten.set(bus, request.isWrite);
    bank.isFresh = false;
    this.issue(request.isWrite ? 'WR' : 'RD', request.place, c);
    const end = c + (request.isWrite ? CWL : CL) + burst;
    this.clockStops = Math.max(this.clockStops, end + (WCKPST ?? 0));
    this.lastData = Math.max(this.lastData, end);
    if (!request.isWrite) this.latencies.push(end - request.arrival);
    this.done(request, end);
  }

  // What has issued, and what it forbids

  private count(command: string): void {
    this.commands[command] = (this.commands[command] ?? 0) + 1;
  }

  private issue(command: Command, place: Place, cycle: number): void {
    this.count(command);
    this.log.set(command, [{ place, cycle }, ...(this.log.get(command) ?? [])].slice(0, 400));
    const isColumn = command === 'RD' || command === 'WR';
    const free = cycle + this.busCycles(command);
    if (isColumn || this.spec.commandBus === 'shared') this.columnFree = free;
    if (!isColumn || this.spec.commandBus === 'shared') this.rowFree = free;
    if (this.spec.ticksPerClock === 2 && !isColumn && cycle % 2 === 1) {
      this.paired = { tick: command === 'ACT' ? free : cycle + 1, command, place };
    }
  }

  /** The first cycle that no row and no bus forbids, given every command so far. */
  private from(next: Command, at: Place): number {
    let from = next === 'RD' || next === 'WR' ? this.columnFree : this.rowFree;
    for (const { row, from: earlier, cycles } of this.rules.get(next) ?? []) {
      const past = this.log.get(earlier) ?? [];
      let left = row.window ?? 1;
      // The n-th last on any one node of the level where both are.
      for (const node of this.nodesFor(at, row)) {
        left = row.window ?? 1;
        for (const { place, cycle } of past) {
          if (!meet(place, node, row.level, row.other === true)) continue;
          if (--left > 0) continue;
          from = Math.max(from, cycle + cycles);
          break;
        }
      }
    }
    return from;
  }

  /** The places whose nodes a command to `at` is on: only windows have to tell the nodes of a whole one apart. */
  private nodesFor(at: Place, { window, level }: Constraint): Place[] {
    if (window === undefined || at.bank !== undefined) return [at];
    const within = this.places.filter((place) => meet(place, at, 'bank', false));
    const depth = BELOW_CHANNEL.indexOf(level as (typeof BELOW_CHANNEL)[number]) + 1;
    const nodes = new Map<string, Place>();
    for (const place of within) {
      const node = Object.fromEntries(BELOW_CHANNEL.slice(0, depth).map((each) => [each, place[each]])) as Place;
      nodes.set(nameOf(node), node);
    }
    return [...nodes.values()];
  }
}

/** Replays requests cycle by cycle. */
export function plainReplay(
  spec: DramSpec,
  requests: readonly Request[],
  ports: number,
  inject: Injection,
): PlainResult {
  const finish = new Array<number>(ports).fill(0);
  const channels = Array.from(
    { length: spec.organization.channels },
    () =>
      new PlainChannel(spec, ({ port }, end) => {
        finish[port] = Math.max(finish[port]!, end);
      }),
  );
  const fifos =
    inject.mode === 'inorder'
      ? [[...requests]]
      : Array.from({ length: ports }, (_, port) => requests.filter((request) => request.port === port));
  let last = fifos.length - 1;
  const grant = (cycle: number): boolean => {
    for (let tried = 1; tried <= fifos.length; tried++) {
      const fifo = (last + tried) % fifos.length;
      const head = fifos[fifo]![0];
      if (head === undefined || head.cycle > cycle) continue;
      const { ch, ro, pc, ra, si, bg, ba } = fieldsOf(spec, head.address) as Record<string, number>;
      const place = { 'pseudo channel': pc!, rank: ra!, stack: si!, 'bank group': bg!, bank: ba! };
      const burst = Math.floor(head.address / spec.organization.bytesPerAccess);
      const { isWrite, port } = head;
      const request = { place, bank: nameOf(place), row: ro!, burst, isWrite, arrival: cycle, port };
      if (!channels[ch!]!.offer(request)) continue;
      fifos[fifo]!.shift();
      last = fifo;
      return true;
    }
    return false;
  };
  for (let cycle = 0; fifos.some((fifo) => fifo.length > 0) || channels.some((each) => !each.isIdle()); cycle++) {
    for (let grants = 0; grants < inject.max_per_cycle && grant(cycle); grants++);
    for (const channel of channels) channel.tick(cycle + 1);
  }
  const served = channels.flatMap((each, channel) => each.served.map((burst) => ({ ...burst, channel })));
  const all = sumsOf(served);
  const latencies = channels.flatMap((channel) => channel.latencies);
  const commands: Record<string, number> = {};
  for (const channel of channels) {
    for (const [command, count] of Object.entries(channel.commands)) {
      commands[command] = (commands[command] ?? 0) + count;
    }
  }
  return {
    cycles: Math.max(...channels.map((channel) => channel.lastData)),
    activates: commands['ACT'] ?? 0,
    refreshes: (commands['REFab'] ?? 0) + (commands['REFpb'] ?? 0),
    rowHits: all.rowHits,
    rowMisses: all.rowMisses,
    rowConflicts: all.rowConflicts,
    turnarounds: all.turnarounds,
    forwarded: all.forwarded,
    avgReadLatency: latencies.length === 0 ? 0 : latencies.reduce((all, one) => all + one, 0) / latencies.length,
    ports: finish.map((finishCycle, place) => ({
      finishCycle,
      ...trafficOf(served.filter(({ port }) => port === place)),
    })),
    channels: channels.map((each, place) => ({
      refreshes: (each.commands['REFab'] ?? 0) + (each.commands['REFpb'] ?? 0),
      ...trafficOf(served.filter(({ channel }) => channel === place)),
    })),
    commands,
  };
}
