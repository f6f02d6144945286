import { describe, expect, it } from 'vitest';
import type { DramChannel } from '../../src/model/dram/channel.ts';
import { ISSUED } from '../../src/model/dram/commandTable.ts';
import { openChannel } from '../../src/model/dram/openChannel.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import { DRAM_PRESETS, dramPreset } from '../support/dram.ts';

/** A channel of a memory with what it has done: `cycle command` lines, and the ends of data by tag. */
class Watched {
  readonly commands: string[] = [];
  readonly ends = new Map<number, number>();
  readonly channel: DramChannel;
  private requests = 0;

  constructor(spec: DramSpec) {
    this.channel = openChannel(spec, { dataScheduled: (_, _port, tag, _isWrite, end) => this.ends.set(tag, end) });
  }

  /** Offers a request whose access is `row · 64 + column`; its tag is how many came before it. */
  offer(kind: 'R' | 'W', cycle: number, bank: number, row: number, column = 0): boolean {
    const access = (bank << 20) + row * 64 + column;
    return this.channel.offer(kind === 'W', access, bank, row, 0, this.requests++, cycle);
  }

  /** Looks wherever the channel wants to, up to and including `until`. */
  run(until: number): this {
    while (this.channel.wake <= until) {
      const cycle = this.channel.wake;
      const before = this.channel.issued.slice();
      this.channel.look(cycle);
      for (const [place, name] of ISSUED.entries()) {
        if (this.channel.issued[place]! > before[place]!) this.commands.push(`${cycle} ${name}`);
      }
    }
    return this;
  }
}

const hbm2 = dramPreset('HBM2', 1);

describe('an HBM2 channel', () => {
  it('opens a row, reads it and reads it again', () => {
    const watched = new Watched(hbm2);
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 0, 5, 1);
    // The first command a cycle after the offer; RD RCD (14) after the second of ACT's two cycles; the next CCD_L (2) on.
    expect(watched.run(100).commands).toEqual(['1 ACT', '16 RD', '18 RD']);
    // Data ends CL + burst = 16 after its RD.
    expect([...watched.ends]).toEqual([
      [0, 32],
      [1, 34],
    ]);
    expect([watched.channel.rowMisses, watched.channel.rowHits]).toEqual([1, 1]);
    expect(watched.channel.readLatencyCycles).toBe(32 + 34);
  });

  it('closes a row for another, no sooner than RAS', () => {
    const watched = new Watched(hbm2);
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 0, 6);
    // PRE RAS (34) after ACT's second cycle; the next ACT's second cycle RP (14) after it; then as above.
    expect(watched.run(100).commands).toEqual(['1 ACT', '16 RD', '36 PREpb', '49 ACT', '64 RD']);
  });

  it('issues a row command and a column command in one cycle', () => {
    const watched = new Watched(hbm2);
    watched.offer('R', 0, 0, 5);
    watched.run(15);
    // Bank 4 is in the next group: its ACT comes in the cycle of the first RD.
    watched.offer('R', 15, 4, 5);
    expect(watched.run(100).commands).toEqual(['1 ACT', '16 ACT', '16 RD', '31 RD']);
  });

  it('refuses the 33rd read and says when there is room', () => {
    const { channel } = new Watched(hbm2);
    const offers = Array.from({ length: 33 }, (_, column) => channel.offer(false, column, 0, 5, 0, column, 0));
    expect(offers).toEqual([...Array<boolean>(32).fill(true), false]);
    expect([channel.hasRoom(false), channel.hasRoom(true)]).toEqual([false, true]);
    // The request whose row is opened leaves the queue.
    expect(channel.look(1)).toBe(true);
    expect(channel.hasRoom(false)).toBe(true);
    // Nothing can follow before cycle 16.
    expect([channel.look(2), channel.wake]).toEqual([false, 16]);
  });

  it('answers a read from a waiting write, and takes in another write of its access', () => {
    const watched = new Watched(hbm2);
    for (let column = 0; column < 3; column++) watched.offer('R', 0, 0, 5, column);
    watched.offer('W', 0, 8, 7);
    watched.offer('R', 4, 8, 7);
    watched.offer('W', 5, 8, 7);
    expect([...watched.ends]).toEqual([
      [4, 5],
      [5, 6],
    ]);
    watched.run(200);
    expect([watched.channel.issued[ISSUED.indexOf('WR')], watched.channel.reads]).toEqual([1, 4]);
  });

  it('refreshes after REFI cycles: precharges all banks, and lets nothing start', () => {
    const watched = new Watched(hbm2);
    watched.offer('R', 0, 0, 5);
    watched.run(3900);
    watched.offer('R', 3900, 0, 5, 1);
    // REF RP (14) after PREA, and the second cycle of an ACT RFC (260) after REF.
    expect(watched.run(4200).commands.slice(2)).toEqual(['3900 PREab', '3914 REFab', '4173 ACT', '4188 RD']);
    expect(watched.ends.get(1)).toBe(4204);
  });

  it('drains writes once more than 0.8 of their queue is taken, until less than 0.2 is', () => {
    const watched = new Watched(hbm2);
    const { channel } = watched;
    // Reads and writes of one row each, in banks of two groups. The rows are open first.
    watched.offer('R', 0, 0, 5);
    watched.offer('W', 0, 4, 6);
    watched.run(60);
    for (let column = 1; column <= 26; column++) watched.offer('W', 60, 4, 6, column);
    for (let column = 1; column <= 8; column++) watched.offer('R', 60, 0, 5, column);
    watched.run(160);
    const order = watched.commands.filter((line) => / RD| WR/.test(line)).map((line) => line.split(' ')[1]);
    // 26 of 32 waiting writes are more than 25.6: they go until 6 are left, which is less than 6.4; then the reads, then
    // the rest.
    const drained = [...Array<string>(20).fill('WR'), ...Array<string>(8).fill('RD'), ...Array<string>(6).fill('WR')];
    expect(order.slice(2)).toEqual(drained);
    expect(channel.isIdle()).toBe(true);
  });
});

