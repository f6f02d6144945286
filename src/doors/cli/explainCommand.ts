/** `systole explain`: why a layer takes what it takes, and what would change it. */

import { Option } from '@commander-js/extra-typings';
import { aloneOf, fitted, fuse } from '../../model/fusion/fuse.ts';
import { FUSIONS, type FusedGroup, type Fusion, nameOfGroup } from '../../model/fusion/groups.ts';
import type { SaLayer, SimdLayer } from '../../model/layers/layer.ts';
import { assumptionNames } from '../../model/schedule/assumptions.ts';
import { layersOf } from '../../model/schedule/fusedSchedule.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { programPath } from '../../studies/criticalPath/networkPath.ts';
import { partOfPath } from '../../studies/criticalPath/pathPart.ts';
import { explainLayer, type Pause, STAGES } from '../../studies/explain/explanation.ts';
import { explainGroup, type GroupSetting } from '../../studies/explain/groupExplanation.ts';
import type { Tried, TriedProgram } from '../../studies/explain/trials.ts';
import { groupData, groupText } from '../../views/report/explainGroup.ts';
import { explainData, explainText } from '../../views/report/explainReport.ts';
import type { ExplainedPath } from '../../views/report/pathReport.ts';
import type { JobProgress } from '../library/drive.ts';
import { layerNamed } from '../library/layerNames.ts';
import { jsonResult } from './jsonResult.ts';
import {
  type LoadedNetwork,
  loadElsewhere,
  loadNetwork,
  type NetworkOptions,
  TABLE_OR_JSON,
  tableOrJson,
} from './networkCommand.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { drive, driveLong } from './progress.ts';
import { retilersOf } from './retilers.ts';
import { runOptions, withEnergy } from './runCommand.ts';
import { NetworkAround } from './surroundings.ts';

/** How far an explanation has come. */
function progressOf({ stage, what, runs, share }: Pause): JobProgress {
  return {
    share: stage / STAGES.length,
    text: `trying ${what}, ${stage + 1} of ${STAGES.length}: run ${runs + 1}, ${Math.floor(100 * share)}% done`,
  };
}

/** The fused group of the layer that is asked for, by the layer's name or its own; undefined where it is in none. */
function fusedGroupOf(
  options: NetworkOptions & { readonly layer: string; readonly fuse?: Fusion | undefined },
  network: LoadedNetwork,
  hardware: Hardware,
): (Pick<GroupSetting, 'apart' | 'retile'> & { readonly group: FusedGroup }) | undefined {
  const { fuse: fusion = 'none' } = options;
  if (fusion === 'none') return undefined;
  const { layers } = network;
  const { groups } = fuse(layers, hardware, fusion);
  const named = [...layers, ...groups.map((each) => ({ name: nameOfGroup(each) }))];
  const { name } = layerNamed(named, options.layer);
  const group = groups.find(
    (each) => nameOfGroup(each) === name || layersOf(each).some((layer) => layer.name === name),
  );
  if (group === undefined) return undefined;
  const retilers = layersOf(group).map((layer) => retilersOf(options, network, layer.name).retile);
  const retile = (other: Hardware): FusedGroup => {
    const [sa, ...members] = retilers.map((tiled) => tiled(other)) as [SaLayer, ...SimdLayer[]];
    const fitting = fitted(
      { ...group, sa, members: group.members.map((member, place) => ({ ...member, layer: members[place]! })) },
      other,
    );
    if (fitting !== undefined) return fitting;
    throw new InputError({ file: '--fuse', path: '', value: fusion, expected: 'a group of which a tile fits VMem' });
  };
  return { group, retile, apart: layers.slice(group.first, group.last + 1) };
}

export function explainCommand() {
  return runOptions('explain', TABLE_OR_JSON)
    .description('say why a layer takes what it takes, and which size or bandwidth would change it')
    .requiredOption('--layer <name>', 'the layer, as `run` names it; of a fused group any of its layers')
    .addOption(
      new Option('--fuse <fusion>', 'the layer in its fused group, if it is in one (default: none)').choices(FUSIONS),
    )
    .action(async (options) => {
      const format = tableOrJson(options.format, options.output);
      const network = await loadNetwork(options);
      const loaded =
        options.energy === undefined ? network.settings : await withEnergy(network.settings, options.energy);
      const { hardware, dram, energy } = loaded;
      checkOutput(options.output);
      const { fuse: fusion = 'none', assume } = options;
      const surroundings = assume.prefetch ? new NetworkAround(options, network, fusion) : undefined;
      const explaining = {
        ...{ hardware, dram, surroundings },
        assumptions: assume,
        fastForward: options.fastForward,
        energy: energy?.constants,
      };
      const pathOptions = { dram, fastForward: options.fastForward, segments: true };
      const settings = { ...loaded, assumptions: assumptionNames(assume), closedFormVariant: options.closedForm };
      const isJson = format === 'json';
      const room = outputColumns(options.output);
      /** The path of a program that runs alone, or of these layers among all. */
      const pathOf = async (alone: TriedProgram, tried: Tried, first: number, last: number): Promise<ExplainedPath> => {
        const program = surroundings?.around(tried, hardware) ?? alone;
        const path = await drive(programPath(program, hardware, assume, pathOptions));
        return surroundings === undefined ? path : partOfPath(path, first, last);
      };
      const fused = fusedGroupOf(options, network, hardware);
      if (fused !== undefined) {
        const { group, apart, retile: ownRetile } = fused;
        const retile = surroundings?.checked(ownRetile) ?? ownRetile;
        const explanation = await driveLong(explainGroup(group, { ...explaining, apart, retile }), progressOf);
        const alone = { layers: layersOf(group), groups: [aloneOf(group)] };
        const path = await pathOf(alone, group, group.first, group.last);
        const shown = isJson
          ? jsonResult(groupData(settings, explanation, path))
          : groupText(settings, explanation, path, room);
        await emit(shown, options.output);
        return;
      }
      const layer = layerNamed(network.layers, options.layer);
      const { retile, generate } = retilersOf(options, network, layer.name);
      const explanation = await driveLong(
        explainLayer(layer, {
          ...explaining,
          ...{ variant: options.closedForm, retile: surroundings?.checked(retile) ?? retile, generate },
          elsewhere: loadElsewhere(options, network).find(({ name }) => name === layer.name),
        }),
        progressOf,
      );
      const place = network.layers.indexOf(layer);
      const path = await pathOf({ layers: [layer], groups: [] }, layer, place, place);
      const result = isJson
        ? jsonResult(explainData(settings, explanation, path))
        : explainText(settings, explanation, path, room);
      await emit(result, options.output);
    });
}
