/**
 * The DRAM controller's rules again, as plainly as they can be said: every memory cycle is looked at, requests are
 * objects in arrays, constraints are "not before" rules over the commands issued so far. Slow and independent.
 */
import type { Request } from '../../src/model/dram/requestRules.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import type { Injection } from '../../src/model/schemas/requestRule.ts';

const COMMANDS = ['ACT', 'RD', 'WR', 'PRE', 'PREA', 'REF'] as const;
type Command = (typeof COMMANDS)[number];

interface Place {
  readonly channel: number;
  readonly group: number;
  readonly bank: number;
  readonly row: number;
  readonly burst: number;
}

interface Waiting extends Place {
  readonly isWrite: boolean;
  readonly arrival: number;
  readonly order: number;
  readonly port: number;
}

interface Logged {
  readonly command: Command;
  readonly cycle: number;
  readonly group: number;
  readonly bank: number;
}

export interface PlainResult {
  readonly cycles: number;
  readonly activates: number;
  readonly refreshes: number;
  readonly rowHits: number;
  readonly rowMisses: number;
  readonly avgReadLatency: number;
  readonly ports: readonly { readonly finishCycle: number }[];
}

/** Splits a burst number by the mapping string, least significant field last. */
function placeOf(spec: DramSpec, address: number): Place {
  const org = spec.organization;
  const sizes: Record<string, number> = {
    ro: org.rowsPerBank,
    ra: 1,
    bg: org.bankGroups,
    ba: org.banksPerGroup,
    ch: org.channels,
    co: org.accessesPerRow,
  };
  const total = Object.values(sizes).reduce((product, size) => product * size, 1);
  const burst = Math.floor(address / org.bytesPerAccess) % total;
  const fields: Record<string, number> = {};
  let rest = burst;
  for (let at = spec.mapping.length - 2; at >= 0; at -= 2) {
    const field = spec.mapping.slice(at, at + 2);
    fields[field] = rest % sizes[field]!;
    rest = Math.floor(rest / sizes[field]!);
  }
  const group = fields['bg']!;
  return { channel: fields['ch']!, group, bank: group * org.banksPerGroup + fields['ba']!, row: fields['ro']!, burst };
}

class PlainChannel {
  reads: Waiting[] = [];
  writes: Waiting[] = [];
  active: Waiting[] = [];
  activates = 0;
  refreshes = 0;
  rowHits = 0;
  rowMisses = 0;
  lastData = 0;
  readonly latencies: number[] = [];
  /** The latest command of each kind: of all, of each group, of each bank. Earlier ones forbid nothing more. */
  private readonly latest = new Map<string, Logged>();
  private readonly activateCycles: number[] = [];
  private readonly open = new Map<number, { row: number; isFresh: boolean }>();
  private isWriteMode = false;
  private hasBegun = false;
  private due = 0;
  private readonly spec: DramSpec;
  private readonly done: (request: Waiting, end: number) => void;

  constructor(spec: DramSpec, done: (request: Waiting, end: number) => void) {
    this.spec = spec;
    this.done = done;
  }

  isIdle(): boolean {
    return this.reads.length + this.writes.length + this.active.length === 0;
  }

  offer(request: Waiting): boolean {
    if (this.writes.some(({ burst }) => burst === request.burst)) {
      if (!request.isWrite) this.latencies.push(1);
      this.done(request, request.arrival + 1);
      return true;
    }
    const queue = request.isWrite ? this.writes : this.reads;
    if (queue.length === (request.isWrite ? this.spec.queues.write : this.spec.queues.read)) return false;
    queue.push(request);
    this.hasBegun = true;
    return true;
  }

