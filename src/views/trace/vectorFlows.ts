/**
 * The arrows of per-channel vectors on the SIMD array. A part without instructions only moves them: what it loads is
 * for the next step that computes, what it stores was made in an earlier part.
 */
import type { Flow } from './slice.ts';

type FlowEnd = Flow['from'];

export class VectorFlows {
  private loads: FlowEnd[] = [];
  /** Per part its latest compute, where that was taken. */
  private computes: (FlowEnd | undefined)[] = [];

  /** A step without instructions has loaded these. */
  loaded(loads: readonly FlowEnd[]): void {
    this.loads.push(...loads);
  }

  /** A step of a part has computed; returns the loads of steps before it that it is the first to use. */
  computed(part: number, compute: FlowEnd | undefined): readonly FlowEnd[] {
    const { loads } = this;
    this.loads = [];
    this.computes[part] = compute;
    return loads;
  }

  /** The latest compute of a part, which has made what a later part stores. */
  latestOf(part: number): FlowEnd | undefined {
    return this.computes[part];
  }

  /** The layer is over. */
  clear(): void {
    this.loads = [];
    this.computes = [];
  }
}
