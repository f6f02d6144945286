import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { CSV_COLUMNS, csvWriter } from '../../src/views/trace/csvTrace.ts';
import { traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

describe('a trace as CSV', () => {
  it('keeps names apart from the syntax, whatever is in them', () => {
    const hardware = hardwarePreset('HI3');
    const names = ['a,b', 'say "so"', 'two\nlines', ' blanks ', 'ünïcode', ''];
    const [conv] = inferenceLayers('alexnet', hardware);
    const layers = names.map((name) => ({ ...conv!, name }));
    let text = '';
    const limit = { megabytes: 256, longestNotice: '', layers };
    const writer = csvWriter(limit, (piece) => {
      text += piece;
    });
    const { slices, samples } = traceInMemory(layers, hardware, undefined, (sink) => ({
      slice: (slice) => sink.slice(slice) && writer.slice(slice),
      flow: () => true,
      counter: (sample) => sink.counter(sample) && writer.counter(sample),
    }));
    writer.end({ runs: [], notice: 'cut, "here"', counterEnds: [] });
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(Object.keys(rows[0]!)).toEqual(CSV_COLUMNS);
    expect(rows).toHaveLength(slices.length + samples.length + 1);
    expect(rows.filter(({ kind }) => kind === 'layer').map(({ layer }) => layer)).toEqual(names);
    expect(rows.at(-1)).toMatchObject({ kind: 'notice', name: 'cut, "here"' });
  });
});
