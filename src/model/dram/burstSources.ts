/** Who asks a memory for bursts: its ports, or a port for one of the tensors that it moves; and what became of each one's. */
import { type AskedTraffic, BurstCounts, READS, WRITES } from './burstCounts.ts';

/** A source of bursts. */
export interface BurstSource {
  readonly port: number;
  /** Undefined for bursts that are no tensor's. */
  readonly tensor: string | undefined;
}

export class BurstSources {
  /** By number: the ports themselves first, as they are numbered. */
  readonly all: BurstSource[];
  /** The port of each. */
  readonly portOf: number[];
  /** What has become of their bursts. */
  readonly counts: BurstCounts;
  /** By kind: bits that were asked for, of which the bursts that touch them are made. */
  private readonly askedBits: number[];

  constructor(ports: number, hasLatencies: boolean) {
    this.portOf = Array.from({ length: ports }, (_, port) => port);
    this.all = this.portOf.map((port) => ({ port, tensor: undefined }));
    this.counts = new BurstCounts(2 * ports, hasLatencies);
    this.askedBits = new Array<number>(2 * ports).fill(0);
  }

  /** The number of a port's bursts for a tensor. */
  numberOf(port: number, tensor: string): number {
    const known = this.all.findIndex((source) => source.port === port && source.tensor === tensor);
    if (known >= 0) return known;
    this.all.push({ port, tensor });
    this.portOf.push(port);
    this.counts.grow(2 * this.all.length);
    this.askedBits.push(0, 0);
    return this.all.length - 1;
  }

  /** So many bits are asked for. */
  ask(source: number, isWrite: boolean, bits: number): void {
    this.askedBits[2 * source + (isWrite ? WRITES : READS)]! += bits;
  }

  /** What a source has asked for, and what has become of its bursts. */
  asked(source: number): AskedTraffic {
    const [read, write] = [this.askedBits[2 * source + READS]!, this.askedBits[2 * source + WRITES]!];
    return {
      ...this.counts.traffic(source),
      askedBits: { read, write },
      latencies: this.counts.latenciesOf(source),
    };
  }
}
