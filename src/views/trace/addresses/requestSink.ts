/** What is told of the requests that the interfaces make of a banked memory. */
import type { Layer } from '../../../model/layers/layer.ts';
import type { InterfaceName } from '../../../model/machine/observer.ts';

/** A burst that the memory's controller has taken; the same object is filled again for the next one. */
export interface BurstRequest {
  /** In the memory's own clock. */
  memoryCycle: number;
  /** In the network's. */
  cycle: number;
  isWrite: boolean;
  /** Of its first byte. */
  address: number;
  bytes: number;
  interface: InterfaceName;
  /** `ofmap` for sums that are complete. */
  tensor: string;
  layer: Layer;
}

/** Takes requests in the order in which the controller has taken them; returns whether there was room. */
export type RequestSink = (request: BurstRequest) => boolean;
