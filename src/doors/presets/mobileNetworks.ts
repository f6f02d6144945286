/** Networks of depthwise convolutions: MobileNets, MNASNet, EfficientNet, ShuffleNet. */
import { NetworkBuilder, type Tensor } from './networkBuilder.ts';

type Activation = 'relu' | 'relu6' | 'silu' | 'hard-swish' | 'none';

function activated(net: NetworkBuilder, name: string, activation: Activation, x: Tensor): Tensor {
  if (activation === 'none') return x;
  return activation === 'relu6' ? net.relu6(name, x) : net.activation(name, activation, x);
}

interface Step {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly activation: Activation;
}

/** A convolution, its batch norm and its activation: `name.0`, `name.1`, `name.2`. */
function step(net: NetworkBuilder, name: string, x: Tensor, channels: number, { activation, ...window }: Step): Tensor {
  const y = net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, channels, window));
  return activated(net, `${name}.2`, activation, y);
}

/** The image's mean per channel through two layers, as a factor of each channel. */
function squeezeExcitation(
  net: NetworkBuilder,
  name: string,
  x: Tensor,
  squeezed: number,
  [inner, outer]: readonly ['relu' | 'silu', 'sigmoid' | 'hard-sigmoid'],
): Tensor {
  const mean = net.globalAveragePool(`${name}.avgpool`, x);
  const fewer = net.activation(
    `${name}.activation`,
    inner,
    net.conv(`${name}.fc1`, mean, squeezed, { kernel: 1, bias: true }),
  );
  const more = net.conv(`${name}.fc2`, fewer, x.shape.C, { kernel: 1, bias: true });
  return net.product(`${name}.mul`, x, net.activation(`${name}.scale_activation`, outer, more));
}

/** To a multiple of 8, but not more than a tenth lower. */
function toMultipleOf8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** Expansion, channels, blocks and stride of each stage. */
const MOBILENET_V2 = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

export function buildMobileNetV2(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = step(net, 'features.0', net.input, 32, { kernel: 3, stride: 2, activation: 'relu6' });
  let place = 1;
  for (const [expansion, channels, blocks, firstStride] of MOBILENET_V2) {
    for (let each = 0; each < blocks; each++) {
      const name = `features.${place++}`;
      const stride = each === 0 ? firstStride : 1;
      const inner = expansion * x.shape.C;
      const first = expansion === 1 ? x : step(net, `${name}.conv.0`, x, inner, { kernel: 1, activation: 'relu6' });
      const next = expansion === 1 ? 0 : 1;
      const wide = step(net, `${name}.conv.${next}`, first, inner, {
        kernel: 3,
        stride,
        groups: inner,
        activation: 'relu6',
      });
      const narrow = net.conv(`${name}.conv.${next + 1}`, wide, channels, { kernel: 1 });
      const y = net.batchNorm(`${name}.conv.${next + 2}`, narrow);
      x = stride === 1 && x.shape.C === channels ? net.sum(`${name}.add`, x, y) : y;
    }
  }
  x = step(net, `features.${place}`, x, 1280, { kernel: 1, activation: 'relu6' });
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  net.gemm('classifier.1', net.dropout('classifier.0', x), 1000);
  return net;
}

/** Kernel, expanded channels, channels, whether squeezed, activation and stride of each block. */
const MOBILENET_V3_LARGE = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hard-swish', 2],
  [3, 200, 80, false, 'hard-swish', 1],
  [3, 184, 80, false, 'hard-swish', 1],
  [3, 184, 80, false, 'hard-swish', 1],
  [3, 480, 112, true, 'hard-swish', 1],
  [3, 672, 112, true, 'hard-swish', 1],
  [5, 672, 160, true, 'hard-swish', 2],
  [5, 960, 160, true, 'hard-swish', 1],
  [5, 960, 160, true, 'hard-swish', 1],
] as const;

