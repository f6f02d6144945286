/** What each DRAM channel did, over the run or the range that is measured: row hits, row misses, refresh. */

import type { PageLane } from '../pageData.ts';
import { firstEndingAfter } from '../pyramid.ts';
import type { PageData } from './data.ts';
import { byId, element, legendEntry } from './elements.ts';
import { inDigits, percent } from './numbers.ts';
import type { PageState } from './pageState.ts';
import { nameAmong, partOf, type RulerRun } from './rulerRun.ts';
import type { View } from './view.ts';

/** What a channel did. Bursts count where the stretch that they belong to begins. */
export interface ChannelSums {
  readonly rowHits: number;
  readonly rowMisses: number;
  readonly forwarded: number;
  /** Cycles within the range in which it serves bursts, and in which it refreshes. */
  readonly servingCycles: number;
  readonly refreshCycles: number;
}

/** The sums of a channel's lane. */
export function channelSums({ head, slices }: PageData, lane: PageLane, { from, to }: View): ChannelSums {
  const own = slices[lane.index]!;
  const { starts, ends, count, whats, bursts } = own;
  const isRefresh = head.whats.map(({ kind }) => kind === 'refresh');
  const sums = { rowHits: 0, rowMisses: 0, forwarded: 0, servingCycles: 0, refreshCycles: 0 };
  for (let place = firstEndingAfter(own, from); place < count && starts[place]! < to; place++) {
    const cycles = Math.min(ends[place]!, to) - Math.max(starts[place]!, from);
    if (isRefresh[whats[place]!]) sums.refreshCycles += cycles;
    else sums.servingCycles += cycles;
    if (bursts === undefined || starts[place]! < from) continue;
    sums.rowHits += bursts.rowHits[place]!;
    sums.rowMisses += bursts.rowMisses[place]!;
    sums.forwarded += bursts.forwarded[place]!;
  }
  return sums;
}

const HEADS = ['channel', 'row hits', 'row misses', 'hits', 'forwarded', 'serves', 'refreshes'];

/** Shows the table, if any channel was recorded. */
export function startMemoryTable(runs: readonly RulerRun[], { range, aligned }: PageState): void {
  const channels = runs.flatMap((run) =>
    run.data.recorded.lanes.flatMap((lane) => (lane.kind === 'channel' ? [{ run, lane }] : [])),
  );
  byId('memory-section').hidden = channels.length === 0;
  if (channels.length === 0) return;
  byId('memory-heads').replaceChildren(...HEADS.map(headOf));
  byId('memory-legend').replaceChildren(legendEntry('rowMiss'), legendEntry('refresh'));
  const show = (): void => {
    const { value } = range;
    byId('memory-range').textContent =
      value === undefined
        ? 'Over the whole run; a range dragged on the ruler is looked at alone.'
        : `From cycle ${inDigits(value.from)} to ${inDigits(value.to)}.`;
    const rows = channels.flatMap(({ run, lane }) => {
      const within = value === undefined ? { from: 0, to: run.data.cycles } : partOf(run, value);
      return within === undefined
        ? []
        : [rowOf(nameAmong(run, lane.name), channelSums(run.data, lane, within), within)];
    });
    byId('memory').replaceChildren(...rows);
  };
  range.listen(show);
  aligned.listen(show);
  show();
}

function headOf(title: string, place: number): HTMLTableCellElement {
  const head = element('th', title);
  head.scope = 'col';
  head.classList.toggle('number', place > 0);
  return head;
}

function rowOf(name: string, sums: ChannelSums, { from, to }: View): HTMLTableRowElement {
  const { rowHits, rowMisses, forwarded, servingCycles, refreshCycles } = sums;
  const share = (cycles: number): string => percent(cycles / (to - from));
  const hits = rowHits + rowMisses === 0 ? '' : percent(rowHits / (rowHits + rowMisses));
  const cells = [
    inDigits(rowHits),
    inDigits(rowMisses),
    hits,
    inDigits(forwarded),
    share(servingCycles),
    share(refreshCycles),
  ].map((text) => {
    const cell = element('td', text);
    cell.className = 'number';
    return cell;
  });
  return element('tr', '', element('td', name), ...cells);
}
