/**
 * The J×K PE array at the grain of cycles, behind the port of the tile-grained one. A tile is one pass of T_n·T_oh·T_ow
 * ifmap vectors for each (oc-block, ic-block, kh, kw), each right behind the one before. All operands are 1, so that every
 * sum that leaves the array is known: J, one for each row.
 */
import type { EventQueue } from '../../engine/eventQueue.ts';
import { ceilDiv } from '../../layers/rounding.ts';
import type { SaStepShape } from '../../schedule/saSchedule.ts';
import type { Hardware } from '../../schemas/hardware.ts';
import type { MachineObserver } from '../observer.ts';
import type { PeArrayBuffers } from '../peArray.ts';
import type { ComputePort } from '../ports.ts';
import { createPeRegisters, type IfmapEntry, type PeRegisters, stepPeRegisters } from './peRegisters.ts';
import { SteppedUnit } from './steppedUnit.ts';

const FIRST_OF_PASS: IfmapEntry = { value: 1, startsPass: true };
const IN_PASS: IfmapEntry = { value: 1, startsPass: false };
const weightOne = (): number => 1;
const nameless = (): string => '';
const NOTHING = -1;

export class SteppedPeArray extends SteppedUnit implements ComputePort<SaStepShape> {
  private readonly buffers: PeArrayBuffers;
  private readonly registers: PeRegisters;
  private readonly entries: (IfmapEntry | undefined)[];
  /** Of each row and then each column the pass that is there, for who watches. */
  private readonly passes: Int32Array;
  /** Vectors whose sum has left each column. */
  private readonly arrived: number[];
  private tile: SaStepShape | undefined = undefined;
  private startsResult = false;
  private vectors = 0;
  private vectorsPerPass = 0;
  private passesPerBlock = 0;
  private weights = 0;
  private ifmaps = 0;
  private psumReads = 0;
  private psumWrites = 0;
  private biasReads = 0;

  constructor(queue: EventQueue, buffers: PeArrayBuffers, array: Hardware['array']) {
    super(queue);
    this.buffers = buffers;
    this.registers = createPeRegisters(array.rows, array.columns);
    this.entries = new Array<undefined>(array.rows).fill(undefined);
    this.arrived = new Array<number>(array.columns).fill(0);
    this.passes = new Int32Array(array.rows + array.columns);
  }

  /** Starts a tile on the free array; its figures are compared with those of the tile when it ends. */
  compute(tile: SaStepShape, startsResult: boolean): void {
    const { registers } = this;
    const { n, oh, ow, kh, kw, ic } = tile.sizes;
    this.tile = tile;
    this.startsResult = startsResult;
    this.vectors = tile.innerTiles;
    this.vectorsPerPass = n * oh * ow;
    this.passesPerBlock = kh * kw * ceilDiv(ic, registers.rows);
    this.weights = this.ifmaps = this.psumReads = this.psumWrites = this.biasReads = 0;
    this.arrived.fill(0);
    registers.shadow.fill(1);
    this.begin();
  }

  protected step(): void {
    const { registers, entries, arrived, vectors, vectorsPerPass } = this;
    const { rows, columns, holdsIfmap, psum } = registers;
    for (let row = 0; row < rows; row++) {
      // Each row is one cycle behind the row above.
      const vector = this.cycles - 1 - row;
      const isFed = vector >= 0 && vector < vectors;
      entries[row] = isFed ? (vector % vectorsPerPass === 0 ? FIRST_OF_PASS : IN_PASS) : undefined;
      if (isFed) this.ifmaps++;
    }
    const macs = stepPeRegisters(registers, entries, weightOne);
    this.weights += macs; // table III reads a weight for every MAC
    const bottom = (rows - 1) * columns;
    for (let column = 0; column < columns; column++) {
      if (holdsIfmap[bottom + column] === 0) continue;
      this.check('as the sum of a column of ones', psum[bottom + column]!, rows);
      this.add(column, arrived[column]!++);
    }
  }

  /** The adder below a column takes the sum of a vector: OBuf has one to add it to, or it begins from the bias. */
  private add(column: number, vector: number): void {
    const pass = Math.floor(vector / this.vectorsPerPass);
    const channel = Math.floor(pass / this.passesPerBlock) * this.registers.columns + column;
    // What fills a tile up to K columns has no bias; table III counts it as read.
    const begins = this.startsResult && pass % this.passesPerBlock === 0 && channel < this.tile!.sizes.oc;
    this.psumWrites++;
    if (begins) this.biasReads++;
    else this.psumReads++;
  }

  protected show(observer: MachineObserver, cycle: number): void {
    const { registers, passes, arrived, vectors, vectorsPerPass } = this;
    const { rows, columns, holdsIfmap } = registers;
    const passOf = (vector: number): number => Math.floor(vector / vectorsPerPass);
    for (let row = 0; row < rows; row++) {
      const vector = this.cycles - 1 - row;
      passes[row] = vector >= 0 && vector < vectors ? passOf(vector) : NOTHING;
    }
    const bottom = (rows - 1) * columns;
    for (let column = 0; column < columns; column++) {
      passes[rows + column] = holdsIfmap[bottom + column] === 1 ? passOf(arrived[column]! - 1) : NOTHING;
    }
    observer.unitStepped!(passes, cycle, nameless, this.place);
  }

  protected isOver(): boolean {
    return this.arrived.at(-1)! >= this.vectors;
  }

  protected checkTile(): void {
    const { buffers, startsResult } = this;
    const tile = this.tile!;
    const { elementBits: bits } = tile;
    const { wbuf, ibuf, obuf, bbuf } = buffers;
    const { computeCycles, wbufReadBits, ibufReadBits, obufBits, psumBits, bbufReadBits } = tile;
    const weightBits = this.weights * bits.weight;
    wbuf.readBits += weightBits;
    ibuf.readBits += this.ifmaps * bits.ifmap;
    obuf.readBits += this.psumReads * bits.psum;
    obuf.writtenBits += this.psumWrites * bits.psum;
    bbuf.readBits += this.biasReads * bits.bias;
    this.check('cycles', this.cycles, computeCycles);
    this.check('bits read from WBuf', weightBits, wbufReadBits);
    this.check('bits read from IBuf', this.ifmaps * bits.ifmap, ibufReadBits);
    this.check('bits written to OBuf', this.psumWrites * bits.psum, obufBits);
    this.check('bits read from OBuf', this.psumReads * bits.psum, startsResult ? obufBits - psumBits : obufBits);
    this.check('bits read from BBuf', this.biasReads * bits.bias, startsResult ? bbufReadBits : 0);
  }
}