  tick(c: number): void {
    const { REFI } = this.spec.timing;
    if (REFI > 0 && c > 0 && c % REFI === 0) this.due++;
    const hasRowBus = this.spec.commandBus === 'row and column';
    const ready = this.active
      .filter((request) => this.columnFrom(request) <= c)
      .sort((a, b) => a.arrival - b.arrival)[0];
    if (ready !== undefined) {
      this.active = this.active.filter((request) => request !== ready);
      this.column(ready, c);
      if (!hasRowBus) return;
    }
    if (this.due > 0) {
      this.refresh(c);
      return;
    }
    if (hasRowBus) {
      if (ready === undefined) this.serve(this.queue(), c, ['RD', 'WR']);
      this.serve(this.queue(), c, ['ACT', 'PRE']);
    } else {
      this.serve(this.queue(), c, ['RD', 'WR', 'ACT', 'PRE']);
    }
  }

  private queue(): Waiting[] {
    // The mode turns with arrivals and departures, so it has not turned before the first.
    const { write, drainAbove, drainBelow } = this.spec.queues;
    if (!this.hasBegun) return this.reads;
    const [reads, writes] = [this.reads.length, this.writes.length];
    if (!this.isWriteMode && (writes > drainAbove * write || reads === 0)) this.isWriteMode = true;
    else if (this.isWriteMode && writes < drainBelow * write && reads > 0) this.isWriteMode = false;
    return this.isWriteMode ? this.writes : this.reads;
  }

  /** The oldest request of the queue whose next command is one of these and ready issues it. */
  private serve(queue: Waiting[], c: number, commands: readonly Command[]): void {
    for (const request of queue) {
      const row = this.open.get(request.bank)?.row;
      const command = row === undefined ? 'ACT' : row === request.row ? (request.isWrite ? 'WR' : 'RD') : 'PRE';
      if (!commands.includes(command)) continue;
      if (command === 'PRE') {
        const isWanted =
          this.active.some(({ bank }) => bank === request.bank) ||
          queue.some((o) => o.bank === request.bank && o.row === row && o.arrival <= request.arrival);
        if (isWanted) continue;
      }
      if (this.from(command, request) > c) continue;
      if (command === 'PRE') {
        this.issue('PRE', c, request);
        this.open.delete(request.bank);
        return;
      }
      queue.splice(queue.indexOf(request), 1);
      if (command === 'ACT') {
        this.issue('ACT', c, request);
        this.activates++;
        this.open.set(request.bank, { row: request.row, isFresh: true });
        this.active.push(request);
      } else {
        this.column(request, c);
      }
      return;
    }
  }

  private refresh(c: number): void {
    const all = { group: -1, bank: -1 };
    if (this.open.size > 0) {
      if (this.active.length > 0 || this.from('PREA', all) > c) return;
      this.issue('PREA', c, all);
      this.open.clear();
    } else if (this.from('REF', all) <= c) {
      this.issue('REF', c, all);
      this.refreshes++;
      this.due--;
    }
  }

  private columnFrom(request: Waiting): number {
    return this.from(request.isWrite ? 'WR' : 'RD', request);
  }

  private column(request: Waiting, c: number): void {
    const { CL, CWL, burst } = this.spec.timing;
    const bank = this.open.get(request.bank)!;
    if (bank.isFresh) this.rowMisses++;
    else this.rowHits++;
    bank.isFresh = false;
    this.issue(request.isWrite ? 'WR' : 'RD', c, request);
    const end = c + (request.isWrite ? CWL : CL) + burst;
    this.lastData = Math.max(this.lastData, end);
    if (!request.isWrite) this.latencies.push(end - request.arrival);
    this.done(request, end);
  }

  private issue(command: Command, cycle: number, { group, bank }: { group: number; bank: number }): void {
    for (const scope of ['', `group ${group}`, `bank ${bank}`]) {
      this.latest.set(`${command} ${scope}`, { command, cycle, group, bank });
    }
    if (command === 'ACT') this.activateCycles.push(cycle);
  }

  /** The first cycle that no rule forbids, given every command so far. */
  private from(next: Command, at: { group: number; bank: number }): number {
    const fourthLast = this.activateCycles.at(-4);
    let from = next === 'ACT' && fourthLast !== undefined ? fourthLast + this.spec.timing.FAW : 0;
    for (const command of COMMANDS) {
      for (const scope of ['', `group ${at.group}`, `bank ${at.bank}`]) {
        const past = this.latest.get(`${command} ${scope}`);
        if (past === undefined) continue;
        const gap = this.gap(past, next, past.bank === at.bank, past.group === at.group);
        if (gap !== undefined) from = Math.max(from, past.cycle + gap);
      }
    }
    return from;
  }

