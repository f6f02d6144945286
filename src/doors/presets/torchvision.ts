/** The preset networks, named as torchvision names them. */
import { parseWorkload, type Workload } from '../../model/schemas/workload.ts';
import { parametersOfGraph, usefulMacsOfGraph } from '../../model/workload/counts.ts';
import { buildGraph } from '../../model/workload/graph.ts';
import { buildDenseNet121, buildGoogLeNet, buildInceptionV3, buildUNet } from './branchedNetworks.ts';
import {
  buildEfficientNetB0,
  buildMnasNet,
  buildMobileNetV2,
  buildMobileNetV3Large,
  buildRegNetY400Mf,
  buildShuffleNetV2,
} from './mobileNetworks.ts';
import type { NetworkBuilder } from './networkBuilder.ts';
import { buildAlexNet, buildSqueezeNet, buildVgg } from './plainNetworks.ts';
import { buildResNet } from './resnets.ts';
import { buildViTB16 } from './transformers.ts';

interface Preset {
  /** What stands in the file's description before "shapes as in torchvision". */
  readonly title: string;
  readonly build: () => NetworkBuilder;
  /** What the description says besides. */
  readonly note?: string;
}

const POOL_IS_IDENTITY = 'its adaptive average pool is the identity at 224x224 and is left out';
const vgg = (depth: 11 | 13 | 16 | 19, hasBatchNorm: boolean): Preset => ({
  title: `VGG${depth}${hasBatchNorm ? ' with batch norms' : ''} for ImageNet`,
  build: () => buildVgg(depth, hasBatchNorm),
  note: POOL_IS_IDENTITY,
});
const resnet = (title: string, options: Parameters<typeof buildResNet>[0]): Preset => ({
  title: `${title} for ImageNet`,
  build: () => buildResNet(options),
  ...(options.kind === 'bottleneck' ? { note: 'the stride sits in the 3x3 convolution' } : {}),
});

/** Every preset of `workloads/` by its name. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  resnet18: resnet('ResNet-18', { blocks: [2, 2, 2, 2], kind: 'basic' }),
  resnet34: resnet('ResNet-34', { blocks: [3, 4, 6, 3], kind: 'basic' }),
  resnet50: resnet('ResNet-50', { blocks: [3, 4, 6, 3], kind: 'bottleneck' }),
  resnet101: resnet('ResNet-101', { blocks: [3, 4, 23, 3], kind: 'bottleneck' }),
  resnet152: resnet('ResNet-152', { blocks: [3, 8, 36, 3], kind: 'bottleneck' }),
  resnext50_32x4d: resnet('ResNeXt-50 (32×4d)', {
    blocks: [3, 4, 6, 3],
    kind: 'bottleneck',
    groups: 32,
    widthPerGroup: 4,
  }),
  wide_resnet50_2: resnet('Wide ResNet-50-2', { blocks: [3, 4, 6, 3], kind: 'bottleneck', widthPerGroup: 128 }),
  vgg11: vgg(11, false),
  vgg11_bn: vgg(11, true),
  vgg13: vgg(13, false),
  vgg13_bn: vgg(13, true),
  vgg16: vgg(16, false),
  vgg16_bn: vgg(16, true),
  vgg19: vgg(19, false),
  vgg19_bn: vgg(19, true),
  alexnet: { title: 'AlexNet for ImageNet', build: buildAlexNet, note: POOL_IS_IDENTITY },
  squeezenet1_1: { title: 'SqueezeNet 1.1 for ImageNet', build: buildSqueezeNet },
  densenet121: { title: 'DenseNet-121 for ImageNet', build: buildDenseNet121 },
  googlenet: { title: 'GoogLeNet for ImageNet', build: buildGoogLeNet, note: 'without the auxiliary classifiers' },
  inception_v3: {
    title: 'Inception v3 for ImageNet (299x299)',
    build: buildInceptionV3,
    note: 'without the auxiliary classifier and its 3,326,696 parameters',
  },
  mobilenet_v2: { title: 'MobileNetV2 for ImageNet', build: buildMobileNetV2 },
  mobilenet_v3_large: { title: 'MobileNetV3 Large for ImageNet', build: buildMobileNetV3Large },
  mnasnet1_0: { title: 'MNASNet 1.0 for ImageNet', build: buildMnasNet },
  shufflenet_v2_x1_0: { title: 'ShuffleNetV2 x1.0 for ImageNet', build: buildShuffleNetV2 },
  efficientnet_b0: { title: 'EfficientNet-B0 for ImageNet', build: buildEfficientNetB0 },
  regnet_y_400mf: { title: 'RegNetY-400MF for ImageNet', build: buildRegNetY400Mf },
  vit_b_16: { title: 'ViT-B/16 for ImageNet', build: buildViTB16 },
  unet: { title: 'A small U-Net (16, 32 and 64 channels, 128x128 images, two classes)', build: buildUNet },
};

/** The workload of a preset, checked as a user's file is, with what it says of its parameters and useful MACs. */
export function presetWorkload(name: string): Workload {
  const { title, build, note } = PRESETS[name]!;
  const { input, layers } = build();
  const source = name === 'unet' ? '' : ', shapes as in torchvision';
  const description = `${title}${source}${note === undefined ? '' : ` (${note})`}`;
  const workload = parseWorkload({ name, description, input: input.shape, layers }, name);
  const graph = buildGraph(workload, name);
  return {
    $schema: './workload.schema.json',
    ...workload,
    parameters: parametersOfGraph(graph),
    macs: usefulMacsOfGraph(graph),
  };
}
