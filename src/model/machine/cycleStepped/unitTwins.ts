/** A unit at two grains behind one port: tile by tile as a rule, cycle by cycle for the layers that are to be looked into. */
import type { StateList } from '../../engine/stateList.ts';
import type { MachineObserver } from '../observer.ts';
import type { ComputeClient, ComputePort } from '../ports.ts';

/** A unit that shows its cycles to whoever watches. */
export interface WatchedPort<Tile> extends ComputePort<Tile> {
  observer: MachineObserver | undefined;
}

/** Hands tiles to one of two units that take the same time for them and read and write as much. */
export class UnitTwins<Tile> implements ComputePort<Tile> {
  /** Whether tiles are computed cycle by cycle from now on. */
  isCycleStepped = false;
  private readonly tileGrained: ComputePort<Tile>;
  private readonly cycleStepped: WatchedPort<Tile>;

  constructor(tileGrained: ComputePort<Tile>, cycleStepped: WatchedPort<Tile>) {
    this.tileGrained = tileGrained;
    this.cycleStepped = cycleStepped;
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

  compute(tile: Tile, startsResult: boolean): void {
    (this.isCycleStepped ? this.cycleStepped : this.tileGrained).compute(tile, startsResult);
  }

  /** Stretches are jumped over tile by tile only: the other twin is idle then. */
  listState(state: StateList): void {
    this.tileGrained.listState(state);
  }
}
