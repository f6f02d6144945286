/** ResNets, ResNeXts and wide ResNets: basic blocks or bottlenecks in four stages. */
import { NetworkBuilder, type Tensor } from './networkBuilder.ts';

interface ResNet {
  /** Blocks of each stage. */
  readonly blocks: readonly [number, number, number, number];
  /** Two 3×3 convolutions, or 1×1, 3×3 and 1×1. */
  readonly kind: 'basic' | 'bottleneck';
  readonly groups?: number;
  /** Channels of a group where the first stage has 64. */
  readonly widthPerGroup?: number;
}

/** A bottleneck's output has so many times the channels of its stage. */
const EXPANSION = 4;

/** A block's convolutions, before the shortcut is added. */
function branch(net: NetworkBuilder, name: string, x: Tensor, width: number, stride: number, resnet: ResNet): Tensor {
  const { kind, groups = 1, widthPerGroup = 64 } = resnet;
  const step = (
    place: number,
    from: Tensor,
    channels: number,
    options: { kernel: number; stride?: number; groups?: number },
  ) => net.batchNorm(`${name}.bn${place}`, net.conv(`${name}.conv${place}`, from, channels, options));
  const active = (place: number, from: Tensor): Tensor => net.relu(`${name}.relu${place}`, from);
  if (kind === 'basic') {
    const first = active(1, step(1, x, width, { kernel: 3, stride }));
    return step(2, first, width, { kernel: 3 });
  }
  const inner = Math.floor((width * widthPerGroup) / 64) * groups;
  const first = active(1, step(1, x, inner, { kernel: 1 }));
  // The stride is the 3×3 convolution's, as torchvision has it.
  const second = active(2, step(2, first, inner, { kernel: 3, stride, groups }));
  return step(3, second, EXPANSION * width, { kernel: 1 });
}

function block(net: NetworkBuilder, name: string, x: Tensor, width: number, stride: number, resnet: ResNet): Tensor {
  const y = branch(net, name, x, width, stride, resnet);
  const isSame = x.shape.C === y.shape.C && stride === 1;
  const shortcut = isSame
    ? x
    : net.batchNorm(`${name}.downsample.bn`, net.conv(`${name}.downsample.conv`, x, y.shape.C, { kernel: 1, stride }));
  const sum = net.sum(`${name}.add`, y, shortcut);
  return net.relu(`${name}.relu${resnet.kind === 'basic' ? 2 : 3}`, sum);
}

export function buildResNet(resnet: ResNet): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let x = net.relu('relu', net.batchNorm('bn1', net.conv('conv1', net.input, 64, { kernel: 7, stride: 2 })));
  x = net.pool('maxpool', 'max-pool', x, 3, { stride: 2, padding: 1 });
  for (const [stage, count] of resnet.blocks.entries()) {
    for (let place = 0; place < count; place++) {
      const stride = stage > 0 && place === 0 ? 2 : 1;
      x = block(net, `layer${stage + 1}.${place}`, x, 64 * 2 ** stage, stride, resnet);
    }
  }
  net.gemm('fc', net.flatten('flatten', net.globalAveragePool('avgpool', x)), 1000);
  return net;
}
