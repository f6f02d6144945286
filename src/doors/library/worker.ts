/**
 * As much of Systole as runs networks that are known to be sound, in a sixth of a megabyte, for workers in a browser:
 * what `parseHardware`, `parseWorkload` and `parseDram` give can be posted to one.
 */
export { InputError, InternalError } from '../../model/schemas/inputError.ts';
export { closedForm } from './closedForm.ts';
export { run, simulate } from './simulate.ts';
export { VERSION } from './version.ts';
