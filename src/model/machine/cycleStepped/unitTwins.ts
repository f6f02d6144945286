/** A unit at two grains behind one port: tile by tile as a rule, cycle by cycle for the layers that are to be looked into. */
import type { StateList } from '../../engine/stateList.ts';
import type { Layer } from '../../layers/layer.ts';
import type { MachineObserver } from '../observer.ts';
import type { ComputeClient, ComputePort } from '../ports.ts';

/** A unit that shows its cycles to whoever watches. */
export interface WatchedPort<Tile> extends ComputePort<Tile> {
  observer: MachineObserver | undefined;
  /** Of the layer in its program. */
  place: number;
}

/** Hands tiles to one of two units that take the same time for them and read and write as much. */
export class UnitTwins<Tile> implements ComputePort<Tile> {
  private readonly tileGrained: ComputePort<Tile>;
  private readonly cycleStepped: WatchedPort<Tile>;
  private readonly isChosen: (layer: Layer) => boolean;
  /** Whether tiles are computed cycle by cycle from now on. */
  private isCycleStepped = false;

  /** `isChosen`: which layers are stepped cycle by cycle, a fused group's side with any of its layers. */
  constructor(tileGrained: ComputePort<Tile>, cycleStepped: WatchedPort<Tile>, isChosen: (layer: Layer) => boolean) {
    this.tileGrained = tileGrained;
    this.cycleStepped = cycleStepped;
    this.isChosen = isChosen;
  }

  /** Who watches its cycles, if anybody. */
  set observer(observer: MachineObserver | undefined) {
    this.cycleStepped.observer = observer;
  }

  get isBusy(): boolean {
    return this.tileGrained.isBusy || this.cycleStepped.isBusy;
  }

  get busyCycles(): number {
    return this.tileGrained.busyCycles + this.cycleStepped.busyCycles;
  }

  get tiles(): number {
    return this.tileGrained.tiles + this.cycleStepped.tiles;
  }

  attach(client: ComputeClient): void {
    this.tileGrained.attach(client);
    this.cycleStepped.attach(client);
  }

  turnTo(layers: readonly Layer[], place: number): void {
    this.isCycleStepped = layers.some(this.isChosen);
    this.cycleStepped.place = place;
  }

  compute(tile: Tile, startsResult: boolean): void {
    (this.isCycleStepped ? this.cycleStepped : this.tileGrained).compute(tile, startsResult);
  }

  /** Stretches are jumped over tile by tile only: the other twin is idle then. */
  listState(state: StateList): void {
    this.tileGrained.listState(state);
  }
}
