/** Windows that slide over rows and columns: strides, dilations and paddings as files write them, and what comes out. */

import type { PerDirection } from '../layers/layer.ts';

/** What is added on the four sides of an image. */
export interface Sides {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A stride or dilation of a workload file: one number for both directions, or [height, width]. */
export function perDirection(value: number | readonly [number, number] | undefined, otherwise = 1): PerDirection {
  if (value === undefined) return { h: otherwise, w: otherwise };
  return typeof value === 'number' ? { h: value, w: value } : { h: value[0], w: value[1] };
}

/** A padding of a workload file: on each side, [height, width], or [top, left, bottom, right]. */
export function sidesOf(
  padding: number | readonly [number, number] | readonly [number, number, number, number],
): Sides {
  if (typeof padding === 'number') return { top: padding, left: padding, bottom: padding, right: padding };
  const [top, left, bottom = top, right = left] = padding;
  return { top, left, bottom, right };
}

/** Outputs of a window that slides over `extent` inputs with zero padding: ⌊(extent + 2P − K)/S⌋ + 1. */
export function windowOutputs(extent: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((extent + 2 * padding - kernel) / stride) + 1;
}

/** A window along one direction. */
export interface WindowAlong {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first and after the last input. */
  readonly before: number;
  readonly after: number;
}

/** Inputs that a window of one output covers: (K − 1)·D + 1. */
export function windowSpan({ kernel, dilation }: Pick<WindowAlong, 'kernel' | 'dilation'>): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * Outputs along one direction, not positive where the window is larger than the padded input. With `ceilMode` they are
 * rounded up, and a last window that would start at or beyond input and leading padding is dropped.
 */
export function outputsAlong(extent: number, window: WindowAlong, ceilMode = false): number {
  const { stride, before, after } = window;
  const free = extent + before + after - windowSpan(window);
  if (!ceilMode) return Math.floor(free / stride) + 1;
  const outputs = Math.ceil(free / stride) + 1;
  return (outputs - 1) * stride >= extent + before ? outputs - 1 : outputs;
}

/** Outputs of a transposed convolution along one direction: (extent − 1)·S − padding + span + output padding. */
export function transposedOutputsAlong(extent: number, window: WindowAlong, outputPadding: number): number {
  const { stride, before, after } = window;
  return (extent - 1) * stride - before - after + windowSpan(window) + outputPadding;
}

/** The height and the width of a layer's window, with the padding of its sides. */
export function windowsOf(layer: {
  readonly dimensions: { readonly KH: number; readonly KW: number };
  readonly stride: number | readonly [number, number];
  readonly padding: Parameters<typeof sidesOf>[0];
  readonly dilation?: number | readonly [number, number] | undefined;
}): { readonly h: WindowAlong; readonly w: WindowAlong } {
  const { KH, KW } = layer.dimensions;
  const [stride, dilation, sides] = [perDirection(layer.stride), perDirection(layer.dilation), sidesOf(layer.padding)];
  return {
    h: { kernel: KH, stride: stride.h, dilation: dilation.h, before: sides.top, after: sides.bottom },
    w: { kernel: KW, stride: stride.w, dilation: dilation.w, before: sides.left, after: sides.right },
  };
}
