/** The energy of a run as readable tables: by component, by kind of layer, and the layers that take the most. */
import { componentsOf, type Energy } from '../../model/energy/energy.ts';
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import { printable, shownName } from '../../model/schemas/printable.ts';
import { names, numbers } from './columnFit.ts';
import { change, percent } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import type { EnergyReport, RunReport } from './runReport.ts';
import { wrapped } from './wrapped.ts';

const FIGURES = ['closed form\nmJ', 'simulated\nmJ', 'change', 'share of the\nsimulated'];
const MOST_LAYERS = 10;

function figures(closedForm: number, simulated: number, whole: number): string[] {
  const millijoules = (joules: number): string => (joules * 1e3).toPrecision(4);
  const share = whole === 0 ? 0 : simulated / whole;
  return [millijoules(closedForm), millijoules(simulated), change(closedForm, simulated), percent(share)];
}

function table(title: string, rows: readonly (readonly string[])[], room: number): string {
  return plainTable([names(title), ...FIGURES.map((figure) => numbers(figure))], rows, room);
}

function totalFigures(energy: ByModel<Energy>, whole: number): string[] {
  return figures(energy.closedForm.totalJoules, energy.simulated.totalJoules, whole);
}

/** Where the constants of an energy come from. */
export function energyDataInWords({ name, description }: Pick<EnergyReport, 'name' | 'description'>): string {
  return `energy with the constants "${shownName(name)}": ${printable(description)}`;
}

/** One layer's energy, or a network's, per component and in all. */
export function layerEnergyTable(energy: ByModel<Energy>, room: number): string {
  const whole = energy.simulated.totalJoules;
  const simulated = componentsOf(energy.simulated);
  const components = componentsOf(energy.closedForm).map(({ name, joules }, place) => [
    name,
    ...figures(joules, simulated[place]!.joules, whole),
  ]);
  return table('component', [...components, ['total', ...totalFigures(energy, whole)]], room);
}

/** Energy per component, per kind of layer and of the hungriest layers, then power. */
export function energyTable(report: RunReport, energy: EnergyReport, room: number): string {
  const { all } = energy.totals;
  const whole = all.simulated.totalJoules;
  const kinds = energy.kinds.map((kind) => [`${kind.op} (${kind.layers})`, ...totalFigures(kind, whole)]);
  const hungriest = report.layers
    .map((layer) => ({ name: layer.name, energy: layer.energy! }))
    .sort((a, b) => b.energy.simulated.totalJoules - a.energy.simulated.totalJoules)
    .slice(0, MOST_LAYERS)
    .map((layer) => [shownName(layer.name), ...totalFigures(layer.energy, whole)]);
  const { averageWatts: watts, nonConvShare: share } = energy;
  return [
    wrapped(energyDataInWords(energy), room),
    layerEnergyTable(all, room),
    table('kind of layer', kinds, room),
    table('layers that take the most', hungriest, room),
    [
      `average power: ${watts.closedForm.toPrecision(4)} W by the closed form, ${watts.simulated.toPrecision(4)} W simulated`,
      `non-conv layers: ${percent(share.closedForm)} of the energy by the closed form, ${percent(share.simulated)} simulated (each unit's leakage counts for it in all cycles)`,
      'Energy is that of issued work: what only fills the array, or pads an image, takes it too.',
    ]
      .map((line) => wrapped(line, room))
      .join('\n'),
  ].join('\n\n');
}
