/**
 * Systole as a library: plain data in, plain data out, in Node, in browsers and in workers. Whatever is wrong with an
 * input is an `InputError`, with the message that the command line prints; nothing is written anywhere.
 */

// 1. Inputs: plain data, checked. In Node `loadHardware`, `loadWorkload`, … read them from presets and files (node.ts).

export type { DramModel } from '../../model/dram/model.ts';
export type { Estimate, Formula, FormulaCode, FormulaOnHardware } from '../../model/formulas/formula.ts';
export type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
export type { EnergyFile } from '../../model/schemas/energy.ts';
export type { Hardware } from '../../model/schemas/hardware.ts';
export type { Workload, WorkloadLayer } from '../../model/schemas/workload.ts';
export type { SweepSpec } from '../../studies/sweep/sweepSpec.ts';
export type { DramChoice } from './dramChoice.ts';
export { formulaOf } from './formula.ts';
export type { DataOrigin, HardwareOrigin, WorkloadOrigin } from './parse.ts';
export { parseDram, parseDramEnergy, parseEnergy, parseFormula, parseHardware, parseWorkload } from './parse.ts';
export { parseSweep } from './parseSweep.ts';

// 2. A network by the closed form, on the machine, by both.

export type { LayerReport, RunReport } from '../../views/report/runReport.ts';
export type { Assume, AssumptionName } from './assume.ts';
export type { ClosedFormLayer, ClosedFormNetwork, ClosedFormOptions } from './closedForm.ts';
export { closedForm } from './closedForm.ts';
export type { MachineOptions, NetworkOptions } from './network.ts';
export type { RunOptions, SimulatedLayer, SimulatedNetwork, SimulateOptions } from './simulate.ts';
export { run, simulate } from './simulate.ts';

// 3. Questions asked of them: where a formula and the machine part, and which hardware is best.

export type { FixedSetting } from '../../studies/sweep/fixedSetting.ts';
export type { CheckedLayer, CheckReport } from '../../views/report/checkReport.ts';
export type { HuntedCase, HuntReport } from '../../views/report/huntReport.ts';
export type { PathReport } from '../../views/report/pathReport.ts';
export type { SweepReport, SweepRow } from '../../views/report/sweepReport.ts';
export type { ValidatedFormula, ValidationReport, WorstLayer } from '../../views/report/validationReport.ts';
export type { CheckOptions } from './check.ts';
export { check } from './check.ts';
export type { CriticalPathOptions } from './criticalPath.ts';
export { criticalPath } from './criticalPath.ts';
export type { HuntOptions } from './hunt.ts';
export { hunt } from './hunt.ts';
export type { SweepParts } from './sweep.ts';
export { sweep } from './sweep.ts';
export type { EvaluatedLayer, EvaluatedNetwork, ValidateOptions } from './validate.ts';
export { evaluateFormula, validate } from './validate.ts';

// 4. Watching and stopping a job, what goes wrong, which version this is.

export type { InputProblem } from '../../model/schemas/inputError.ts';
export { InputError, InternalError } from '../../model/schemas/inputError.ts';
export type { JobOptions, JobProgress, StopSignal } from './drive.ts';
export { VERSION, type Versioned } from './version.ts';