export function buildMobileNetV3Large(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = step(net, 'features.0', net.input, 16, { kernel: 3, stride: 2, activation: 'hard-swish' });
  for (const [at, [kernel, inner, channels, isSqueezed, activation, stride]] of MOBILENET_V3_LARGE.entries()) {
    const name = `features.${at + 1}.block`;
    let part = 0;
    let y = inner === x.shape.C ? x : step(net, `${name}.${part++}`, x, inner, { kernel: 1, activation });
    y = step(net, `${name}.${part++}`, y, inner, { kernel, stride, groups: inner, activation });
    if (isSqueezed)
      y = squeezeExcitation(net, `${name}.${part++}`, y, toMultipleOf8(inner / 4), ['relu', 'hard-sigmoid']);
    y = step(net, `${name}.${part}`, y, channels, { kernel: 1, activation: 'none' });
    x = stride === 1 && x.shape.C === channels ? net.sum(`features.${at + 1}.add`, y, x) : y;
  }
  x = step(net, 'features.16', x, 960, { kernel: 1, activation: 'hard-swish' });
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  x = net.activation('classifier.1', 'hard-swish', net.gemm('classifier.0', x, 1280));
  net.gemm('classifier.3', net.dropout('classifier.2', x), 1000);
  return net;
}

/** Kernel, channels, blocks, expansion and stride of each stage. */
const MNASNET = [
  [3, 24, 3, 3, 2],
  [5, 40, 3, 3, 2],
  [5, 80, 3, 6, 2],
  [3, 96, 2, 6, 1],
  [5, 192, 4, 6, 2],
  [3, 320, 1, 6, 1],
] as const;

export function buildMnasNet(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  /** Convolution, batch norm and ReLU as three modules of a sequence, from `first` on. */
  const three = (name: string, first: number, x: Tensor, channels: number, { activation, ...window }: Step): Tensor => {
    const y = net.batchNorm(`${name}.${first + 1}`, net.conv(`${name}.${first}`, x, channels, window));
    return activated(net, `${name}.${first + 2}`, activation, y);
  };
  let x = three('layers', 0, net.input, 32, { kernel: 3, stride: 2, activation: 'relu' });
  x = three('layers', 3, x, 32, { kernel: 3, groups: 32, activation: 'relu' });
  x = three('layers', 6, x, 16, { kernel: 1, activation: 'none' });
  for (const [at, [kernel, channels, blocks, expansion, firstStride]] of MNASNET.entries()) {
    for (let each = 0; each < blocks; each++) {
      const name = `layers.${at + 8}.${each}`;
      const stride = each === 0 ? firstStride : 1;
      const inner = expansion * x.shape.C;
      let y = three(`${name}.layers`, 0, x, inner, { kernel: 1, activation: 'relu' });
      y = three(`${name}.layers`, 3, y, inner, { kernel, stride, groups: inner, activation: 'relu' });
      y = three(`${name}.layers`, 6, y, channels, { kernel: 1, activation: 'none' });
      x = stride === 1 && x.shape.C === channels ? net.sum(`${name}.add`, y, x) : y;
    }
  }
  x = three('layers', 14, x, 1280, { kernel: 1, activation: 'relu' });
  x = net.flatten('flatten', net.globalAveragePool('mean', x));
  net.gemm('classifier.1', net.dropout('classifier.0', x), 1000);
  return net;
}

/** Expansion, kernel, stride, channels and blocks of each stage. */
const EFFICIENTNET_B0 = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

export function buildEfficientNetB0(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = step(net, 'features.0', net.input, 32, { kernel: 3, stride: 2, activation: 'silu' });
  for (const [at, [expansion, kernel, firstStride, channels, blocks]] of EFFICIENTNET_B0.entries()) {
    for (let each = 0; each < blocks; each++) {
      const name = `features.${at + 1}.${each}`;
      const stride = each === 0 ? firstStride : 1;
      const inner = expansion * x.shape.C;
      let part = 0;
      let y = expansion === 1 ? x : step(net, `${name}.block.${part++}`, x, inner, { kernel: 1, activation: 'silu' });
      y = step(net, `${name}.block.${part++}`, y, inner, { kernel, stride, groups: inner, activation: 'silu' });
      // A quarter of what comes into the block.
      y = squeezeExcitation(net, `${name}.block.${part++}`, y, Math.floor(x.shape.C / 4), ['silu', 'sigmoid']);
      y = step(net, `${name}.block.${part}`, y, channels, { kernel: 1, activation: 'none' });
      x = stride === 1 && x.shape.C === channels ? net.sum(`${name}.add`, y, x) : y;
    }
  }
  x = step(net, 'features.8', x, 1280, { kernel: 1, activation: 'silu' });
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  net.gemm('classifier.1', net.dropout('classifier.0', x), 1000);
  return net;
}

