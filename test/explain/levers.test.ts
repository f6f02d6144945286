import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/model/machine/machine.ts';
import type { InterfaceName } from '../../src/model/machine/observer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { type Hardware, tooSmallSram } from '../../src/model/schemas/hardware.ts';
import { bandwidthLevers } from '../../src/studies/explain/bandwidthLevers.ts';
import { type DimensionLever, dimensionLevers, withMore } from '../../src/studies/explain/dimensionLevers.ts';
import { type Sram, tileChanges, tileLevers, tryRetile, withSrams } from '../../src/studies/explain/tileLevers.ts';
import { Trials } from '../../src/studies/explain/trials.ts';
import { drain } from '../support/drain.ts';
import { allLayers, type DrawnLayer, drawLayers, drawOddLayers, namedLayer } from '../support/drawnLayers.ts';

const samples = [...drawLayers(50, 'levers'), ...drawOddLayers(10, 'levers')];

/** The changes of the tile on other hardware; `undefined` where none fits. */
function changesOn({ layer, retile }: DrawnLayer, hardware: Hardware): unknown {
  const other = tryRetile(retile, hardware);
  return other && tileChanges(layer, other);
}

/** A side of the tile on other hardware. */
function sideOn({ retile }: DrawnLayer, hardware: Hardware, dim: string): number {
  return (retile(hardware).tile as Readonly<Record<string, number>>)[dim]!;
}

function dimensionsOf({ layer, hardware, retile }: DrawnLayer): DimensionLever[] {
  return drain(dimensionLevers(layer, hardware, retile));
}

describe('the levers of random layers are true', () => {
  it('levers of all kinds are among them', () => {
    const levers = samples.flatMap(({ layer, hardware, retile }) => tileLevers(layer, hardware, retile));
    expect(new Set(samples.map(({ layer }) => layer.unit))).toEqual(new Set(['SA', 'SIMD']));
    expect(levers.filter(({ more }) => more !== undefined).length).toBeGreaterThan(20);
    expect(levers.filter(({ sparedKib }) => sparedKib > 0).length).toBeGreaterThan(20);
    expect(levers.filter(({ sparedUntil }) => sparedUntil === 'the smallest valid size').length).toBeGreaterThan(20);
    const increases = samples.flatMap(dimensionsOf).flatMap(({ more }) => (more === undefined ? [] : [more.kib]));
    expect(increases.filter((kib) => Object.keys(kib).length === 1).length).toBeGreaterThan(20);
    expect(increases.filter((kib) => Object.keys(kib).length === 2).length).toBeGreaterThan(2);
  });

  it.each(samples)('of SRAMs: $title', (sample) => {
    const { layer, hardware, retile } = sample;
    for (const { sram, kib, more, sparedKib, sparedUntil } of tileLevers(layer, hardware, retile)) {
      const on = (size: number): Hardware => withSrams(hardware, { [sram]: size });
      if (more !== undefined) {
        expect(more.changes.length).toBeGreaterThan(0);
        expect(changesOn(sample, on(kib + more.kib))).toEqual(more.changes);
        expect(changesOn(sample, on(kib + more.kib - 1))).toEqual([]);
      }
      const least = on(kib - sparedKib);
      expect(changesOn(sample, least)).toEqual([]);
      expect(tooSmallSram(least)).toBeUndefined();
      const less = on(kib - sparedKib - 1);
      if (sparedUntil === 'the tile') expect(changesOn(sample, less)).not.toEqual([]);
      else expect(tooSmallSram(less)?.path).toBe(`sramKiB.${sram}`);
    }
  });

  it.each(samples)('of sides: $title', (sample) => {
    for (const { dim, size, side, more } of dimensionsOf(sample)) {
      const { hardware } = sample;
      expect(sideOn(sample, hardware, dim)).toBe(side);
      if (side === size) {
        expect(more).toBeUndefined();
        continue;
      }
      const { kib, changes } = more!;
      expect(changesOn(sample, withMore(hardware, kib))).toEqual(changes);
      expect(sideOn(sample, withMore(hardware, kib), dim)).toBeGreaterThan(side);
      for (const [sram, increase] of Object.entries(kib)) {
        const less = withMore(hardware, { ...kib, [sram]: increase - 1 });
        expect(sideOn(sample, less, dim), `${dim} with a KiB less of ${sram}`).toBeLessThanOrEqual(side);
        if (Object.keys(kib).length === 1) continue;
        for (let alone = 1; alone < 1 << 20; alone *= 2) {
          expect(sideOn(sample, withMore(hardware, { [sram]: alone }), dim)).toBeLessThanOrEqual(side);
        }
      }
    }
  });

  it.each(samples)('of bandwidths: $title', ({ layer, hardware }) => {
    const cyclesAt = (name: InterfaceName, bits: number): number => {
      const on = { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, [name]: bits } };
      return new Machine(on).run(layer, HARDWARE).totalCycles;
    };
    const cycles = new Machine(hardware).run(layer, HARDWARE).totalCycles;
    const saves = (from: number, to: number): number => (from - to) / from;
    for (const lever of drain(bandwidthLevers(layer, { hardware, dram: { kind: 'ideal' } }, new Trials(HARDWARE)))) {
      const { interface: name, bitsPerCycle: now, cyclesUnlimited, enough, needed } = lever;
      // More than a tensor of any layer, in one cycle.
      expect(cyclesAt(name, 1e12)).toBe(cyclesUnlimited);
      expect(needed === undefined).toBe(saves(cycles, cyclesUnlimited) >= 0.01);
      if (enough !== undefined) {
        expect(cyclesAt(name, enough.bitsPerCycle)).toBe(enough.cycles);
        expect(saves(enough.cycles, cyclesUnlimited)).toBeLessThan(0.01);
        expect(saves(cyclesAt(name, enough.bitsPerCycle - 1), cyclesUnlimited)).toBeGreaterThanOrEqual(0.01);
      }
      if (needed !== undefined) {
        expect(needed).toBeLessThanOrEqual(now);
        expect(saves(cyclesAt(name, needed), cycles)).toBeLessThan(0.01);
        if (needed > 1) expect(saves(cyclesAt(name, needed - 1), cycles)).toBeGreaterThanOrEqual(0.01);
      }
    }
  });
});

