/** A port of which every burst that the controller takes is told: only where somebody records them. */
import { MemoryPort, type TransferListener } from './memoryPort.ts';

export class RecordedPort extends MemoryPort {
  private readonly taken: (port: MemoryPort, cycle: number) => void;

  /** `taken` is told of the port's current burst and the memory cycle in which the controller takes it. */
  constructor(
    burstBytes: number,
    linkCycles: number,
    busCycles: number,
    listener: TransferListener,
    taken: (port: MemoryPort, cycle: number) => void,
  ) {
    super(burstBytes, linkCycles, busCycles, listener);
    this.taken = taken;
  }

  override accept(cycle: number): void {
    this.taken(this, cycle);
    super.accept(cycle);
  }
}
