/** The DRAM file: read, completed and checked as a whole. */
import { COMMON_CONSTRAINTS } from './commonConstraints.ts';
import { checkAddresses, checkConstraints, checkControl, checkRefresh, type Expect } from './dramChecks.ts';
import { type DramFile, type DramSpec, dramSchema } from './dramSchema.ts';
import { Problems } from './inputError.ts';
import { validate } from './parse.ts';

export type { DramSpec, DramTiming } from './dramSchema.ts';

/** The parameters of the constraints that a file without any has. */
const COMMON_TIMING = ['RCD_RD', 'RCD_WR', 'RP', 'RAS', 'RC', 'WR', 'RTP', 'CCD_S', 'CCD_L', 'RRD_S', 'RRD_L'];
const MORE_COMMON_TIMING = ['WTR_S', 'WTR_L', 'RTW', 'FAW', 'REFI', 'RFC'];

/** A file that states no constraints means the common ones, with HBM's ACT of two cycles. */
function completed(file: DramFile): DramSpec {
  const isHbm = file.commandBus === 'row and column';
  const commandCycles = file.commandCycles ?? (file.constraints === undefined && isHbm ? { ACT: 2 } : {});
  return { ...file, commandCycles, constraints: file.constraints ?? COMMON_CONSTRAINTS };
}

/** Validates a parsed DRAM file; throws an InputError that names everything that is wrong. */
export function parseDram(value: unknown, file: string): DramSpec {
  const given = validate(dramSchema, value, file);
  const problems = new Problems();
  const expect: Expect = (holds, path, found, expected) => {
    if (!holds) problems.add({ file, path, value: found, expected });
  };
  if (given.constraints === undefined) {
    for (const name of [...COMMON_TIMING, ...MORE_COMMON_TIMING]) {
      expect(given.timing[name] !== undefined, `timing.${name}`, undefined, 'a number ≥ 0 (it is missing)');
    }
    problems.throwIfAny();
  }
  const spec = completed(given);
  checkAddresses(spec, expect);
  checkControl(spec, expect);
  checkConstraints(spec, expect);
  problems.throwIfAny();
  checkRefresh(spec, expect);
  problems.throwIfAny();
  return spec;
}
