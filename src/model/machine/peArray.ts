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
  private readonly buffers: PeArrayBuffers;

  constructor(queue: EventQueue, buffers: PeArrayBuffers) {
    super(queue);
    this.buffers = buffers;
  }

  /**
   * Starts a tile on the free array. Table III: J·K weights and J ifmap elements are read a cycle, K psums read and
   * written, except that a new psum is not read: it starts from its bias.
   */
  compute(tile: SaStepShape, startsResult: boolean): void {
    const { wbuf, ibuf, bbuf, obuf } = this.buffers;
    wbuf.readBits += tile.wbufReadBits;
    ibuf.readBits += tile.ibufReadBits;
    obuf.writtenBits += tile.obufBits;
    if (startsResult) {
      obuf.readBits += tile.obufBits - tile.psumBits;
      bbuf.readBits += tile.bbufReadBits;
    } else {
      obuf.readBits += tile.obufBits;
    }
    this.begin(tile.computeCycles);
  }
}