describe('the bursts of a channel', () => {
  const none = { busBursts: 0, forwarded: 0, rowHits: 0, rowMisses: 0, rowConflicts: 0, turnarounds: 0 };

  it('hit a row, or find their bank closed, or another row in it', () => {
    const watched = new Watched(hbm2);
    // Bank 0: a miss, a hit on its row, and another row, for which that is closed. Bank 4: a miss and two hits.
    for (const [bank, row, column] of [
      [0, 5, 0],
      [0, 5, 1],
      [0, 6, 0],
      [4, 5, 0],
      [4, 5, 1],
      [4, 5, 2],
    ] as const)
      watched.offer('R', 0, bank, row, column);
    const { channel } = watched.run(200);
    expect(channel.bursts.traffic(0)).toEqual({
      read: { ...none, busBursts: 6, rowHits: 3, rowMisses: 3, rowConflicts: 1 },
      write: none,
    });
    expect([channel.rowHits, channel.rowMisses, channel.activates]).toEqual([3, 3, 3]);
  });

  it('find no other row in a bank that a refresh has closed', () => {
    const watched = new Watched(hbm2);
    watched.offer('R', 0, 0, 5);
    watched.run(4200);
    watched.offer('R', 4200, 0, 6);
    const { read } = watched.run(4400).channel.bursts.traffic(0);
    expect(read).toEqual({ ...none, busBursts: 2, rowMisses: 2 });
  });

  it('turn the bus where one goes the other way than the one before', () => {
    const watched = new Watched(hbm2);
    // One by one: R R W R, then a write that the one before it absorbs.
    watched.offer('R', 0, 0, 5);
    watched.run(60).offer('R', 60, 0, 5, 1);
    watched.run(120).offer('W', 120, 0, 5, 2);
    watched.run(180).offer('R', 180, 0, 5, 3);
    watched.run(240).offer('W', 240, 0, 5, 4);
    watched.offer('W', 240, 0, 5, 4);
    const { read, write } = watched.run(300).channel.bursts.traffic(0);
    expect(read).toEqual({ ...none, busBursts: 3, rowHits: 2, rowMisses: 1, turnarounds: 1 });
    expect(write).toEqual({ ...none, busBursts: 2, forwarded: 1, rowHits: 2, turnarounds: 2 });
  });

  it('turn a data bus of HBM3, which has one for each pseudo channel', () => {
    const hbm3 = dramPreset('HBM3-6400', 1);
    const { ranks, stacks, bankGroups, banksPerGroup } = hbm3.organization;
    const watched = new Watched(hbm3);
    watched.offer('R', 0, 0, 5);
    watched.run(200).offer('W', 200, ranks * stacks * bankGroups * banksPerGroup, 5);
    watched.run(400).offer('W', 400, 0, 5, 1);
    const { read, write } = watched.run(600).channel.bursts.traffic(0);
    expect([read.turnarounds, write.turnarounds]).toEqual([0, 1]);
  });
});

