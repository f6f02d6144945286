import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Hardware, parseHardware, slotBits, usableWeightBitsPerCycle } from '../../src/model/schemas/hardware.ts';
import { parseSimditHardware } from '../../src/model/schemas/simditHardware.ts';
import { hardwarePreset, INFERENCE_HARDWARE, TRAINING_HARDWARE } from '../support/presets.ts';

const tables = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as {
  hardware: Record<
    string,
    { rows: number; cols: number; KiB: Record<string, number>; bitsPerCyclePerInterface: number }
  >;
};

type Draft = Record<string, Record<string, unknown>> & Record<string, unknown>;

/** HI3 with one change made to it. */
function changed(change: (draft: Draft) => void): () => Hardware {
  const draft = structuredClone(hardwarePreset('HI3')) as unknown as Draft;
  change(draft);
  return () => parseHardware(draft, 'my.json');
}

describe('a hardware file', () => {
  it.each([...INFERENCE_HARDWARE, ...TRAINING_HARDWARE])('%s is as the paper prints it', (name) => {
    const printed = tables.hardware[name]!;
    const { array, sramKiB, bitsPerCycle, bits } = hardwarePreset(name);
    expect([array.rows, array.columns]).toEqual([printed.rows, printed.cols]);
    expect(sramKiB).toMatchObject(printed.KiB);
    expect(new Set(Object.values(bitsPerCycle))).toEqual(new Set([printed.bitsPerCyclePerInterface]));
    expect(bits.ifmap).toBe(name.startsWith('HT') ? 16 : 8);
  });

  it('gives a slot its share of the total, and VMem a share of a half', () => {
    // HI3: 512 KiB of WBuf in 2 slots are 256 KiB = 2,097,152 bits; 1024 KiB of VMem are two halves of 4,194,304 bits.
    expect(slotBits(hardwarePreset('HI3'))).toMatchObject({ wbuf: 2_097_152, vmemHalf: 4_194_304 });
    const threeSlots = changed((draft) => Object.assign(draft['slots']!, { ibuf: 4, vmem: 2 }))();
    expect(slotBits(threeSlots)).toMatchObject({ ibuf: (256 * 8192) / 4, vmemHalf: 2_097_152 });
  });

  it('cannot use more weight bandwidth than J weights a cycle', () => {
    const wide = changed((draft) => Object.assign(draft['bitsPerCycle']!, { weight: 4096 }))();
    expect(usableWeightBitsPerCycle(wide)).toBe(64 * 8);
  });

  const wrong: [string, (draft: Draft) => void, string][] = [
    [
      'a missing field',
      (d) => delete d['bits']!['weight'],
      'my.json: bits.weight: expected a value of type number (it is missing)',
    ],
    ['an extra field', (d) => Object.assign(d, { cores: 2 }), 'my.json: cores: got 2, expected no such field'],
    [
      'a misspelt field',
      (d) => Object.assign(d, { clockPicosecond: 2 }),
      'my.json: clockPicosecond: got 2, expected no such field; did you mean clockPicoseconds?',
    ],
    [
      'a negative size',
      (d) => Object.assign(d['sramKiB']!, { ibuf: -1 }),
      'my.json: sramKiB.ibuf: got -1, expected a number > 0',
    ],
    [
      'a fraction of a row',
      (d) => Object.assign(d['array']!, { rows: 1.5 }),
      'my.json: array.rows: got 1.5, expected an integer',
    ],
    [
      'a word for a number',
      (d) => Object.assign(d['array']!, { rows: '64' }),
      'my.json: array.rows: got "64", expected a value of type number',
    ],
    [
      // 2 slots · 64 · 64 · 9 · 8 bits = 589,824 bits = 72 KiB.
      'a buffer below the smallest valid size',
      (d) => Object.assign(d['sramKiB']!, { wbuf: 71 }),
      'my.json: sramKiB.wbuf: got 71, expected at least 72 KiB (slots · J · K · 9 · b_w bits, the smallest valid wbuf)',
    ],
  ];
  it.each(wrong)('with %s is refused with one clear message', (_, change, message) => {
    expect(changed(change)).toThrow(message);
  });
});

describe("SimDIT's hardware file", () => {
  const file = JSON.parse(readFileSync(new URL('../simdit/hardware-HI3.json', import.meta.url), 'utf8')) as object;

  it('of HI3 is HI3', () => {
    const { $schema, description, name, ...preset } = hardwarePreset('HI3');
    const { name: _, ...read } = parseSimditHardware(file, 'HI3.json', 'HI3', 'inference');
    expect(read).toEqual(preset);
  });

  it('takes the latencies and the clock of the phase', () => {
    const training = parseSimditHardware(file, 'HI3.json', 'HI3', 'training');
    expect([training.aluCycles.div, training.aluCycles.invSqrt, training.clockPicoseconds]).toEqual([5, 11, 1220]);
  });

  it('is not the configuration of the GeneSys compiler, which says so', () => {
    // The beginning of a real one: the depths of its buffers, no bandwidths.
    const compiler = { ARRAY_M: 16, ARRAY_N: 16, IBUF_DEPTH: 8192, WBUF_DEPTH: 4096, FUSE_LAYERS: true };
    expect(() => parseSimditHardware(compiler, 'benchmark_16x16.json', 'x', 'inference')).toThrow(
      'benchmark_16x16.json: IBUF_DEPTH: expected a hardware file of ours or of SimDIT; this is a configuration of the GeneSys compiler, without bandwidths',
    );
  });

  it('with an unknown key is refused', () => {
    expect(() => parseSimditHardware({ ...file, CORES: 2 }, 'x.json', 'x', 'inference')).toThrow(
      'x.json: CORES: got 2, expected no such field',
    );
  });
});
