/**
 * The timing constraints of one channel as "earliest cycle" numbers per bank, bank group and rank, raised when a
 * command issues. Commands name the JEDEC parameters that they obey. One rank.
 */
import type { DramSpec } from '../schemas/dram.ts';

/** No row is open. */
export const CLOSED = -1;

export class BankTiming {
  /** Per bank: the open row, or CLOSED. */
  readonly openRow: Int32Array;
  openRows = 0;

  private readonly t: DramSpec['timing'];
  /** Per bank: its group. */
  readonly group: Uint8Array;
  /** HBM's ACT takes the row bus for two cycles and counts from the first, so what follows it comes one later. */
  private readonly afterActivate: number;
  private readonly rowBusCycles: number;

  readonly bankActivate: Float64Array;
  readonly bankRead: Float64Array;
  readonly bankWrite: Float64Array;
  readonly bankPrecharge: Float64Array;
  readonly groupActivate: Float64Array;
  readonly groupRead: Float64Array;
  readonly groupWrite: Float64Array;
  rankActivate = 0;
  /** Earliest read and write on the rank, whatever the bank. */
  rankRead = 0;
  rankWrite = 0;
  private rankPrechargeAll = 0;
  private rankRefresh = 0;
  rowBus = 0;
  /** Cycles of the last four ACTs, a ring, and where its oldest is. */
  private readonly activates = new Float64Array(4).fill(Number.NEGATIVE_INFINITY);
  private oldestActivate = 0;

  constructor(spec: DramSpec) {
    const { organization: org, timing, commandBus } = spec;
    const banks = org.bankGroups * org.banksPerGroup;
    const hasRowBus = commandBus === 'row and column';
    this.t = { ...timing, CCD_S: Math.max(timing.CCD_S, timing.burst), CCD_L: Math.max(timing.CCD_L, timing.burst) };
    this.group = Uint8Array.from({ length: banks }, (_, bank) => bank / org.banksPerGroup);
    this.afterActivate = hasRowBus ? 1 : 0;
    this.rowBusCycles = hasRowBus ? 2 : 1;
    this.openRow = new Int32Array(banks).fill(CLOSED);
    this.bankActivate = new Float64Array(banks);
    this.bankRead = new Float64Array(banks);
    this.bankWrite = new Float64Array(banks);
    this.bankPrecharge = new Float64Array(banks);
    this.groupActivate = new Float64Array(org.bankGroups);
    this.groupRead = new Float64Array(org.bankGroups);
    this.groupWrite = new Float64Array(org.bankGroups);
  }

  /** Earliest cycle for a command, by what has issued so far. */
  prechargeAllFrom(): number {
    return Math.max(this.rankPrechargeAll, this.rowBus);
  }

  refreshFrom(): number {
    return Math.max(this.rankRefresh, this.rowBus);
  }

  /** Issues RD in cycle `c`; returns the end of its data. */
  read(bank: number, c: number): number {
    const { t } = this;
    const group = this.group[bank]!;
    this.rankRead = Math.max(this.rankRead, c + t.CCD_S);
    this.groupRead[group] = Math.max(this.groupRead[group]!, c + t.CCD_L);
    this.rankWrite = Math.max(this.rankWrite, c + t.CL + t.burst + t.RTW - t.CWL);
    this.mayPrecharge(bank, c + t.RTP);
    return c + t.CL + t.burst;
  }

  /** Issues WR in cycle `c`; returns the end of its data. */
  write(bank: number, c: number): number {
    const { t } = this;
    const group = this.group[bank]!;
    const end = c + t.CWL + t.burst;
    this.rankWrite = Math.max(this.rankWrite, c + t.CCD_S);
    this.groupWrite[group] = Math.max(this.groupWrite[group]!, c + t.CCD_L);
    this.rankRead = Math.max(this.rankRead, end + t.WTR_S);
    this.groupRead[group] = Math.max(this.groupRead[group]!, end + t.WTR_L);
    this.mayPrecharge(bank, end + t.WR);
    return end;
  }

  /** Issues ACT in cycle `c`: opens the row. */
  activate(bank: number, row: number, c: number): void {
    const { t } = this;
    const group = this.group[bank]!;
    const late = c + this.afterActivate;
    this.openRow[bank] = row;
    this.openRows++;
    this.activates[this.oldestActivate] = c;
    this.oldestActivate = (this.oldestActivate + 1) % this.activates.length;
    this.rankActivate = Math.max(this.rankActivate, c + t.RRD_S, this.activates[this.oldestActivate]! + t.FAW);
    this.groupActivate[group] = Math.max(this.groupActivate[group]!, c + t.RRD_L);
    this.bankActivate[bank] = Math.max(this.bankActivate[bank]!, c + t.RC);
    this.bankRead[bank] = Math.max(this.bankRead[bank]!, late + t.RCD_RD);
    this.bankWrite[bank] = Math.max(this.bankWrite[bank]!, late + t.RCD_WR);
    this.mayPrecharge(bank, late + t.RAS);
    this.rankRefresh = Math.max(this.rankRefresh, late + t.RC);
    this.rowBus = c + this.rowBusCycles;
  }

  /** Issues PRE in cycle `c`: closes the row. */
  precharge(bank: number, c: number): void {
    const { RP } = this.t;
    this.openRow[bank] = CLOSED;
    this.openRows--;
    this.bankActivate[bank] = Math.max(this.bankActivate[bank]!, c + RP - this.afterActivate);
    this.rankRefresh = Math.max(this.rankRefresh, c + RP);
  }

  /** Issues PREA in cycle `c`: closes all rows. */
  prechargeAll(c: number): void {
    const { RP } = this.t;
    this.openRow.fill(CLOSED);
    this.openRows = 0;
    this.rankActivate = Math.max(this.rankActivate, c + RP - this.afterActivate);
    this.rankRefresh = Math.max(this.rankRefresh, c + RP);
  }

  /** Issues REF in cycle `c`; all rows must be closed. */
  refresh(c: number): void {
    const { RFC } = this.t;
    this.rankActivate = Math.max(this.rankActivate, c + RFC - this.afterActivate);
    this.rankPrechargeAll = Math.max(this.rankPrechargeAll, c + RFC);
  }

  private mayPrecharge(bank: number, from: number): void {
    this.bankPrecharge[bank] = Math.max(this.bankPrecharge[bank]!, from);
    this.rankPrechargeAll = Math.max(this.rankPrechargeAll, from);
  }
}