describe('what bounds a side', () => {
  const increase = (layer: DrawnLayer, dim: string): Readonly<Partial<Record<Sram, number>>> | undefined =>
    dimensionsOf(layer).find((lever) => lever.dim === dim)!.more?.kib;

  it('can be two buffers together: 56×56 pixels of 64 channels need more than a slot of IBuf and of OBuf', () => {
    // 58·58·64 bytes of ifmap twice are 420.5 KiB, 165 more than 256; 56·56·64 words of psum twice 1568 KiB, 544 more than 1024.
    const layer = namedLayer('resnet50', 'layer1.0.conv2', 'HI3');
    expect(increase(layer, 'oh')).toEqual({ ibuf: 165, obuf: 544 });
    expect(increase(layer, 'ow')).toEqual({ ibuf: 165, obuf: 544 });
  });

  it('is one buffer where that suffices: 512 channels of 3×3 weights', () => {
    // 3·3·512·64 bytes twice are 576 KiB, 64 more than 512.
    expect(increase(namedLayer('resnet50', 'layer4.0.conv2', 'HI3'), 'ic')).toEqual({ wbuf: 64 });
  });

  it('is nothing where the tile is as large as the layer', () => {
    expect(increase(namedLayer('resnet50', 'layer4.0.conv2', 'HI3'), 'oh')).toBeUndefined();
  });

  it.each(['HI1', 'HI2', 'HI3'])('is found for every side that is smaller than its layer on %s', (hardware) => {
    for (const sample of [...allLayers('resnet50', hardware), ...allLayers('vgg16', hardware)]) {
      for (const { dim, size, side, more } of dimensionsOf(sample)) {
        expect(more === undefined, `${sample.title}: T_${dim} is ${side} of ${size}`).toBe(side === size);
      }
    }
  });
});

describe('what an SRAM could do without', () => {
  it('ends at its smallest valid size: IBuf must hold 15·15 pixels of J channels twice', () => {
    // 2·32·225 bytes are 14.0625 KiB, and AlexNet's conv4 uses less than that of the 128: 113 KiB could go.
    const { layer, hardware, retile } = namedLayer('alexnet', 'conv4', 'HI2');
    const lever = tileLevers(layer, hardware, retile).find(({ sram }) => sram === 'ibuf');
    expect(lever).toMatchObject({
      kib: 128,
      sparedKib: 113,
      sparedUntil: 'the smallest valid size',
      smallestKib: 14.0625,
    });
  });
});
