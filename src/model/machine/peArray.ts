/** The J×K PE array at the grain of tiles: how long one takes, and what it reads and writes meanwhile. */
import type { EventQueue } from '../engine/eventQueue.ts';
import type { SaStepShape } from '../schedule/saSchedule.ts';
import { ComputeUnit } from './computeUnit.ts';
import type { ComputePort } from './ports.ts';
import type { TileSram } from './tileSram.ts';

/** The buffers that the array reads from and, of OBuf, writes to. */
export interface PeArrayBuffers {
  readonly wbuf: TileSram;
  readonly ibuf: TileSram;
  readonly bbuf: TileSram;
  readonly obuf: TileSram;
}

/** Computes a tile in T_oh·T_ow·T_n·T_kh·T_kw·⌈T_ic/J⌉·⌈T_oc/K⌉ + (J−1) + (K−1) cycles (eqs 15 and 16). */
export class PeArray extends ComputeUnit implements ComputePort<SaStepShape> {
  private readonly wbuf: TileSram;
  private readonly ibuf: TileSram;
  private readonly bbuf: TileSram;
  private readonly obuf: TileSram;

  constructor(queue: EventQueue, { wbuf, ibuf, bbuf, obuf }: PeArrayBuffers) {
    super(queue);
    this.wbuf = wbuf;
    this.ibuf = ibuf;
    this.bbuf = bbuf;
    this.obuf = obuf;
  }

  /**
   * Starts a tile on the free array. Table III: J·K weights and J ifmap elements are read a cycle, K psums read and
   * written, except that a new psum is not read: it starts from its bias.
   */
  compute(tile: SaStepShape, startsResult: boolean): void {
    const { obuf } = this;
    this.wbuf.readBits += tile.wbufReadBits;
    this.ibuf.readBits += tile.ibufReadBits;
    obuf.writtenBits += tile.obufBits;
    if (startsResult) {
      obuf.readBits += tile.obufBits - tile.psumBits;
      this.bbuf.readBits += tile.bbufReadBits;
    } else {
      obuf.readBits += tile.obufBits;
    }
    this.begin(tile.computeCycles);
  }
}
