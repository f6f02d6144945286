/**
 * The working sets of a fused group's SIMD side under lockstep: a step has its slot of VMem, and with it its loads, only
 * once its tile has been handed over (FUSION.md, Steps of a group, rule 10). The step behind an oc tile takes none.
 */
import type { FusedVisits } from '../schedule/fusedSchedule.ts';
import type { Handover } from './handover.ts';
import { ResultStream, type ResultWiring } from './resultStream.ts';

export class TakingStream extends ResultStream {
  private readonly handover: Handover;
  private readonly tiles: FusedVisits;

  constructor(visits: FusedVisits, wiring: ResultWiring, handover: Handover) {
    super(visits, wiring);
    this.tiles = visits;
    this.handover = handover;
  }

  override mayGrant(): boolean {
    return this.tiles.tilesNeeded <= this.handover.given && super.mayGrant();
  }
}
