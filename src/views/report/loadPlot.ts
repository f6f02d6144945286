/** Bandwidth against latency as a plot. It draws into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import { shownName } from '../../model/schemas/printable.ts';
import { type LoadReport, nanoseconds } from './loadCurves.ts';

type PlotDocument = NonNullable<Plot.PlotOptions['document']>;
type Drawing = ReturnType<typeof Plot.plot>;

const COLOURS = { sequential: '#4e79a7', strided: '#f28e2c', random: '#e15759' } as const;

/**
 * What is served against the mean read latency (the 95th percentile dashed), a pane for each memory and share of reads;
 * an upright line where a stream gets no more.
 */
export function loadPlot({ memories }: LoadReport, document: PlotDocument): Drawing {
  const labels = memories.map(
    ({ dram, channels, mapping }) => `${shownName(dram)}, ${channels} ch., ${shownName(mapping)}`,
  );
  const all = memories.flatMap((memory, place) =>
    memory.curves.flatMap(({ stream, readShare, points }) =>
      points.map((point) => ({
        memory: labels[place]!,
        reads: `${(100 * readShare).toFixed(0)} % reads`,
        stream,
        served: 100 * point.achieved,
        isSaturated: point.isSaturated,
        mean: nanoseconds(point.meanReadLatencyCycles ?? Number.NaN, memory),
        most: nanoseconds(point.p95ReadLatencyCycles ?? Number.NaN, memory),
      })),
    ),
  );
  const kept = all.filter(({ mean }) => !Number.isNaN(mean));
  const kinds = [...new Set(all.map(({ stream }) => stream))];
  const colour = (point: { readonly stream: keyof typeof COLOURS }): string => COLOURS[point.stream];
  const pane = { fx: 'reads', fy: 'memory' } as const;
  return Plot.plot({
    document,
    width: 760,
    height: 120 + 240 * memories.length,
    marginLeft: 60,
    marginRight: 20,
    marginTop: 60,
    marginBottom: 45,
    style: { background: 'white', color: 'black', fontSize: '12px' },
    fx: { label: null, domain: [...new Set(all.map(({ reads }) => reads))] },
    fy: { label: null, domain: [...new Set(labels)], tickFormat: () => '' },
    x: { label: 'served, % of the peak bandwidth', labelAnchor: 'center', domain: [0, 100], grid: true },
    y: { type: 'log', label: 'read latency, ns (mean; dashed: 95th percentile)', grid: true, nice: true },
    marks: [
      Plot.frame({ stroke: '#ddd' }),
      Plot.text(
        memories.map((_, place) => all.find(({ memory }) => memory === labels[place])!),
        { ...pane, text: 'memory', frameAnchor: 'top-left', dx: 4, dy: 5, fontWeight: 'bold' },
      ),
      Plot.line(kept, { ...pane, x: 'served', y: 'mean', z: 'stream', stroke: colour, marker: 'dot' }),
      Plot.line(kept, { ...pane, x: 'served', y: 'most', z: 'stream', stroke: colour, strokeDasharray: '2,3' }),
      Plot.ruleX(
        all.filter(({ isSaturated }) => isSaturated),
        { ...pane, x: 'served', stroke: colour, strokeWidth: 1.5, strokeOpacity: 0.6 },
      ),
      ...kinds.map((kind, place) =>
        Plot.text([`● ${kind}`], {
          facet: 'super',
          frameAnchor: 'top-right',
          dx: -90 * (kinds.length - 1 - place),
          dy: -40,
          fill: COLOURS[kind],
        }),
      ),
    ],
  });
}