describe('ranks', () => {
  const ddr4 = dramPreset('DDR4-2400', 1);
  const twoRanks: DramSpec = { ...ddr4, organization: { ...ddr4.organization, ranks: 2 } };

  it('take turns on the data bus a burst and CS cycles apart', () => {
    const watched = new Watched(twoRanks);
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 16, 5);
    // Nothing but the command bus keeps their ACTs apart. RD 17 after ACT; on the other rank burst + CS = 6 after that.
    expect(watched.run(100).commands).toEqual(['1 ACT', '2 ACT', '18 RD', '24 RD']);
  });

  it('are refreshed one after the other, and only a rank with open rows is precharged', () => {
    const watched = new Watched(twoRanks);
    watched.offer('R', 0, 16, 5);
    watched.run(twoRanks.timing.REFI! + 100);
    // Rank 0 has none: it is refreshed at once. Rank 1 is RP (17) after its PREA.
    expect(watched.commands.slice(2)).toEqual(['9360 REFab', '9361 PREab', '9378 REFab']);
  });
});

describe('a DDR5 channel', () => {
  it('takes two cycles for ACT and RD, and counts from the second', () => {
    const watched = new Watched(dramPreset('DDR5-4800B', 1));
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 4, 5);
    // RRD_S 8 between ACTs of two groups, RCD 36 to each RD; CL + burst = 44 to the end of data.
    expect(watched.run(100).commands).toEqual(['1 ACT', '9 ACT', '37 RD', '45 RD']);
    expect([...watched.ends.values()]).toEqual([81, 89]);
  });
});

describe('a GDDR6 channel', () => {
  it('waits RCD_WR for a write, RCD_RD for a read, and CL + 1 from the one to the other way', () => {
    const watched = new Watched(dramPreset('GDDR6-14000', 1));
    watched.offer('R', 0, 0, 5);
    watched.run(28);
    watched.offer('W', 28, 0, 5, 1);
    // RCD_RD 27; RTW is CL + 1 = 25, whatever CWL is.
    expect(watched.run(100).commands).toEqual(['1 ACT', '28 RD', '53 WR']);
  });
});

describe('an LPDDR5 channel', () => {
  const lpddr5 = dramPreset('LPDDR5-6400', 1);

  it('opens a row by two commands and starts the data clock before the first read', () => {
    const watched = new Watched(lpddr5);
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 0, 5, 1);
    // RCD (15) counts from ACT-1. The RD follows its CAS; the next one CCD_L (4) later finds the clock running.
    expect(watched.run(30).commands).toEqual(['1 ACT', '2 ACT2', '16 CAS_RD', '17 RD', '21 RD']);
    // CL + burst = 19.
    expect([...watched.ends.values()]).toEqual([36, 40]);
    // It stops WCKPST (1) after the data of the second: 21 + 17 + 2 + 1 = 41.
    watched.run(39);
    watched.offer('R', 39, 0, 5, 2);
    watched.run(59);
    watched.offer('R', 59, 0, 5, 3);
    expect(watched.run(100).commands.slice(5)).toEqual(['40 RD', '60 CAS_RD', '61 RD']);
  });

  it('needs no CAS where the clock is always on', () => {
    const watched = new Watched({ ...lpddr5, dataClock: 'always on' });
    watched.offer('R', 0, 0, 5);
    expect(watched.run(30).commands).toEqual(['1 ACT', '2 ACT2', '16 RD']);
  });

  it('refreshes its banks in turn, closing each before, while others stay open', () => {
    const watched = new Watched({ ...lpddr5, refresh: 'per-bank' });
    watched.offer('R', 300, 0, 5);
    watched.offer('R', 300, 3, 5);
    watched.run(391 + 391 + 391 + 391 + 50);
    // Bank 0 at REFIpb (391): PRE, then RP (15). Banks 1 and 2 are closed; bank 3 again.
    expect(watched.commands.slice(watched.commands.indexOf('391 PREpb'))).toEqual([
      '391 PREpb',
      '406 REFpb',
      '782 REFpb',
      '1173 REFpb',
      '1564 PREpb',
      '1579 REFpb',
    ]);
  });
});

