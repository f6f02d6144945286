/**
 * Where a field begins that will hold fractions or infinity. With a plain 0 V8 lays the object out for small integers,
 * and has to compile all that uses it again when the first other number comes.
 */
export const ZERO = -0;
