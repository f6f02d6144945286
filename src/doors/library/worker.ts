/**
 * As much of Systole as runs networks that are known to be sound, in a fifth of a megabyte, for workers in a browser:
 * what `parseHardware`, `parseWorkload` and `parseDram` give can be posted to one. Banked memory and what
 * steps layers cycle by cycle lie in files of their own, which are fetched for the first run that has any.
 */
export { InputError, InternalError } from '../../model/schemas/inputError.ts';
export { closedForm } from './closedForm.ts';
export { run, simulate } from './simulate.ts';
export { VERSION } from './version.ts';