  /** Cycles from a past command to the next one, by CONTROLLER's list; undefined where there is no rule. */
  private gap(past: Logged, next: Command, sameBank: boolean, sameGroup: boolean): number | undefined {
    const t = this.spec.timing;
    const hbm = this.spec.commandBus === 'row and column' ? 1 : 0;
    const [ccdS, ccdL] = [Math.max(t.CCD_S, t.burst), Math.max(t.CCD_L, t.burst)];
    const isRow = next === 'ACT' || next === 'PRE' || next === 'PREA' || next === 'REF';
    const bus = hbm === 1 && past.command === 'ACT' && isRow ? 2 : 0;
    const rule = (): number | undefined => {
      switch (past.command) {
        case 'RD':
          if (next === 'RD') return sameGroup ? Math.max(ccdS, ccdL) : ccdS;
          if (next === 'WR') return t.CL + t.burst + t.RTW - t.CWL;
          return (next === 'PRE' && sameBank) || next === 'PREA' ? t.RTP : undefined;
        case 'WR': {
          const data = t.CWL + t.burst;
          if (next === 'WR') return sameGroup ? Math.max(ccdS, ccdL) : ccdS;
          if (next === 'RD') return data + (sameGroup ? Math.max(t.WTR_S, t.WTR_L) : t.WTR_S);
          return (next === 'PRE' && sameBank) || next === 'PREA' ? data + t.WR : undefined;
        }
        case 'ACT':
          if (next === 'ACT') return Math.max(t.RRD_S, sameGroup ? t.RRD_L : 0, sameBank ? t.RC : 0);
          if (next === 'RD') return sameBank ? t.RCD_RD + hbm : undefined;
          if (next === 'WR') return sameBank ? t.RCD_WR + hbm : undefined;
          if (next === 'REF') return t.RC + hbm;
          return sameBank || next === 'PREA' ? t.RAS + hbm : undefined;
        case 'PRE':
          if (next === 'ACT') return sameBank ? t.RP - hbm : undefined;
          return next === 'REF' ? t.RP : undefined;
        case 'PREA':
          if (next === 'ACT') return t.RP - hbm;
          return next === 'REF' ? t.RP : undefined;
        case 'REF':
          if (next === 'ACT') return t.RFC - hbm;
          return next === 'PREA' ? t.RFC : undefined;
      }
    };
    const gap = rule();
    return gap === undefined && bus === 0 ? undefined : Math.max(gap ?? 0, bus);
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
  let order = 0;
  const grant = (cycle: number): boolean => {
    for (let tried = 1; tried <= fifos.length; tried++) {
      const fifo = (last + tried) % fifos.length;
      const head = fifos[fifo]![0];
      if (head === undefined || head.cycle > cycle) continue;
      const place = placeOf(spec, head.address);
      const request = { ...place, isWrite: head.isWrite, arrival: cycle, order: order++, port: head.port };
      if (!channels[place.channel]!.offer(request)) continue;
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
  const sum = (count: (channel: PlainChannel) => number): number =>
    channels.reduce((all, each) => all + count(each), 0);
  const latencies = channels.flatMap((channel) => channel.latencies);
  return {
    cycles: Math.max(...channels.map((channel) => channel.lastData)),
    activates: sum((channel) => channel.activates),
    refreshes: sum((channel) => channel.refreshes),
    rowHits: sum((channel) => channel.rowHits),
    rowMisses: sum((channel) => channel.rowMisses),
    avgReadLatency: latencies.length === 0 ? 0 : latencies.reduce((all, one) => all + one, 0) / latencies.length,
    ports: finish.map((finishCycle) => ({ finishCycle })),
  };
}
