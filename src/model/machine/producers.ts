/**
 * What a layer waits for before it may load a tensor: the layers of the same program that make it. Where layers run one
 * after another there are none, and every tensor is in DRAM from the beginning.
 */

/** Asks for what has waited; `cycle` is when the last store of the last producer ended. */
export type HeldRequest = (cycle: number) => void;

interface Tensor {
  unfinished: number;
  /** When the last producer had stored its last tile; 0 if there is none. */
  doneCycle: number;
}

export class Producers {
  /** Of a layer that runs alone. */
  static readonly NONE = new Producers();

  private readonly tensors = new Map<string, Tensor>();
  /** Nothing of this layer is made in the program. */
  readonly hasNone: boolean;
  /** In the order in which their slots were granted. */
  private waiting: { readonly tensor: string; readonly request: HeldRequest }[] = [];

  /** `counts`: per tensor, by its role in the operation, how many layers make it. */
  constructor(counts: Readonly<Record<string, number>> = {}) {
    for (const [tensor, unfinished] of Object.entries(counts)) {
      if (unfinished > 0) this.tensors.set(tensor, { unfinished, doneCycle: 0 });
    }
    this.hasNone = this.tensors.size === 0;
  }

  /** Whether all who make a tensor have stored their last tile. */
  areDone(tensor: string): boolean {
    return this.hasNone || (this.tensors.get(tensor)?.unfinished ?? 0) === 0;
  }

  /** When the tensor was complete in DRAM; 0 if nobody in the program makes it. */
  doneCycle(tensor: string): number {
    return this.hasNone ? 0 : (this.tensors.get(tensor)?.doneCycle ?? 0);
  }

  /** Keeps a request until all who make the tensor are done. */
  whenDone(tensor: string, request: HeldRequest): void {
    this.waiting.push({ tensor, request });
  }

  /** One of those who make these tensors has stored its last tile; what has waited for that is asked for, in order. */
  finish(tensors: readonly string[], cycle: number): void {
    for (const tensor of tensors) {
      const entry = this.tensors.get(tensor)!;
      if (--entry.unfinished === 0) entry.doneCycle = cycle;
    }
    const ready = this.waiting.filter(({ tensor }) => this.areDone(tensor));
    this.waiting = this.waiting.filter(({ tensor }) => !this.areDone(tensor));
    for (const { request } of ready) request(cycle);
  }
}
