/**
 * As much of Systole as runs networks that are known to be sound, in a quarter of a megabyte, for workers in a browser:
 * what `parseHardware`, `parseWorkload` and `parseDram` give can be posted to one. What steps layers cycle by cycle lies
 * in a second file, which is fetched when such layers are asked for.
 */
export { InputError, InternalError } from '../../model/schemas/inputError.ts';
export { closedForm } from './closedForm.ts';
export { run, simulate } from './simulate.ts';
export { VERSION } from './version.ts';
