/** How far the run of a network has come. */
import type { Progress } from '../../model/network/overlapped.ts';
import { shownName } from '../../model/schemas/printable.ts';
import type { JobProgress } from './drive.ts';

/** How far a run has come, as whoever watches it is told. */
export function progressOf({ layersDone, layers, layerName, layerShare }: Progress): JobProgress {
  return {
    share: (layersDone + layerShare) / layers,
    text: `layer ${layersDone + 1} of ${layers}, ${shownName(layerName)}`,
  };
}