/** Channels and blocks of each stage. */
const SHUFFLENET_V2_X1 = [
  [116, 4],
  [232, 8],
  [464, 4],
] as const;

/** The branch that every unit has: 1×1, depthwise 3×3, 1×1. */
function shuffleBranch(net: NetworkBuilder, name: string, x: Tensor, channels: number, stride: number): Tensor {
  let y = net.relu(`${name}.2`, net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, channels, { kernel: 1 })));
  y = net.batchNorm(`${name}.4`, net.conv(`${name}.3`, y, channels, { stride, groups: channels }));
  return net.relu(`${name}.7`, net.batchNorm(`${name}.6`, net.conv(`${name}.5`, y, channels, { kernel: 1 })));
}

export function buildShuffleNetV2(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = net.relu('conv1.2', net.batchNorm('conv1.1', net.conv('conv1.0', net.input, 24, { stride: 2 })));
  x = net.pool('maxpool', 'max-pool', x, 3, { stride: 2, padding: 1 });
  for (const [at, [channels, blocks]] of SHUFFLENET_V2_X1.entries()) {
    const half = channels / 2;
    for (let each = 0; each < blocks; each++) {
      const name = `stage${at + 2}.${each}`;
      const parts =
        each === 0
          ? [downsampling(net, `${name}.branch1`, x, half), shuffleBranch(net, `${name}.branch2`, x, half, 2)]
          : [net.slice(`${name}.x1`, x, 'C', 0, half), net.slice(`${name}.x2`, x, 'C', half, half)];
      if (each > 0) parts[1] = shuffleBranch(net, `${name}.branch2`, parts[1]!, half, 1);
      x = net.channelShuffle(`${name}.shuffle`, net.concat(`${name}.concat`, parts), 2);
    }
  }
  x = net.relu('conv5.2', net.batchNorm('conv5.1', net.conv('conv5.0', x, 1024, { kernel: 1 })));
  net.gemm('fc', net.flatten('flatten', net.globalAveragePool('mean', x)), 1000);
  return net;
}

function downsampling(net: NetworkBuilder, name: string, x: Tensor, channels: number): Tensor {
  const y = net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, x.shape.C, { stride: 2, groups: x.shape.C }));
  return net.relu(`${name}.4`, net.batchNorm(`${name}.3`, net.conv(`${name}.2`, y, channels, { kernel: 1 })));
}

/** Channels and blocks of each stage of RegNetY-400MF; its groups have 8 channels. */
const REGNET_Y_400MF = [
  [48, 1],
  [104, 3],
  [208, 6],
  [440, 6],
] as const;
const REGNET_GROUP_WIDTH = 8;

export function buildRegNetY400Mf(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = step(net, 'stem', net.input, 32, { kernel: 3, stride: 2, activation: 'relu' });
  for (const [at, [channels, blocks]] of REGNET_Y_400MF.entries()) {
    for (let each = 0; each < blocks; each++) {
      const name = `trunk_output.block${at + 1}.block${at + 1}-${each}`;
      const stride = each === 0 ? 2 : 1;
      const shortcut =
        each === 0 ? step(net, `${name}.proj`, x, channels, { kernel: 1, stride, activation: 'none' }) : x;
      let y = step(net, `${name}.f.a`, x, channels, { kernel: 1, activation: 'relu' });
      const groups = channels / REGNET_GROUP_WIDTH;
      y = step(net, `${name}.f.b`, y, channels, { kernel: 3, stride, groups, activation: 'relu' });
      y = squeezeExcitation(net, `${name}.f.se`, y, Math.round(x.shape.C / 4), ['relu', 'sigmoid']);
      y = step(net, `${name}.f.c`, y, channels, { kernel: 1, activation: 'none' });
      x = net.relu(`${name}.activation`, net.sum(`${name}.add`, shortcut, y));
    }
  }
  net.gemm('fc', net.flatten('flatten', net.globalAveragePool('avgpool', x)), 1000);
  return net;
}