describe('an HBM3 channel', () => {
  const hbm3 = dramPreset('HBM3-6400', 1);

  it('issues all but precharges in odd ticks', () => {
    const watched = new Watched(hbm3);
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 0, 6);
    // RD 63 ticks after ACT would be 64: 65. PRE 92 after ACT; ACT not 50 after PRE but RC, 144, after ACT; RD 208: 209.
    expect(watched.run(250).commands).toEqual(['1 ACT', '65 RD', '93 PREpb', '145 ACT', '209 RD']);
    expect(watched.ends.get(0)).toBe(65 + 44);
  });

  it('precharges in even ticks too, on the other pseudo channel beside an ACT', () => {
    const watched = new Watched(hbm3);
    // Bank 32 is the first of the other pseudo channel. Its row is to be closed while bank 0's is opened.
    watched.offer('R', 0, 32, 5);
    watched.run(100);
    watched.offer('R', 100, 0, 5);
    watched.offer('R', 101, 32, 6);
    // ACT at 101 takes the row bus for three ticks: PRE at 104, an even one.
    expect(watched.run(110).commands.slice(2)).toEqual(['101 ACT', '104 PREpb']);
  });

  it('keeps a precharge of the same bank out of the tick that is paired with its ACT', () => {
    // So quick a memory that a row could be closed three ticks after it was opened.
    const timing = { ...hbm3.timing, RCD_RD: 1, RAS: 1, RTP: 0, RC: 1, RP: 2, PPD: 1 };
    const watched = new Watched({ ...hbm3, timing });
    watched.offer('R', 0, 0, 5);
    watched.offer('R', 0, 0, 6);
    // RD in tick 3; the row could be closed in tick 4, but that is paired with its own ACT, of ticks 1 to 3.
    expect(watched.run(6).commands).toEqual(['1 ACT', '3 RD', '5 PREpb']);
  });

  it('refreshes one pseudo channel after the other, and closes rows of the second in the tick behind the first', () => {
    const watched = new Watched(hbm3);
    watched.offer('R', 0, 32, 5);
    // REFI is 12,480: the first odd tick is 12,481. REF RP (52) after PREab would be 12,534: 12,535.
    expect(watched.run(12_600).commands.slice(2)).toEqual(['12481 REFab', '12482 PREab', '12535 REFab']);
  });

  it('refreshes one bank of each pseudo channel, a tick apart', () => {
    const watched = new Watched({ ...hbm3, refresh: 'per-bank' });
    watched.run(790);
    // Due at 390 and 391: the first tick that is odd, then the next. RREFD holds within a pseudo channel only.
    expect(watched.commands).toEqual(['391 REFpb', '393 REFpb', '781 REFpb', '783 REFpb']);
  });
});

describe('idle time', () => {
  const late = 10_000_000;

  it.each(DRAM_PRESETS)(
    'is jumped over with every refresh counted, and what comes then is as if it had been played: %s',
    (name) => {
      const preset = dramPreset(name, 1);
      const modes = preset.timing.REFIpb === undefined ? (['all-bank'] as const) : (['all-bank', 'per-bank'] as const);
      for (const refresh of modes) {
        const spec: DramSpec = { ...preset, refresh };
        const [jumping, playing] = [new Watched(spec), new Watched(spec)];
        for (const watched of [jumping, playing]) watched.offer('R', 0, 0, 5);
        jumping.channel.rest(late + 1);
        playing.run(late);
        expect(jumping.channel.issued).toEqual(playing.channel.issued);
        expect(jumping.channel.wake).toBe(playing.channel.wake);
        for (const watched of [jumping, playing]) {
          watched.offer('W', late, 3, 5);
          watched.run(late + 20_000);
        }
        expect(jumping.channel.lastDataEnd).toBe(playing.channel.lastDataEnd);
        expect(jumping.channel.issued).toEqual(playing.channel.issued);
      }
    },
  );

  it('of a thousand thousand million cycles holds as many refreshes as REFI fits into it', () => {
    const { channel } = new Watched(hbm2);
    channel.rest(1e12);
    expect(channel.refreshes).toBe(Math.floor((1e12 - 1) / 3900));
  });
});
