/**
 * Convolutions and their gradients by definition, on whole tensors: what the tiled layers must give. The gradients
 * come with the operands that the array convolves for them: rotated weights, dilated gradients (table V).
 */
import { at, placeOf, type Tensor, tensorOf } from './tensor.ts';

/** A forward convolution's stride and zero padding. */
export interface Sliding {
  readonly stride: number;
  readonly padding: number;
}

/** Y[n][oc][oh][ow] = bias[oc] + Σ X[n][ic][oh·S + kh][ow·S + kw] · W[oc][ic][kh][kw]. */
export function directConv(weight: Tensor, ifmap: Tensor, bias: Tensor, stride: number): Tensor {
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const [images, , height, width] = ifmap.sizes;
  const outputs = (extent: number, kernel: number): number => Math.floor((extent - kernel) / stride) + 1;
  const sizes = [images, channels, outputs(height, kernelHeight), outputs(width, kernelWidth)] as const;
  return tensorOf(sizes, (n, oc, oh, ow) => {
    let sum = bias.data[oc]!;
    for (let ic = 0; ic < inputs; ic++)
      for (let kh = 0; kh < kernelHeight; kh++) {
        const weightRow = placeOf(weight.sizes, oc, ic, kh, 0);
        const ifmapRow = placeOf(ifmap.sizes, n, ic, oh * stride + kh, ow * stride);
        for (let kw = 0; kw < kernelWidth; kw++) sum += ifmap.data[ifmapRow + kw]! * weight.data[weightRow + kw]!;
      }
    return sum;
  });
}

/** dX of a convolution whose input is `height` × `width`: each output's gradient goes back along its MACs. */
export function directInputGradient(weight: Tensor, dY: Tensor, height: number, width: number, how: Sliding): Tensor {
  const { stride, padding } = how;
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const [images, , rows, columns] = dY.sizes;
  const dX = tensorOf([images, inputs, height, width], () => 0);
  for (let n = 0; n < images; n++)
    for (let ic = 0; ic < inputs; ic++)
      for (let oh = 0; oh < rows; oh++)
        for (let ow = 0; ow < columns; ow++)
          for (let kh = 0; kh < kernelHeight; kh++)
            for (let kw = 0; kw < kernelWidth; kw++) {
              const y = oh * stride + kh - padding;
              const x = ow * stride + kw - padding;
              if (y < 0 || x < 0 || y >= height || x >= width) continue;
              let sum = 0;
              for (let oc = 0; oc < channels; oc++) sum += at(dY, n, oc, oh, ow) * at(weight, oc, ic, kh, kw);
              dX.data[((n * inputs + ic) * height + y) * width + x]! += sum;
            }
  return dX;
}

/** dW, as ic × oc × kh × kw: what the array leaves where it writes n × oc × oh × ow. */
export function directWeightGradient(X: Tensor, dY: Tensor, kernelHeight: number, kernelWidth: number, how: Sliding) {
  const { stride, padding } = how;
  const [images, channels, rows, columns] = dY.sizes;
  return tensorOf([X.sizes[1], channels, kernelHeight, kernelWidth], (ic, oc, kh, kw) => {
    let sum = 0;
    for (let n = 0; n < images; n++)
      for (let oh = 0; oh < rows; oh++)
        for (let ow = 0; ow < columns; ow++)
          sum += at(dY, n, oc, oh, ow) * at(X, n, ic, oh * stride + kh - padding, ow * stride + kw - padding);
    return sum;
  });
}

/** Weight and ifmap of the dX conv: weights rotated by 180° with their channels swapped; dY dilated and padded. */
export function inputGradientOperands(
  weight: Tensor,
  dY: Tensor,
  height: number,
  width: number,
  { stride, padding }: Sliding,
): { weight: Tensor; ifmap: Tensor } {
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const borderHeight = kernelHeight - 1;
  const borderWidth = kernelWidth - 1;
  return {
    weight: tensorOf([inputs, channels, kernelHeight, kernelWidth], (ic, oc, kh, kw) =>
      at(weight, oc, ic, borderHeight - kh, borderWidth - kw),
    ),
    ifmap: tensorOf([dY.sizes[0], channels, height + borderHeight, width + borderWidth], (n, oc, y, x) =>
      dilated(dY, n, oc, y + padding - borderHeight, x + padding - borderWidth, stride),
    ),
  };
}

/** Weight and ifmap of the dW conv: dY dilated is the kernel, the batch its input channels; X padded and transposed. */
export function weightGradientOperands(
  X: Tensor,
  dY: Tensor,
  kernelHeight: number,
  kernelWidth: number,
  { stride, padding }: Sliding,
): { weight: Tensor; ifmap: Tensor } {
  const [images, channels, rows, columns] = dY.sizes;
  const height = stride * (rows - 1) + 1;
  const width = stride * (columns - 1) + 1;
  const ifmapSizes = [X.sizes[1], images, height + kernelHeight - 1, width + kernelWidth - 1] as const;
  return {
    weight: tensorOf([channels, images, height, width], (oc, n, y, x) => dilated(dY, n, oc, y, x, stride)),
    ifmap: tensorOf(ifmapSizes, (ic, n, y, x) => at(X, n, ic, y - padding, x - padding)),
  };
}

/** An element of a tensor with stride − 1 zeros between neighbours in height and width. */
function dilated(tensor: Tensor, a: number, b: number, y: number, x: number, stride: number): number {
  return y % stride === 0 && x % stride === 0 ? at(tensor, a, b, y / stride, x / stride) : 0;
}
